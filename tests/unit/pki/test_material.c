/*
 * The shared data's certificates: vendors of tests' making (e2e) and public
 * ones of real authorities (aia).  Skipped where the folder is absent.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/text.h"
#include "material.h"
#include "pki/identity.h"

static struct trust_store store;
static struct certificates pool;
static struct path path;
static struct findings findings;
static struct identities ids;

#define SKIP_WITHOUT(name)                                                \
	do {                                                              \
		if (material_shared(name) == NULL)                        \
			cr_skip("skipped: the shared data has no " name); \
	} while (0)

static void
trust(const char *name)
{
	struct certificate *c = material_certificate(material_shared(name));

	trust_add(&store, c, CAPABILITY_ALL);
	certificate_free(c);
}

static enum finding_code
build(struct certificate *leaf, enum purpose purpose, int64_t at)
{
	struct path_request r = {.leaf = leaf,
	    .pool = &pool,
	    .roots = &store,
	    .purpose = purpose,
	    .at = at,
	    .allow_sha1 = true,
	    .capability = purpose == PURPOSE_TIMESTAMPING ? CAPABILITY_TIMESTAMPING
							  : CAPABILITY_BINARIES};

	path_clear(&path);
	findings.num = 0;
	path_build(&path, &findings, &r);
	identity_of(&ids, &path, leaf);
	return finding_reason(&findings);
}

/* ---- e2e --------------------------------------------------------------------- */

static void
trust_e2e(void)
{
	trust("e2e/certs/rootA.pem");
	trust("e2e/certs/rootB.pem");
	trust("e2e/certs/rootP.pem");
	trust("e2e/certs/rootT.pem");
}

static enum finding_code
e2e(const char *leaf, const char *at)
{
	char name[128];
	int64_t when;

	certificates_clear(&pool);
	snprintf(name, sizeof(name), "e2e/certs/%s.chain.pem", leaf);
	material_add_all(&pool, material_shared(name), SOURCE_EMBEDDED);
	cr_assert(instant_parse(&when, at));
	return build(pool.item[0].cert,
	    strcmp(leaf, "tsa") == 0 ? PURPOSE_TIMESTAMPING : PURPOSE_CODE_SIGNING,
	    when);
}

Test(material, vendors_of_the_end_to_end_set)
{
	SKIP_WITHOUT("e2e/certs/fb_ev.chain.pem");
	trust_e2e();
	cr_assert_eq(e2e("fb_ev", "2026-11-22"), FINDING_OK);
	cr_assert_eq(ids.item[0].kind, IDENTITY_REGISTRATION);
	cr_assert_str_eq(ids.item[0].value, "us/delaware//5157550");
	for (const char *const *aw =
		 (const char *const[]){"aw_ats1", "aw_ats2", NULL};
	     *aw != NULL; aw++) {
		cr_assert_eq(e2e(*aw, "2025-08-09T12:00:00Z"), FINDING_OK);
		cr_assert_eq(ids.item[0].kind, IDENTITY_SUBSCRIBER);
		cr_assert_str_eq(ids.item[0].value,
		    "1.3.6.1.4.1.311.97.123456789.234567890.345678901.456789012");
		cr_assert_eq(e2e(*aw, "2026-11-22"), FINDING_EXPIRED);
	}
	cr_assert_eq(e2e("nw_ov", "2026-11-22"), FINDING_OK);
	cr_assert_eq(e2e("ct_ov1", "2026-11-22"), FINDING_OK);
	cr_assert_eq(e2e("ct_ov1_root", "2026-11-22"), FINDING_OK);
	cr_assert_eq(e2e("dm_expired", "2026-11-22"), FINDING_EXPIRED);
	cr_assert_eq(e2e("dm_expired", "2025-06-15"), FINDING_OK);
	cr_assert_eq(e2e("pf", "2026-11-22"), FINDING_OK);
	cr_assert_eq(e2e("tsa", "2026-11-22"), FINDING_OK);
}

Test(material, rogue_is_refused_with_every_pool)
{
	SKIP_WITHOUT("e2e/certs/ct_rogue.chain.pem");
	trust_e2e();
	cr_assert_eq(
	    e2e("ct_rogue", "2026-11-22"), FINDING_SIGNATURE_DOES_NOT_MATCH);
	/* with the genuine intermediate, and with the rogue root, beside it */
	material_add_all(&pool, material_shared("e2e/certs/A1.pem"), SOURCE_GIVEN);
	cr_assert_eq(build(pool.item[0].cert, PURPOSE_CODE_SIGNING, MATERIAL_NOW),
	    FINDING_SIGNATURE_DOES_NOT_MATCH);
	material_add_all(
	    &pool, material_shared("e2e/certs/rootX.pem"), SOURCE_GIVEN);
	cr_assert_eq(build(pool.item[0].cert, PURPOSE_CODE_SIGNING, MATERIAL_NOW),
	    FINDING_ROOT_NOT_ACCEPTED);
	cr_assert_eq(ids.num, 1);
}

