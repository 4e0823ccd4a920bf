/* The identities of a signer, strongest first; see identity.h. */
#include "pki/identity.h"

#include <stdio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/text.h"
#include "pki/name.h"
#include "pki/registration.h"

/* Microsoft's arc for subscribers of its identity verification service; what
 * lies below it with 1 next are markers that everybody there shares. */
static const char subscriber_arc[] = "1.3.6.1.4.1.311.97.";

/* The CA/Browser Forum's policy for EV code signing (Baseline Requirements for
 * code signing, section 7.1.6.1). */
static const char ev_code_signing[] = "2.23.140.1.3";

/* A value that does not fit is no value: cut, it could be somebody else's. */
static void
add(struct identities *out, enum identity_kind kind, const char *value,
    const char *display)
{
	struct identity *item = &out->item[out->num];

	if (out->num == IDENTITIES_MAX || strlen(value) >= sizeof(item->value))
		return;
	item->kind = kind;
	snprintf(item->value, sizeof(item->value), "%s", value);
	snprintf(item->display, sizeof(item->display), "%s", display);
	out->num++;
}

static const char *
owner_name(const struct certificate *leaf)
{
	return leaf->organisation != NULL ? leaf->organisation : leaf->common_name;
}

/* ---- subscriber ------------------------------------------------------------ */

/* Four arcs a.b.c.d, a other than 1, below the arc for subscribers. */
static bool
is_subscriber_oid(const char *oid)
{
	const char *rest = oid + sizeof(subscriber_arc) - 1;
	unsigned dots = 0;

	if (strncmp(oid, subscriber_arc, sizeof(subscriber_arc) - 1) != 0)
		return false;
	if (strncmp(rest, "1.", 2) == 0)
		return false;
	for (const char *p = rest; *p != '\0'; p++)
		dots += *p == '.';
	return dots == 3;
}

static bool
issuing_key_listed(const struct path *path)
{
	const struct trust_root *root = path->root;

	if (root->num_issuing_keys == 0)
		return true;
	for (size_t i = 0; path->num > 1 && i < root->num_issuing_keys; i++)
		if (memcmp(root->issuing_key[i], path->cert[1]->spki_sha256,
			sizeof(root->issuing_key[i])) == 0)
			return true;
	return false;
}

static void
add_subscriber(
    struct identities *out, const struct path *path, const struct certificate *leaf)
{
	EXTENDED_KEY_USAGE *eku;
	char value[IDENTITY_VALUE_MAX] = "";
	unsigned found = 0;

	if (!issuing_key_listed(path))
		return;
	eku = X509_get_ext_d2i(leaf->x509, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
		char oid[IDENTITY_VALUE_MAX];
		int n =
		    OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(eku, i), 1);

		/* one that is cut could be a second candidate */
		if (n >= (int)sizeof(oid))
			found = 2;
		if (n <= 0 || n >= (int)sizeof(oid) || !is_subscriber_oid(oid))
			continue;
		memcpy(value, oid, sizeof(value));
		found++;
	}
	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
	ERR_clear_error();
	if (found == 1)
		add(out, IDENTITY_SUBSCRIBER, value, owner_name(leaf));
}

/* ---- registration ---------------------------------------------------------- */

static bool
accepts_policy(const struct trust_root *root, const char *policy)
{
	if (root->num_policies == 0)
		return strcmp(policy, ev_code_signing) == 0;
	for (size_t i = 0; i < root->num_policies; i++)
		if (strcmp(root->policy[i], policy) == 0)
			return true;
	return false;
}

static bool
holds_accepted_policy(const struct path *path)
{
	for (size_t i = 0; i < path->num_policies; i++)
		if (accepts_policy(path->root, path->policy[i]))
			return true;
	return false;
}

static void
add_registration(
    struct identities *out, const struct path *path, const struct certificate *leaf)
{
	struct buf value;

	if (!holds_accepted_policy(path))
		return;
	buf_init(&value, 0);
	if (registration_of(&value, leaf))
		add(out, IDENTITY_REGISTRATION, buf_str(&value), owner_name(leaf));
	buf_free(&value);
}

/* ---- key and organisation --------------------------------------------------- */

static void
add_key(
    struct identities *out, const struct path *path, const struct certificate *leaf)
{
	static const char self[] = "self-signed:";
	char value[sizeof(self) + 2 * sizeof(leaf->spki_sha256)] = "";
	size_t at = 0;

	if (!path->valid && leaf->self_signed) {
		memcpy(value, self, sizeof(self));
		at = sizeof(self) - 1;
	}
	text_hex(value + at, leaf->spki_sha256, sizeof(leaf->spki_sha256));
	add(out, IDENTITY_KEY, value, leaf->common_name);
}

/* "O=Contoso Ltd, L=Reading, C=GB", made visible. */
static void
add_organisation(struct identities *out, const struct certificate *leaf)
{
	static const struct {
		int nid;
		const char *text;
	} parts[] = {
	    {NID_organizationName, "O="},
	    {NID_localityName, ", L="},
	    {NID_stateOrProvinceName, ", ST="},
	    {NID_countryName, ", C="},
	};
	const X509_NAME *name = X509_get_subject_name(leaf->x509);
	struct buf raw, shown;

	if (leaf->organisation == NULL)
		return;
	buf_init(&raw, 0);
	buf_init(&shown, 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (name_count(name, parts[i].nid) == 0)
			continue;
		buf_puts(&raw, parts[i].text);
		name_attribute(&raw, name, parts[i].nid);
	}
	text_visible(&shown, bytes_of(raw.data, raw.len));
	if (buf_ok(&raw) && buf_ok(&shown))
		add(out, IDENTITY_ORGANISATION, buf_str(&shown),
		    leaf->organisation);
	buf_free(&raw);
	buf_free(&shown);
}

void
identity_of(
    struct identities *out, const struct path *path, const struct certificate *leaf)
{
	unsigned caps =
	    path->valid && path->root != NULL ? path->root->capabilities : 0;

	memset(out, 0, sizeof(*out));
	if ((caps & CAPABILITY_SUBSCRIBER) != 0)
		add_subscriber(out, path, leaf);
	if ((caps & CAPABILITY_REGISTRATION) != 0)
		add_registration(out, path, leaf);
	add_key(out, path, leaf);
	/* what nobody has checked is not even a suggestion */
	if (path->valid)
		add_organisation(out, leaf);
}

const char *
identity_kind_text(enum identity_kind kind)
{
	static const char *const text[] = {
	    [IDENTITY_SUBSCRIBER] = "subscriber",
	    [IDENTITY_REGISTRATION] = "registration",
	    [IDENTITY_KEY] = "key",
	    [IDENTITY_ORGANISATION] = "organisation",
	};

	return text[kind];
}
