/* One good path to be spoilt; see path_world.h. */
#include "path_world.h"

struct world w;

void
pool(struct certificate *c)
{
	cr_assert(certificates_add(&w.pool, c, SOURCE_EMBEDDED, NULL));
}

void
complete(void)
{
	if (w.root.cert == NULL)
		w.root =
		    material_make(&(struct spec){.subject = "root", .ca = true});
	if (w.ca.cert == NULL)
		w.ca = material_make(
		    &(struct spec){.subject = "ca", .issuer = &w.root, .ca = true});
	if (w.leaf.cert == NULL)
		w.leaf = material_make(&(struct spec){
		    .subject = "leaf", .issuer = &w.ca, .code = true});
	if (w.store.num == 0)
		cr_assert_not_null(
		    trust_add(&w.store, w.root.cert, CAPABILITY_ALL));
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

enum finding_code
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