Test(material, cross_certificate_leads_to_either_root)
{
	SKIP_WITHOUT("e2e/certs/ct_ov1_cross.chain.pem");
	trust("e2e/certs/rootB.pem");
	cr_assert_eq(e2e("ct_ov1_cross", "2026-11-22"), FINDING_OK);
	trust_free(&store);
	trust("e2e/certs/rootA.pem");
	cr_assert_eq(e2e("ct_ov1_cross", "2026-11-22"), FINDING_ISSUER_NOT_FOUND);
	material_add_all(&pool, material_shared("e2e/certs/A1.pem"), SOURCE_GIVEN);
	cr_assert_eq(build(pool.item[0].cert, PURPOSE_CODE_SIGNING, MATERIAL_NOW),
	    FINDING_OK);
	cr_assert_eq(path.num, 4);
}

Test(material, homoglyph_is_somebody_else)
{
	char key[IDENTITY_VALUE_MAX];

	SKIP_WITHOUT("e2e/certs/ct_homoglyph.chain.pem");
	trust_e2e();
	cr_assert_eq(e2e("ct_ov1", "2026-11-22"), FINDING_OK);
	snprintf(key, sizeof(key), "%s", ids.item[0].value);
	cr_assert_eq(e2e("ct_ov2", "2026-11-22"), FINDING_OK);
	cr_assert_str_eq(ids.item[0].value, key, "renewed with the same key");
	cr_assert_eq(e2e("ct_ov3", "2026-11-22"), FINDING_OK);
	cr_assert_str_neq(ids.item[0].value, key);
	cr_assert_eq(e2e("ct_homoglyph", "2026-11-22"), FINDING_OK);
	cr_assert_str_neq(ids.item[0].value, key);
}

/* ---- aia --------------------------------------------------------------------- */

static json_t *
manifest(void)
{
	json_error_t error;
	json_t *m = json_load_file(material_shared("aia/manifest.json"), 0, &error);

	cr_assert_not_null(m, "%s", error.text);
	return m;
}

static const char *
aia_file(const json_t *entry)
{
	char name[256];

	snprintf(name, sizeof(name), "aia/%s",
	    json_string_value(json_object_get(entry, "file")));
	return material_shared(name);
}

/* Every leaf with the whole mirror as pool ends at the root that the manifest
 * names, or nowhere. */
Test(material, public_leaves_end_at_their_roots)
{
	json_t *m, *entry;
	size_t i, resolved = 0;

	SKIP_WITHOUT("aia/manifest.json");
	m = manifest();
	trust_add_pem(&store, material_read(material_shared("aia/roots.pem")),
	    CAPABILITY_ALL);
	json_array_foreach(json_object_get(m, "urls"), i, entry)
	{
		struct certificate *c = material_certificate(aia_file(entry));

		certificates_add(&pool, c, SOURCE_AIA,
		    json_string_value(json_object_get(entry, "url")));
		certificate_free(c);
	}
	json_array_foreach(json_object_get(m, "leaves"), i, entry)
	{
		const char *root = json_string_value(
		    json_object_get(entry, "ends_at_root_sha256"));
		struct certificate *leaf = material_certificate(aia_file(entry));
		enum finding_code code =
		    build(leaf, PURPOSE_ANY, leaf->not_before + 86400);
		char hex[65] = "";

		if (path.valid)
			text_hex(hex, path.cert[path.num - 1]->sha256, 32);
		cr_expect_str_eq(hex, root != NULL ? root : "", "%s: %s %s",
		    leaf->subject,
		    code != FINDING_OK ? finding_text(code) : "valid",
		    findings.num > 0 ? findings.item[0].detail : "");
		resolved += path.valid;
		/* one of them was issued for encryption, and says so */
		if (path.valid)
			cr_expect_eq(build(leaf, PURPOSE_CODE_SIGNING,
					 leaf->not_before + 86400),
			    strncmp(hex, "70b922bfda0e3f4a", 16) == 0
				? FINDING_WRONG_PURPOSE
				: FINDING_OK);
		certificate_free(leaf);
	}
	cr_expect_eq(resolved, 23);
	json_decref(m);
}

/* What "roots that nobody here trusts" are for. */
Test(material, test_roots_sign_themselves)
{
	json_t *m, *entry;
	size_t i;

	SKIP_WITHOUT("aia/manifest.json");
	m = manifest();
	trust_add_pem(&store, material_read(material_shared("aia/roots.pem")),
	    CAPABILITY_ALL);
	json_array_foreach(json_object_get(m, "test_roots_not_trusted"), i, entry)
	{
		struct certificate *c = material_certificate(aia_file(entry));
		enum finding_code code =
		    build(c, PURPOSE_CODE_SIGNING, c->not_before + 86400);

		cr_expect_eq(code, FINDING_SELF_SIGNED, "%s: %s", c->subject,
		    finding_text(code));
		certificate_free(c);
	}
	json_decref(m);
}
