/* pki/path: the search and the strict verification, on made certificates. */
#include <criterion/criterion.h>

#include "material.h"

/* One root, one intermediate, one leaf; each test spoils one thing. */
struct world {
	struct made root, ca, leaf;
	struct certificates pool;
	struct trust_store store;
	struct path_request request;
	struct path path;
	struct findings findings;
};

static struct world w;

static void
pool(struct certificate *c)
{
	cr_assert(certificates_add(&w.pool, c, SOURCE_EMBEDDED, NULL));
}

/* Makes what is not there yet, and trusts the root. */
static void
complete(void)
{
	if (w.root.cert == NULL)
		w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	if (w.ca.cert == NULL)
		w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	if (w.leaf.cert == NULL)
		w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	if (w.store.num == 0)
		cr_assert_not_null(trust_add(&w.store, w.root.cert, CAPABILITY_ALL));
	pool(w.ca.cert);
	w.request.leaf = w.leaf.cert;
	w.request.pool = &w.pool;
	w.request.roots = &w.store;
	if (w.request.capability == 0)
		w.request.capability = CAPABILITY_BINARIES;
	if (w.request.at == 0)
		w.request.at = MATERIAL_NOW;
	if (w.request.purpose == PURPOSE_ANY)
		w.request.purpose = PURPOSE_CODE_SIGNING;
}

static enum finding_code
reason(void)
{
	bool valid;

	complete();
	path_clear(&w.path);
	w.findings.num = 0;
	valid = path_build(&w.path, &w.findings, &w.request);
	cr_assert_eq(valid, w.path.valid);
	cr_assert_eq(valid, w.path.root != NULL);
	cr_assert_eq(valid, finding_reason(&w.findings) == FINDING_OK);
	return finding_reason(&w.findings);
}

#define REFUSED(code) \
	do { \
		enum finding_code got = reason(); \
		cr_assert_eq(got, code, "%s: %s", finding_text(got) != NULL ? finding_text(got) : "valid", \
		    w.findings.num > 0 ? w.findings.item[0].detail : ""); \
	} while (0)
#define VALID() REFUSED(FINDING_OK)

Test(path, good_one_is_valid)
{
	VALID();
	cr_assert_eq(w.path.num, 3);
	cr_assert(certificate_same(w.path.cert[0], w.leaf.cert));
	cr_assert(certificate_same(w.path.cert[2], w.root.cert));
	cr_assert_eq(w.path.source[1], SOURCE_EMBEDDED);
	cr_assert_eq(w.path.source[2], SOURCE_ROOT);
	path_clear(&w.path);
	cr_assert_eq(w.path.num, 0);
}

Test(path, references_are_given_back)
{
	unsigned before;

	complete();
	before = w.ca.cert->refs;
	VALID();
	cr_assert_eq(w.ca.cert->refs, before + 1);
	path_clear(&w.path);
	cr_assert_eq(w.ca.cert->refs, before);
}

Test(path, issuer_missing)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	w.ca = material_make(&(struct spec){.subject = "other ca", .issuer = &w.root, .ca = true});
	REFUSED(FINDING_ISSUER_NOT_FOUND);
	cr_assert_eq(w.path.num, 1);
	cr_assert_eq(w.findings.item[0].certificate, 0);
}

Test(path, root_without_the_capability_is_not_accepted)
{
	complete();
	w.store.root[0].capabilities = CAPABILITY_ALL & ~CAPABILITY_SIGN_IN;
	VALID();
	w.request.capability = CAPABILITY_BINARIES | CAPABILITY_SIGN_IN;
	REFUSED(FINDING_ROOT_NOT_ACCEPTED);
	cr_assert_eq(w.path.num, 3);
}

Test(path, unknown_root_is_not_accepted)
{
	struct made other = material_make(&(struct spec){.subject = "stranger", .ca = true});

	trust_add(&w.store, other.cert, CAPABILITY_ALL);
	complete();
	pool(w.root.cert);
	REFUSED(FINDING_ROOT_NOT_ACCEPTED);
	cr_assert_eq(w.path.num, 3);
	cr_assert_eq(w.findings.item[0].certificate, 2);
}

Test(path, intermediate_with_a_roots_key_is_no_root)
{
	struct made twin;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	twin = material_make(&(struct spec){.subject = "root", .key = w.root.key, .ca = true,
	    .extension = {"nsComment=another certificate of the same key"}});
	trust_add(&w.store, twin.cert, CAPABILITY_ALL);
	pool(w.root.cert);
	/* the accepted twin is found: it is the root, not what was embedded */
	VALID();
	cr_assert(certificate_same(w.path.cert[2], twin.cert));
}

