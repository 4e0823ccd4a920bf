/* pki/identity, pki/registration: whose signature is it? */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "material.h"
#include "pki/identity.h"
#include "pki/registration.h"

static struct trust_store store;
static struct certificates pool;
static struct path path;
static struct findings findings;
static struct identities ids;

static const char *
value(enum identity_kind kind)
{
	for (size_t i = 0; i < ids.num; i++)
		if (ids.item[i].kind == kind)
			return ids.item[i].value;
	return NULL;
}

static void
trust(const char *file, unsigned capabilities)
{
	struct certificate *c = material_certificate(file);

	cr_assert_not_null(trust_add(&store, c, capabilities));
	certificate_free(c);
}

/* Builds the path of a chain file's first certificate and asks whose it is. */
static enum finding_code
ask(const char *chain, int64_t at)
{
	struct path_request r = {.pool = &pool,
	    .roots = &store,
	    .at = at,
	    .capability = CAPABILITY_BINARIES,
	    .purpose = PURPOSE_CODE_SIGNING};

	path_clear(&path);
	certificates_clear(&pool);
	findings.num = 0;
	material_add_all(&pool, chain, SOURCE_EMBEDDED);
	r.leaf = pool.item[0].cert;
	path_build(&path, &findings, &r);
	identity_of(&ids, &path, r.leaf);
	return finding_reason(&findings);
}

static enum finding_code
ask_pki(const char *name)
{
	return ask(material_path(name), MATERIAL_NOW);
}

Test(identity, registration_needs_the_capability)
{
	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	cr_assert_eq(ask_pki("ev.chain.pem"), FINDING_OK);
	cr_assert_eq(ids.num, 3);
	cr_assert_eq(ids.item[0].kind, IDENTITY_REGISTRATION);
	cr_assert_str_eq(ids.item[0].value, "us/delaware//5157550");
	cr_assert_str_eq(ids.item[0].display, "Birch Metering, Inc.");
	cr_assert_eq(ids.item[1].kind, IDENTITY_KEY);
	cr_assert_eq(strlen(ids.item[1].value), 64);
	cr_assert_str_eq(value(IDENTITY_ORGANISATION),
	    "O=Birch Metering, Inc., L=Portland, ST=Oregon, C=US");
	store.root[0].capabilities = CAPABILITY_ALL & ~CAPABILITY_REGISTRATION;
	cr_assert_eq(ask_pki("ev.chain.pem"), FINDING_OK);
	cr_assert_null(value(IDENTITY_REGISTRATION));
	cr_assert_not_null(value(IDENTITY_KEY));
}

Test(identity, registration_needs_an_accepted_policy)
{
	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	cr_assert_eq(ask_pki("ev-limited.chain.pem"), FINDING_OK);
	cr_assert_null(value(IDENTITY_REGISTRATION), "its issuer may not issue EV");
	cr_assert_eq(ask_pki("ev.chain.pem"), FINDING_OK);
	snprintf(path.policy[0], sizeof(path.policy[0]), "2.23.140.1.4.1");
	identity_of(&ids, &path, path.cert[0]);
	cr_assert_null(
	    value(IDENTITY_REGISTRATION), "a policy without such checks");
	store.root[0].policy[store.root[0].num_policies++] =
	    strdup("2.16.840.1.114412.3.2");
	cr_assert_eq(ask_pki("ev.chain.pem"), FINDING_OK);
	cr_assert_null(value(IDENTITY_REGISTRATION), "another policy is listed");
	store.root[0].policy[store.root[0].num_policies++] = strdup("2.23.140.1.3");
	cr_assert_eq(ask_pki("ev.chain.pem"), FINDING_OK);
	cr_assert_not_null(value(IDENTITY_REGISTRATION));
}

Test(identity, a_date_is_no_registration)
{
	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	cr_assert_eq(ask_pki("ev-date.chain.pem"), FINDING_OK);
	cr_assert_null(value(IDENTITY_REGISTRATION));
}

Test(identity, organisation_checked_is_key_and_suggestion)
{
	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	cr_assert_eq(ask_pki("ov.chain.pem"), FINDING_OK);
	cr_assert_eq(path.num, 4);
	cr_assert_eq(ids.num, 2);
	cr_assert_eq(ids.item[0].kind, IDENTITY_KEY);
	cr_assert_eq(ids.item[1].kind, IDENTITY_ORGANISATION);
}

