/* pki/path_check, path_purpose, strength, policy: the verification of a path. */
#include "path_world.h"

/* ---- constraints ------------------------------------------------------------- */

Test(path, leaf_that_issues)
{
	complete();
	w.ca = w.leaf;
	w.leaf = material_make(
	    &(struct spec){.subject = "below", .issuer = &w.ca, .code = true});
	REFUSED(FINDING_BASIC_CONSTRAINTS);
	cr_assert_eq(w.findings.item[0].certificate, 1);
}

Test(path, authority_that_may_not_sign_certificates)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .extension = {
		"basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign"}});
	REFUSED(FINDING_KEY_USAGE);
}

Test(path, path_length)
{
	struct made below;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .extension = {"basicConstraints=critical,CA:TRUE,pathlen:0",
		"keyUsage=critical,keyCertSign"}});
	VALID();
	below = material_make(
	    &(struct spec){.subject = "below", .issuer = &w.ca, .ca = true});
	pool(below.cert);
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &below, .code = true});
	REFUSED(FINDING_PATH_TOO_LONG);
	cr_assert_eq(w.findings.item[0].certificate, 2);
}

/* RFC 5280 section 6.1.4 l: a new key under the same name costs nothing. */
Test(path, self_issued_does_not_count_for_the_length)
{
	struct made rolled;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .extension = {"basicConstraints=critical,CA:TRUE,pathlen:0",
		"keyUsage=critical,keyCertSign"}});
	rolled = material_make(
	    &(struct spec){.subject = "ca", .issuer = &w.ca, .ca = true});
	pool(rolled.cert);
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &rolled, .code = true});
	VALID();
	cr_assert_eq(w.path.num, 4);
}

Test(path, unknown_critical_extension)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"1.2.3.4=hex:0500"}});
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"1.2.3.4=critical,hex:0500"}});
	REFUSED(FINDING_UNKNOWN_CRITICAL_EXTENSION);
}

Test(path, an_extension_twice)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"extendedKeyUsage=codeSigning"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
	/* of a kind, too, that nobody reads */
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"1.2.3.4=hex:0500", "1.2.3.4=hex:0500"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
}

Test(path, unreadable_basic_constraints)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .extension = {"2.5.29.19=critical,hex:0402beef"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
}

Test(path, name_constraints)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .extension = {"nameConstraints=critical,permitted;DNS:example.test"}});
	complete();
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"subjectAltName=DNS:www.example.test"}});
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"subjectAltName=DNS:www.example.org"}});
	REFUSED(FINDING_NAME_CONSTRAINTS);
}

/* ---- purpose ----------------------------------------------------------------- */

Test(path, leaf_must_list_code_signing)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .extension = {"extendedKeyUsage=serverAuth"}});
	REFUSED(FINDING_WRONG_PURPOSE);
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .extension = {"extendedKeyUsage=anyExtendedKeyUsage"}});
	REFUSED(FINDING_WRONG_PURPOSE);
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .extension = {"keyUsage=digitalSignature"}});
	REFUSED(FINDING_WRONG_PURPOSE);
}

Test(path, leaf_must_be_for_signatures)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .extension = {
		"keyUsage=keyEncipherment", "extendedKeyUsage=codeSigning"}});
	REFUSED(FINDING_KEY_USAGE);
}

Test(path, authority_limited_to_another_purpose)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .extension = {"extendedKeyUsage=serverAuth,clientAuth"}});
	REFUSED(FINDING_WRONG_PURPOSE);
	cr_assert_eq(w.findings.item[0].certificate, 1);
}

/* Not critical: every timestamp signer of Microsoft's before 2021. */
Test(path, timestamping_must_stand_alone)
{
	static const struct {
		const char *eku;
		enum finding_code code;
	} cases[] = {
	    {"extendedKeyUsage=critical,timeStamping", FINDING_OK},
	    {"extendedKeyUsage=timeStamping", FINDING_OK},
	    {"extendedKeyUsage=critical,timeStamping,codeSigning",
		FINDING_WRONG_PURPOSE},
	    {"extendedKeyUsage=critical,timeStamping,1.2.3.4",
		FINDING_WRONG_PURPOSE},
	    {"extendedKeyUsage=critical,codeSigning", FINDING_WRONG_PURPOSE},
	    {"extendedKeyUsage=critical,anyExtendedKeyUsage",
		FINDING_WRONG_PURPOSE},
	};

	complete();
	w.request.purpose = PURPOSE_TIMESTAMPING;
	w.request.capability = CAPABILITY_TIMESTAMPING;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w.leaf = material_make(&(struct spec){.subject = "tsa",
		    .issuer = &w.ca,
		    .extension = {
			"keyUsage=critical,digitalSignature", cases[i].eku}});
		REFUSED(cases[i].code);
	}
}