Test(path, self_signed_leaf)
{
	w.leaf = material_make(&(struct spec){.subject = "self", .code = true});
	REFUSED(FINDING_SELF_SIGNED);
	trust_add(&w.store, w.leaf.cert, CAPABILITY_BINARIES);
	VALID();
	cr_assert_eq(w.path.num, 1);
}

Test(path, expired_leaf)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 0);
	w.request.at = MATERIAL_NOW - 1;
	VALID();
}

Test(path, leaf_of_the_future)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .from = MATERIAL_NOW + 1});
	REFUSED(FINDING_NOT_YET_VALID);
}

Test(path, expired_intermediate)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 1);
}

Test(path, expired_root)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true, .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 2);
}

/* ---- the search -------------------------------------------------------------- */

/* Every name and key id of the decoy is right, and its signature is not. */
Test(path, backtracks_from_a_decoy_with_the_right_key_id)
{
	struct made decoy;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true,
	    .extension = {"subjectKeyIdentifier=00112233"}});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .extension = {"subjectKeyIdentifier=44556677"}});
	decoy = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .key = w.ca.key, .ruin = true, .extension = {"subjectKeyIdentifier=44556677"}});
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"authorityKeyIdentifier=keyid"}});
	pool(decoy.cert);
	decoy = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .extension = {"subjectKeyIdentifier=44556677"}});
	pool(decoy.cert);
	VALID();
	cr_assert(certificate_same(w.path.cert[1], w.ca.cert));
}

Test(path, only_a_decoy_does_not_match)
{
	struct made decoy;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	decoy = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	w.ca = decoy;
	REFUSED(FINDING_SIGNATURE_DOES_NOT_MATCH);
	cr_assert_eq(w.path.num, 1);
}

/* The first path ends at an expired cross-certificate's root, the second not. */
Test(path, backtracks_from_an_expired_cross_certificate)
{
	struct made other, cross;

	complete();
	other = material_make(&(struct spec){.subject = "other root", .ca = true});
	cross = material_make(&(struct spec){.subject = "ca", .key = w.ca.key, .issuer = &other,
	    .ca = true, .until = MATERIAL_NOW - 1, .extension = {"subjectKeyIdentifier=hash"}});
	certificates_clear(&w.pool);
	pool(cross.cert);
	trust_add(&w.store, other.cert, CAPABILITY_ALL);
	VALID();
	cr_assert(certificate_same(w.path.cert[2], w.root.cert));
	/* and with the cross-certificate alone it is its failure that is told */
	w.store.root[0].capabilities = 0;
	REFUSED(FINDING_EXPIRED);
}

/* A valid path by one root, while a nearer one may not be used for this. */
Test(path, passes_by_a_root_without_the_capability)
{
	struct made above, cross;

	complete();
	above = material_make(&(struct spec){.subject = "above", .ca = true});
	cross = material_make(&(struct spec){.subject = "root", .key = w.root.key, .issuer = &above,
	    .ca = true});
	pool(cross.cert);
	w.store.root[0].capabilities = CAPABILITY_TIMESTAMPING;
	trust_add(&w.store, above.cert, CAPABILITY_BINARIES);
	VALID();
	cr_assert_eq(w.path.num, 4);
	cr_assert(certificate_same(w.path.root->cert, above.cert));
}

/* A longer way to nowhere does not hide what is wrong with the right one. */
Test(path, tells_what_is_wrong_with_the_path_that_reached_a_root)
{
	struct made far, middle, cross;

	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .until = MATERIAL_NOW - 1});
	far = material_make(&(struct spec){.subject = "far", .ca = true});
	middle = material_make(&(struct spec){.subject = "middle", .issuer = &far, .ca = true});
	cross = material_make(&(struct spec){.subject = "ca", .key = w.ca.key, .issuer = &middle, .ca = true});
	pool(far.cert);
	pool(middle.cert);
	pool(cross.cert);
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.path.num, 3);
	certificates_clear(&w.pool);
	pool(cross.cert);
	pool(middle.cert);
	REFUSED(FINDING_EXPIRED);
}

/* Two authorities that certify each other, and no way out. */
Test(path, loops_end)
{
	struct made a = material_make(&(struct spec){.subject = "a", .ca = true});
	struct made b = material_make(&(struct spec){.subject = "b", .ca = true});
	struct made ab = material_make(&(struct spec){.subject = "a", .key = a.key, .issuer = &b, .ca = true});
	struct made ba = material_make(&(struct spec){.subject = "b", .key = b.key, .issuer = &a, .ca = true});

	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &a, .code = true});
	pool(ab.cert);
	pool(ba.cert);
	REFUSED(FINDING_ISSUER_NOT_FOUND);
}

