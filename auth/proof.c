/*
 * Reads what a child said about a signature.  The child has read a stranger's
 * file: its words have the right form or they are dropped.
 */
#include "auth/proof.h"

#include <jansson.h>
#include <stdlib.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "pki/certificate.h"

/* A string member into room bytes, cut at a character's boundary; absent and
 * null are "". False for another type. */
static bool
take_text(char *out, size_t room, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	size_t len;

	out[0] = '\0';
	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_string(v))
		return false;
	len = json_string_length(v);
	if (len >= room) {
		len = room - 1;
		while (
		    len > 0 && ((uint8_t)json_string_value(v)[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, json_string_value(v), len);
	out[len] = '\0';
	return true;
}

static bool
known_kind(const char *kind)
{
	return strcmp(kind, "subscriber") == 0 ||
	    strcmp(kind, "registration") == 0 || strcmp(kind, "key") == 0;
}

static bool
identities_read(struct proof_signer *out, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		struct proof_identity *id = &out->identity[out->num_identities];
		const char *value =
		    json_string_value(json_object_get(item, "value"));

		/* A value that was cut would be another's. */
		if (out->num_identities == PROOF_MAX_IDENTITIES || value == NULL ||
		    value[0] == '\0' || strlen(value) >= sizeof(id->value) ||
		    !take_text(id->kind, sizeof(id->kind), item, "kind") ||
		    !take_text(id->value, sizeof(id->value), item, "value") ||
		    !take_text(id->display, sizeof(id->display), item, "display") ||
		    !known_kind(id->kind))
			return false;
		out->num_identities++;
	}
	return true;
}

static bool
certificate_read(struct proof_signer *out, const json_t *o)
{
	const char *der = json_string_value(json_object_get(o, "der"));
	uint8_t digest[32];

	if (der == NULL || !text_unbase64(&out->der, der, strlen(der)) ||
	    !buf_ok(&out->der) || out->der.len == 0 ||
	    EVP_Digest(
		out->der.data, out->der.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return false;
	text_hex(out->sha256, digest, sizeof(digest));
	if (!take_text(out->subject, sizeof(out->subject), o, "subject") ||
	    !take_text(out->issuer, sizeof(out->issuer), o, "issuer") ||
	    !take_text(
		out->common_name, sizeof(out->common_name), o, "common_name") ||
	    !take_text(
		out->organisation, sizeof(out->organisation), o, "organisation") ||
	    !take_text(out->serial, sizeof(out->serial), o, "serial") ||
	    !take_text(
		out->spki_sha256, sizeof(out->spki_sha256), o, "spki_sha256") ||
	    !text_unhex(digest, sizeof(digest), out->spki_sha256))
		return false;
	out->not_before = json_integer_value(json_object_get(o, "not_before"));
	out->not_after = json_integer_value(json_object_get(o, "not_after"));
	out->self_signed = json_is_true(json_object_get(o, "self_signed"));
	out->present = true;
	return true;
}

bool
proof_signer_read(struct proof_signer *out, const void *object)
{
	const json_t *signer = json_object_get(object, "signer");

	memset(out, 0, sizeof(*out));
	buf_init(&out->der, CERTIFICATE_MAX_LEN);
	if (signer == NULL || json_is_null(signer))
		return true;
	return certificate_read(out, signer) &&
	    identities_read(out, json_object_get(object, "identities"));
}

void
proof_signer_free(struct proof_signer *s)
{
	buf_free(&s->der);
}

size_t
proof_urls_read(char *out[PROOF_MAX_URLS], const void *object, const char *key)
{
	const json_t *item;
	size_t i, num = 0;

	json_array_foreach(json_object_get(object, key), i, item)
	{
		const char *url = json_string_value(item);

		if (url == NULL || strlen(url) > 1024 || num == PROOF_MAX_URLS)
			continue;
		if ((out[num] = strdup(url)) != NULL)
			num++;
	}
	return num;
}

bool
proof_read(struct proof *out, struct bytes answer)
{
	json_t *o = NULL;
	bool ok = false;

	memset(out, 0, sizeof(*out));
	if (answer.len <= PROOF_MAX_ANSWER)
		o = json_loadb((const char *)answer.p, answer.len,
		    JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o) || !proof_signer_read(&out->signer, o) ||
	    !take_text(out->reason, sizeof(out->reason), o, "reason") ||
	    !json_is_object(json_object_get(o, "result")))
		goto out;
	out->accepted = json_is_true(json_object_get(o, "accepted"));
	/* accepted says: somebody, with something to know him by */
	if (out->accepted &&
	    (!out->signer.present || out->signer.num_identities == 0))
		goto out;
	if (!out->accepted && out->reason[0] == '\0')
		goto out;
	out->num_wanted = proof_urls_read(out->wanted, o, "wanted");
	out->num_used = proof_urls_read(out->used, o, "used");
	out->result = json_dumps(json_object_get(o, "result"), JSON_COMPACT);
	ok = out->result != NULL;
out:
	json_decref(o);
	if (!ok)
		out->accepted = false;
	return ok;
}

void
proof_free(struct proof *p)
{
	proof_signer_free(&p->signer);
	free(p->result);
	for (size_t i = 0; i < p->num_wanted; i++)
		free(p->wanted[i]);
	for (size_t i = 0; i < p->num_used; i++)
		free(p->used[i]);
	memset(p, 0, sizeof(*p));
}

const char *
proof_identity_assurance(
    const struct proof_signer *s, const struct proof_identity *id)
{
	if (strcmp(id->kind, "registration") == 0)
		return "registration";
	if (strncmp(id->value, "self-signed:", 12) == 0 || s->self_signed)
		return "key";
	return s->organisation[0] != '\0' ? "organisation" : "key";
}

const char *
proof_assurance(const struct proof_signer *s)
{
	if (s->num_identities == 0)
		return "claimed";
	return proof_identity_assurance(s, &s->identity[0]);
}

const char *
proof_name(const struct proof_signer *s)
{
	if (!s->self_signed && s->organisation[0] != '\0')
		return s->organisation;
	return s->common_name[0] != '\0' ? s->common_name : s->subject;
}