/* ---- strength ---------------------------------------------------------------- */

Test(path, weak_keys)
{
	EVP_PKEY *rsa = material_key(1024);

	complete();
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .issuer = &w.ca, .code = true, .key = rsa});
	REFUSED(FINDING_WEAK_KEY);
	w.request.allow_weak = true;
	VALID();
	w.request.allow_weak = false;
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .key = EVP_EC_gen("secp224r1")});
	REFUSED(FINDING_WEAK_KEY);
}

Test(path, weak_digests)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .digest = EVP_sha1()});
	REFUSED(FINDING_WEAK_DIGEST);
	w.request.allow_sha1 = true;
	VALID();
	w.ca.key = NULL;
	w.ca = material_make(&(struct spec){.subject = "ca5",
	    .issuer = &w.root,
	    .ca = true,
	    .key = material_key(2048)});
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .issuer = &w.ca, .code = true, .digest = EVP_md5()});
	REFUSED(FINDING_WEAK_DIGEST);
}

/* A root's signature on itself proves nothing, so its digest is no weakness. */
Test(path, root_may_be_self_signed_with_sha1)
{
	w.root = material_make(
	    &(struct spec){.subject = "root", .ca = true, .digest = EVP_sha1()});
	VALID();
}

Test(path, curve_spelled_out)
{
	EVP_PKEY *key = material_key(0);

	cr_assert_eq(
	    EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
	complete();
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .issuer = &w.ca, .code = true, .key = key});
	REFUSED(FINDING_EXPLICIT_CURVE);
}

/* ---- policies ---------------------------------------------------------------- */

static void
policies(const char *ca1, const char *ca2, const char *leaf)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .extension = {ca1, ca2}});
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .issuer = &w.ca, .code = true, .extension = {leaf}});
}

static bool
holds(const char *policy)
{
	for (size_t i = 0; i < w.path.num_policies; i++)
		if (strcmp(w.path.policy[i], policy) == 0)
			return true;
	return false;
}

Test(path, policy_under_any_policy)
{
	policies("certificatePolicies=2.5.29.32.0", NULL,
	    "certificatePolicies=1.2.3,1.2.4");
	VALID();
	cr_assert(holds("1.2.3") && holds("1.2.4") && w.path.num_policies == 2);
}

Test(path, policy_that_the_issuer_does_not_have)
{
	policies("certificatePolicies=1.2.3", NULL, "certificatePolicies=1.2.4");
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}

Test(path, any_policy_of_the_leaf_is_its_issuers)
{
	policies("certificatePolicies=1.2.3,1.2.4", NULL,
	    "certificatePolicies=1.2.4,2.5.29.32.0");
	VALID();
	cr_assert(holds("1.2.3") && holds("1.2.4") && w.path.num_policies == 2);
}

/* The leniency that policy.h describes, and its limits. */
Test(path, authority_without_policies_limits_nothing)
{
	policies(NULL, NULL, "certificatePolicies=1.2.3");
	VALID();
	cr_assert(holds("1.2.3"));
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}

Test(path, policy_is_told_in_the_roots_terms)
{
	policies("certificatePolicies=1.2.3", "policyMappings=1.2.3:1.5.6",
	    "certificatePolicies=1.5.6");
	VALID();
	cr_assert(holds("1.2.3") && w.path.num_policies == 1);
	policies("certificatePolicies=1.2.3", "policyMappings=1.2.3:1.5.6",
	    "certificatePolicies=1.2.3");
	path_clear(&w.path);
	certificates_clear(&w.pool);
	trust_free(&w.store);
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}

Test(path, required_policy_that_nobody_has)
{
	policies("certificatePolicies=1.2.3",
	    "policyConstraints=critical,requireExplicitPolicy:0",
	    "certificatePolicies=1.2.4");
	REFUSED(FINDING_POLICY_REQUIRED);
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"certificatePolicies=1.2.3"}});
	VALID();
}

Test(path, required_policy_is_read_without_leniency)
{
	policies("policyConstraints=critical,requireExplicitPolicy:0", NULL,
	    "certificatePolicies=1.2.3");
	REFUSED(FINDING_POLICY_REQUIRED);
}

Test(path, inhibited_any_policy)
{
	policies("certificatePolicies=1.2.3", "inhibitAnyPolicy=critical,0",
	    "certificatePolicies=2.5.29.32.0");
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}