/* Twelve authorities that all certify each other have more paths than anybody
 * can try; the search stops at its budget and says so. */
Test(path, a_maze_exhausts_the_budget)
{
	enum { N = 12 };
	struct made ca[N];
	char name[N][16];

	for (int i = 0; i < N; i++) {
		snprintf(name[i], sizeof(name[i]), "m%d", i);
		ca[i] = material_make(&(struct spec){.subject = name[i], .ca = true});
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++)
			if (i != k)
				pool(material_make(&(struct spec){.subject = name[i], .key = ca[i].key,
				    .issuer = &ca[k], .ca = true}).cert);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &ca[0], .code = true});
	REFUSED(FINDING_SEARCH_EXHAUSTED);
}

Test(path, longer_than_the_maximum)
{
	struct made ca[PATH_MAX_CERTS + 1];
	char name[PATH_MAX_CERTS + 1][16];

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	for (int i = 0; i <= PATH_MAX_CERTS; i++) {
		snprintf(name[i], sizeof(name[i]), "l%d", i);
		ca[i] = material_make(&(struct spec){.subject = name[i], .ca = true,
		    .issuer = i == 0 ? &w.root : &ca[i - 1]});
		pool(ca[i].cert);
	}
	w.leaf = material_make(&(struct spec){.subject = "leaf", .code = true,
	    .issuer = &ca[PATH_MAX_CERTS - 3]});
	VALID();
	cr_assert_eq(w.path.num, PATH_MAX_CERTS);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .code = true,
	    .issuer = &ca[PATH_MAX_CERTS - 2]});
	REFUSED(FINDING_PATH_TOO_LONG);
}

/* ---- constraints ------------------------------------------------------------- */

Test(path, leaf_that_issues)
{
	complete();
	w.ca = w.leaf;
	w.leaf = material_make(&(struct spec){.subject = "below", .issuer = &w.ca, .code = true});
	REFUSED(FINDING_BASIC_CONSTRAINTS);
	cr_assert_eq(w.findings.item[0].certificate, 1);
}

Test(path, authority_that_may_not_sign_certificates)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root,
	    .extension = {"basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign"}});
	REFUSED(FINDING_KEY_USAGE);
}

Test(path, path_length)
{
	struct made below;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root,
	    .extension = {"basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"}});
	VALID();
	below = material_make(&(struct spec){.subject = "below", .issuer = &w.ca, .ca = true});
	pool(below.cert);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &below, .code = true});
	REFUSED(FINDING_PATH_TOO_LONG);
	cr_assert_eq(w.findings.item[0].certificate, 2);
}

/* RFC 5280 section 6.1.4 l: a new key under the same name costs nothing. */
Test(path, self_issued_does_not_count_for_the_length)
{
	struct made rolled;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root,
	    .extension = {"basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"}});
	rolled = material_make(&(struct spec){.subject = "ca", .issuer = &w.ca, .ca = true});
	pool(rolled.cert);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &rolled, .code = true});
	VALID();
	cr_assert_eq(w.path.num, 4);
}

Test(path, unknown_critical_extension)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"1.2.3.4=hex:0500"}});
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"1.2.3.4=critical,hex:0500"}});
	REFUSED(FINDING_UNKNOWN_CRITICAL_EXTENSION);
}

Test(path, an_extension_twice)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"extendedKeyUsage=codeSigning"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
	/* of a kind, too, that nobody reads */
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"1.2.3.4=hex:0500", "1.2.3.4=hex:0500"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
}

Test(path, unreadable_basic_constraints)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root,
	    .extension = {"2.5.29.19=critical,hex:0402beef"}});
	REFUSED(FINDING_MALFORMED_CERTIFICATE);
}

Test(path, name_constraints)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .extension = {"nameConstraints=critical,permitted;DNS:example.test"}});
	complete();
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"subjectAltName=DNS:www.example.test"}});
	VALID();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"subjectAltName=DNS:www.example.org"}});
	REFUSED(FINDING_NAME_CONSTRAINTS);
}

/* ---- purpose ----------------------------------------------------------------- */

Test(path, leaf_must_list_code_signing)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca,
	    .extension = {"extendedKeyUsage=serverAuth"}});
	REFUSED(FINDING_WRONG_PURPOSE);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca,
	    .extension = {"extendedKeyUsage=anyExtendedKeyUsage"}});
	REFUSED(FINDING_WRONG_PURPOSE);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca,
	    .extension = {"keyUsage=digitalSignature"}});
	REFUSED(FINDING_WRONG_PURPOSE);
}