/* The same key in two certificates is one identity. */
Test(identity, key_outlives_its_certificate)
{
	char before[IDENTITY_VALUE_MAX];

	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	ask_pki("ov.chain.pem");
	snprintf(before, sizeof(before), "%s", value(IDENTITY_KEY));
	ask_pki("ov-renewed.chain.pem");
	cr_assert_str_eq(value(IDENTITY_KEY), before);
}

Test(identity, self_signed_key_is_marked)
{
	trust(material_path("root-a.pem"), CAPABILITY_ALL);
	cr_assert_eq(ask_pki("self.chain.pem"), FINDING_SELF_SIGNED);
	cr_assert_eq(ids.num, 1);
	cr_assert_eq(strncmp(ids.item[0].value, "self-signed:", 12), 0);
	cr_assert_eq(strlen(ids.item[0].value), 12 + 64);
	/* the same names below a root that nobody accepts: the key alone */
	cr_assert_eq(
	    ask_pki("unknown.chain.pem"), FINDING_SIGNATURE_DOES_NOT_MATCH);
	cr_assert_eq(ids.num, 1);
	cr_assert_eq(strlen(ids.item[0].value), 64);
}

Test(identity, subscriber_needs_capability_and_issuing_key)
{
	struct certificate *ca = material_certificate(material_path("ca-b.pem"));
	struct trust_root *root;

	trust(material_path("root-b.pem"), CAPABILITY_ALL & ~CAPABILITY_SUBSCRIBER);
	cr_assert_eq(ask_pki("subscriber.chain.pem"), FINDING_OK);
	cr_assert_null(value(IDENTITY_SUBSCRIBER));
	root = &store.root[0];
	root->capabilities |= CAPABILITY_SUBSCRIBER;
	ask_pki("subscriber.chain.pem");
	cr_assert_eq(ids.item[0].kind, IDENTITY_SUBSCRIBER);
	cr_assert_str_eq(ids.item[0].value, "1.3.6.1.4.1.311.97.11.22.33.44");
	cr_assert_str_eq(ids.item[0].display, "Cedar Synthesis");
	root->num_issuing_keys = 1;
	ask_pki("subscriber.chain.pem");
	cr_assert_null(value(IDENTITY_SUBSCRIBER), "its issuer is not listed");
	memcpy(root->issuing_key[0], ca->spki_sha256, 32);
	ask_pki("subscriber.chain.pem");
	cr_assert_not_null(value(IDENTITY_SUBSCRIBER));
}

Test(identity, subscriber_is_exactly_one_with_four_arcs)
{
	static const struct {
		const char *eku, *value;
	} cases[] = {
	    {"1.3.6.1.4.1.311.97.1.0", NULL},
	    {"1.3.6.1.4.1.311.97.1.2.3.4", NULL},
	    {"1.3.6.1.4.1.311.97.10.2.3.4", "1.3.6.1.4.1.311.97.10.2.3.4"},
	    {"1.3.6.1.4.1.311.97.10.2.3", NULL},
	    {"1.3.6.1.4.1.311.97.10.2.3.4.5", NULL},
	    {"1.3.6.1.4.1.311.97.10.2.3.4,1.3.6.1.4.1.311.97.10.2.3.5", NULL},
	    {"1.3.6.1.4.1.311.970.10.2.3.4", NULL},
	};
	struct made root =
	    material_make(&(struct spec){.subject = "root", .ca = true});
	struct path p = {.valid = true, .num = 2};

	trust_add(&store, root.cert, CAPABILITY_ALL);
	p.root = &store.root[0];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char eku[256];
		struct made leaf;

		snprintf(eku, sizeof(eku), "extendedKeyUsage=codeSigning,%s",
		    cases[i].eku);
		leaf = material_make(&(struct spec){
		    .subject = "leaf", .issuer = &root, .extension = {eku}});
		p.cert[0] = leaf.cert;
		p.cert[1] = root.cert;
		identity_of(&ids, &p, leaf.cert);
		if (cases[i].value != NULL)
			cr_assert_str_eq(
			    value(IDENTITY_SUBSCRIBER), cases[i].value);
		else
			cr_assert_null(
			    value(IDENTITY_SUBSCRIBER), "%s", cases[i].eku);
	}
}

/* ---- registration ------------------------------------------------------------ */

