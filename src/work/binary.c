/*
 * Reads TASK_BINARY's answer, and judges whose file it is.
 */
#include "work/binary.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"

/* A string that fits whole, or "" for null; false for anything else. */
static bool
take(char *out, size_t room, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	out[0] = '\0';
	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) >= room)
		return false;
	memcpy(out, json_string_value(v), json_string_length(v) + 1);
	return true;
}

static void
upper(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'a' && *s <= 'z')
			*s = (char)(*s - 'a' + 'A');
}

static bool
signature_read(struct binary_signature *s, const json_t *o)
{
	const json_t *at = json_object_get(o, "signed_at");
	char verdict[16];

	s->nested = json_is_true(json_object_get(o, "nested"));
	if (!take(verdict, sizeof(verdict), o, "verdict") ||
	    !take(s->reason, sizeof(s->reason), o, "reason") ||
	    !take(s->timestamp, sizeof(s->timestamp), o, "timestamp") ||
	    !proof_signer_read(&s->signer, o))
		return false;
	s->has_time = json_is_integer(at);
	s->signed_at = json_integer_value(at);
	/* genuine says: by somebody, with something to know him by */
	s->genuine = strcmp(verdict, "genuine") == 0 && s->signer.present &&
	    s->signer.num_identities > 0;
	return s->genuine || s->reason[0] != '\0';
}

static bool
file_read(struct binary *out, const json_t *o)
{
	const json_t *signature = json_object_get(o, "signature"), *item;
	uint8_t raw[32];
	size_t i;

	if (!take(out->code_id, sizeof(out->code_id), o, "code_id") ||
	    !take(out->debug_id, sizeof(out->debug_id), o, "debug_id") ||
	    !take(out->version, sizeof(out->version), o, "version") ||
	    !take(out->stripped, sizeof(out->stripped), o, "stripped") ||
	    !text_unhex(raw, sizeof(raw), out->stripped) ||
	    out->code_id[0] == '\0' ||
	    !take(out->verdict, sizeof(out->verdict), signature, "verdict") ||
	    !take(out->reason, sizeof(out->reason), signature, "reason"))
		return false;
	upper(out->code_id);
	upper(out->debug_id);
	if (strcmp(out->verdict, "genuine") != 0 &&
	    strcmp(out->verdict, "unsigned") != 0 &&
	    strcmp(out->verdict, "refused") != 0)
		return false;
	json_array_foreach(json_object_get(o, "signatures"), i, item)
	{
		if (out->num_signatures == BINARY_MAX_SIGNATURES)
			return false;
		if (!signature_read(&out->signatures[out->num_signatures++], item))
			return false;
	}
	out->signature = json_dumps(signature, JSON_COMPACT);
	return out->signature != NULL;
}

bool
binary_read(struct binary *out, struct bytes answer)
{
	json_t *o = json_loadb((const char *)answer.p, answer.len, 0, NULL);
	bool ok = json_is_object(o);

	memset(out, 0, sizeof(*out));
	out->pe = json_is_true(json_object_get(o, "pe"));
	if (ok && out->pe)
		ok = file_read(out, o);
	if (ok) {
		out->num_wanted = proof_urls_read(out->wanted, o, "wanted");
		out->num_used = proof_urls_read(out->used, o, "used");
	}
	json_decref(o);
	return ok;
}

void
binary_free(struct binary *b)
{
	free(b->signature);
	for (size_t i = 0; i < b->num_signatures; i++)
		proof_signer_free(&b->signatures[i].signer);
	for (size_t i = 0; i < b->num_wanted; i++)
		free(b->wanted[i]);
	for (size_t i = 0; i < b->num_used; i++)
		free(b->used[i]);
	memset(b, 0, sizeof(*b));
}

static int
first_genuine(const struct binary *b, bool nested, bool shared)
{
	for (size_t i = 0; i < b->num_signatures; i++)
		if (b->signatures[i].genuine && b->signatures[i].nested == nested &&
		    b->signatures[i].shared == shared)
			return (int)i;
	return -1;
}

struct binary_standing
binary_judge(const struct binary *b)
{
	int outer = first_genuine(b, false, false);
	int nested = first_genuine(b, true, false);
	bool shared = first_genuine(b, false, true) >= 0;

	if (strcmp(b->verdict, "genuine") != 0)
		return (struct binary_standing){
		    -1, "unowned", "no genuine signature"};
	if (outer >= 0)
		return (struct binary_standing){outer, "firm", "operator's import"};
	/* A nested signature is not covered by the outer one: anybody can add
	 * his own below a publisher who signs for others. */
	if (nested >= 0 && shared)
		return (struct binary_standing){
		    nested, "provisional", "nested below a shared signer"};
	if (nested >= 0)
		return (struct binary_standing){
		    nested, "firm", "operator's import, nested signature"};
	return (struct binary_standing){
	    -1, "unowned", "signed by a shared signer only"};
}