Test(path, leaf_must_be_for_signatures)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca,
	    .extension = {"keyUsage=keyEncipherment", "extendedKeyUsage=codeSigning"}});
	REFUSED(FINDING_KEY_USAGE);
}

Test(path, authority_limited_to_another_purpose)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
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
		{"extendedKeyUsage=critical,timeStamping,codeSigning", FINDING_WRONG_PURPOSE},
		{"extendedKeyUsage=critical,timeStamping,1.2.3.4", FINDING_WRONG_PURPOSE},
		{"extendedKeyUsage=critical,codeSigning", FINDING_WRONG_PURPOSE},
		{"extendedKeyUsage=critical,anyExtendedKeyUsage", FINDING_WRONG_PURPOSE},
	};

	complete();
	w.request.purpose = PURPOSE_TIMESTAMPING;
	w.request.capability = CAPABILITY_TIMESTAMPING;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w.leaf = material_make(&(struct spec){.subject = "tsa", .issuer = &w.ca,
		    .extension = {"keyUsage=critical,digitalSignature", cases[i].eku}});
		REFUSED(cases[i].code);
	}
}

/* ---- strength ---------------------------------------------------------------- */

Test(path, weak_keys)
{
	EVP_PKEY *rsa = material_key(1024);

	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true, .key = rsa});
	REFUSED(FINDING_WEAK_KEY);
	w.request.allow_weak = true;
	VALID();
	w.request.allow_weak = false;
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .key = EVP_EC_gen("secp224r1")});
	REFUSED(FINDING_WEAK_KEY);
}

Test(path, weak_digests)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .digest = EVP_sha1()});
	REFUSED(FINDING_WEAK_DIGEST);
	w.request.allow_sha1 = true;
	VALID();
	w.ca.key = NULL;
	w.ca = material_make(&(struct spec){.subject = "ca5", .issuer = &w.root, .ca = true,
	    .key = material_key(2048)});
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .digest = EVP_md5()});
	REFUSED(FINDING_WEAK_DIGEST);
}

/* A root's signature on itself proves nothing, so its digest is no weakness. */
Test(path, root_may_be_self_signed_with_sha1)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true, .digest = EVP_sha1()});
	VALID();
}

Test(path, curve_spelled_out)
{
	EVP_PKEY *key = material_key(0);

	cr_assert_eq(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true, .key = key});
	REFUSED(FINDING_EXPLICIT_CURVE);
}

/* ---- policies ---------------------------------------------------------------- */

static void
policies(const char *ca1, const char *ca2, const char *leaf)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca", .issuer = &w.root, .ca = true,
	    .extension = {ca1, ca2}});
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {leaf}});
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
	policies("certificatePolicies=2.5.29.32.0", NULL, "certificatePolicies=1.2.3,1.2.4");
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
	policies("certificatePolicies=1.2.3,1.2.4", NULL, "certificatePolicies=1.2.4,2.5.29.32.0");
	VALID();
	cr_assert(holds("1.2.3") && holds("1.2.4") && w.path.num_policies == 2);
}

/* The leniency that policy.h describes, and its limits. */
Test(path, authority_without_policies_limits_nothing)
{
	policies(NULL, NULL, "certificatePolicies=1.2.3");
	VALID();
	cr_assert(holds("1.2.3"));
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}

Test(path, policy_is_told_in_the_roots_terms)
{
	policies("certificatePolicies=1.2.3", "policyMappings=1.2.3:1.5.6", "certificatePolicies=1.5.6");
	VALID();
	cr_assert(holds("1.2.3") && w.path.num_policies == 1);
	policies("certificatePolicies=1.2.3", "policyMappings=1.2.3:1.5.6", "certificatePolicies=1.2.3");
	path_clear(&w.path);
	certificates_clear(&w.pool);
	trust_free(&w.store);
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}

Test(path, required_policy_that_nobody_has)
{
	policies("certificatePolicies=1.2.3", "policyConstraints=critical,requireExplicitPolicy:0",
	    "certificatePolicies=1.2.4");
	REFUSED(FINDING_POLICY_REQUIRED);
	w.leaf = material_make(&(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true,
	    .extension = {"certificatePolicies=1.2.3"}});
	VALID();
}

Test(path, required_policy_is_read_without_leniency)
{
	policies("policyConstraints=critical,requireExplicitPolicy:0", NULL, "certificatePolicies=1.2.3");
	REFUSED(FINDING_POLICY_REQUIRED);
}

Test(path, inhibited_any_policy)
{
	policies("certificatePolicies=1.2.3", "inhibitAnyPolicy=critical,0", "certificatePolicies=2.5.29.32.0");
	VALID();
	cr_assert_eq(w.path.num_policies, 0);
}