Test(registration, numbers_and_dates)
{
	static const char *const numbers[] = {"5157550", "05417676", "hrb 12345",
	    "che-109.322.551", "91110000802100433b", "1-2-3", "0100-01-008846",
	    "99999999", "j 12/3456/7", "600413485"};
	static const char *const dates[] = {"2011-04-05", "5.4.2011", "04/05/2011",
	    "04/05/11", "20110405", "05042011", "april 5, 2011", "5. oktober 2011",
	    "2011 april 5", "2011-04-05t00:00:00z",
	    "2011\xe5\xb9\xb4"
	    "4\xe6\x9c\x88"
	    "5\xe6\x97\xa5",
	    "government entity", "", "-"};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		cr_assert(registration_number_is_unique(
			      bytes_of(numbers[i], strlen(numbers[i]))),
		    "%s", numbers[i]);
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		cr_assert_not(registration_number_is_unique(
				  bytes_of(dates[i], strlen(dates[i]))),
		    "%s", dates[i]);
}

struct attribute {
	int nid;
	const char *value;
};

/* registration_of() a certificate that has these attributes and no others. */
static const char *
registration(const struct attribute *a)
{
	static struct buf b;
	struct certificate c = {.x509 = X509_new()};
	X509_NAME *name = X509_get_subject_name(c.x509);
	bool found;

	for (; a->nid != 0; a++)
		cr_assert(X509_NAME_add_entry_by_NID(name, a->nid, MBSTRING_UTF8,
			      (const uint8_t *)a->value, -1, -1, 0),
		    "%s", a->value);
	buf_free(&b);
	found = registration_of(&b, &c);
	X509_free(c.x509);
	return found ? buf_str(&b) : NULL;
}
#define REGISTRATION(...) \
	registration((const struct attribute[]){__VA_ARGS__, {0, NULL}})
#define CATEGORY                                             \
	{                                                    \
		NID_businessCategory, "Private Organization" \
	}
#define COUNTRY                                   \
	{                                         \
		NID_jurisdictionCountryName, "US" \
	}
#define STATE(s)                                       \
	{                                              \
		NID_jurisdictionStateOrProvinceName, s \
	}
#define LOCALITY(s)                             \
	{                                       \
		NID_jurisdictionLocalityName, s \
	}
#define NUMBER(s)                   \
	{                           \
		NID_serialNumber, s \
	}

Test(registration, is_normalised)
{
	cr_assert_str_eq(REGISTRATION(CATEGORY, COUNTRY, STATE(" NEW   York"),
			     LOCALITY("X"), NUMBER("HRB 1A")),
	    "us/new york/x/hrb 1a");
	cr_assert_str_eq(
	    REGISTRATION(CATEGORY, COUNTRY, NUMBER("123")), "us///123");
}

/* What stands in one field must not look like two. */
Test(registration, separators_are_escaped)
{
	cr_assert_str_eq(REGISTRATION(CATEGORY, COUNTRY, STATE("a/b"), NUMBER("1")),
	    "us/a\\/b//1");
	cr_assert_str_eq(REGISTRATION(CATEGORY, COUNTRY, STATE("a\\"),
			     LOCALITY("b"), NUMBER("1")),
	    "us/a\\\\/b/1");
}

Test(registration, wants_all_that_makes_it_one)
{
	cr_assert_null(REGISTRATION(COUNTRY, NUMBER("123")), "no category");
	cr_assert_null(REGISTRATION(CATEGORY, NUMBER("123")), "no country");
	cr_assert_null(REGISTRATION(CATEGORY, COUNTRY), "no number");
	cr_assert_null(
	    REGISTRATION(CATEGORY, COUNTRY, NUMBER("123"), NUMBER("124")),
	    "two numbers");
	cr_assert_null(
	    REGISTRATION(CATEGORY, COUNTRY, STATE("x\xe2\x80\x8b"), NUMBER("123")),
	    "invisible");
	cr_assert_null(REGISTRATION(CATEGORY, COUNTRY, NUMBER("none")), "no digit");
}

Test(registration, organisation_identifier)
{
	cr_assert_str_eq(
	    REGISTRATION({NID_organizationIdentifier, "NTRGB-05417676"}),
	    "ntrgb-05417676");
	cr_assert_str_eq(
	    REGISTRATION({NID_organizationIdentifier, "a/b/c/1"}), "a\\/b\\/c\\/1");
	cr_assert_null(REGISTRATION({NID_organizationIdentifier, "GOVDE-X"}));
	cr_assert_str_eq(REGISTRATION(CATEGORY, COUNTRY, NUMBER("7"),
			     {NID_organizationIdentifier, "NTRUS-7"}),
	    "us///7");
}
