/* pki/path: the search for a path. */
#include "path_world.h"

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
	w.ca = material_make(
	    &(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
	w.ca = material_make(
	    &(struct spec){.subject = "other ca", .issuer = &w.root, .ca = true});
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
	struct made other =
	    material_make(&(struct spec){.subject = "stranger", .ca = true});

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
	twin = material_make(&(struct spec){.subject = "root",
	    .key = w.root.key,
	    .ca = true,
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
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 0);
	w.request.at = MATERIAL_NOW - 1;
	VALID();
}

Test(path, leaf_of_the_future)
{
	complete();
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .from = MATERIAL_NOW + 1});
	REFUSED(FINDING_NOT_YET_VALID);
}

Test(path, expired_intermediate)
{
	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 1);
}

Test(path, expired_root)
{
	w.root = material_make(&(struct spec){
	    .subject = "root", .ca = true, .until = MATERIAL_NOW - 1});
	REFUSED(FINDING_EXPIRED);
	cr_assert_eq(w.findings.item[0].certificate, 2);
}

/* ---- the search -------------------------------------------------------------- */

/* Every name and key id of the decoy is right, and its signature is not. */
Test(path, backtracks_from_a_decoy_with_the_right_key_id)
{
	struct made decoy;

	w.root = material_make(&(struct spec){.subject = "root",
	    .ca = true,
	    .extension = {"subjectKeyIdentifier=00112233"}});
	w.ca = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .extension = {"subjectKeyIdentifier=44556677"}});
	decoy = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .key = w.ca.key,
	    .ruin = true,
	    .extension = {"subjectKeyIdentifier=44556677"}});
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .extension = {"authorityKeyIdentifier=keyid"}});
	pool(decoy.cert);
	decoy = material_make(&(struct spec){.subject = "ca",
	    .issuer = &w.root,
	    .ca = true,
	    .extension = {"subjectKeyIdentifier=44556677"}});
	pool(decoy.cert);
	VALID();
	cr_assert(certificate_same(w.path.cert[1], w.ca.cert));
}

Test(path, only_a_decoy_does_not_match)
{
	struct made decoy;

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	decoy = material_make(
	    &(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.ca = material_make(
	    &(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &w.ca, .code = true});
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
	cross = material_make(&(struct spec){.subject = "ca",
	    .key = w.ca.key,
	    .issuer = &other,
	    .ca = true,
	    .until = MATERIAL_NOW - 1,
	    .extension = {"subjectKeyIdentifier=hash"}});
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
	cross = material_make(&(struct spec){
	    .subject = "root", .key = w.root.key, .issuer = &above, .ca = true});
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
	w.leaf = material_make(&(struct spec){.subject = "leaf",
	    .issuer = &w.ca,
	    .code = true,
	    .until = MATERIAL_NOW - 1});
	far = material_make(&(struct spec){.subject = "far", .ca = true});
	middle = material_make(
	    &(struct spec){.subject = "middle", .issuer = &far, .ca = true});
	cross = material_make(&(struct spec){
	    .subject = "ca", .key = w.ca.key, .issuer = &middle, .ca = true});
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
	struct made ab = material_make(
	    &(struct spec){.subject = "a", .key = a.key, .issuer = &b, .ca = true});
	struct made ba = material_make(
	    &(struct spec){.subject = "b", .key = b.key, .issuer = &a, .ca = true});

	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &a, .code = true});
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
		ca[i] =
		    material_make(&(struct spec){.subject = name[i], .ca = true});
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++)
			if (i != k)
				pool(
				    material_make(&(struct spec){.subject = name[i],
						      .key = ca[i].key,
						      .issuer = &ca[k],
						      .ca = true})
					.cert);
	w.leaf = material_make(
	    &(struct spec){.subject = "leaf", .issuer = &ca[0], .code = true});
	REFUSED(FINDING_SEARCH_EXHAUSTED);
}

Test(path, longer_than_the_maximum)
{
	struct made ca[PATH_MAX_CERTS + 1];
	char name[PATH_MAX_CERTS + 1][16];

	w.root = material_make(&(struct spec){.subject = "root", .ca = true});
	for (int i = 0; i <= PATH_MAX_CERTS; i++) {
		snprintf(name[i], sizeof(name[i]), "l%d", i);
		ca[i] = material_make(&(struct spec){.subject = name[i],
		    .ca = true,
		    .issuer = i == 0 ? &w.root : &ca[i - 1]});
		pool(ca[i].cert);
	}
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .code = true, .issuer = &ca[PATH_MAX_CERTS - 3]});
	VALID();
	cr_assert_eq(w.path.num, PATH_MAX_CERTS);
	w.leaf = material_make(&(struct spec){
	    .subject = "leaf", .code = true, .issuer = &ca[PATH_MAX_CERTS - 2]});
	REFUSED(FINDING_PATH_TOO_LONG);
}
