/* fuzz: needs pki base; corpus: tests/data/pki/make-pki.sh DIR, its *.pem in
 * DER (openssl x509 -outform DER), two or three behind one another */
/*
 * Foreign certificates: the input is a row of certificates, each with two bytes
 * of length before it; without such a row the whole is one.  The first is the
 * leaf, the last the root, and everything is the pool.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "pki/identity.h"
#include "pki/registration.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
fill(struct certificates *pool, struct bytes in)
{
	size_t at = 0;
	bool bad;
	struct certificate *c = certificate_next_pem(in, &at, &bad);

	if (c == NULL)
		c = certificate_parse(in);
	if (c != NULL) {
		certificates_add(pool, c, SOURCE_EMBEDDED, NULL);
		certificate_free(c);
		return;
	}
	for (at = 0; at + 2 < in.len;) {
		size_t len = (size_t)in.p[at] << 8 | in.p[at + 1];
		struct bytes der;

		if (!bytes_slice(in, at + 2, len, &der))
			return;
		c = certificate_parse(der);
		if (c != NULL)
			certificates_add(
			    pool, c, SOURCE_EMBEDDED, "http://example.test/");
		certificate_free(c);
		at += 2 + len;
	}
}

static void
judge(const struct certificates *pool, enum purpose purpose)
{
	struct path_request r = {.pool = pool,
	    .purpose = purpose,
	    .at = 1780272000,
	    .capability = CAPABILITY_BINARIES,
	    .allow_sha1 = true};
	struct trust_store store;
	struct findings findings = {0};
	struct identities ids;
	struct path path;
	struct json j;
	struct buf out;

	trust_init(&store);
	if (trust_add(&store, pool->item[pool->num - 1].cert, CAPABILITY_ALL) ==
	    NULL)
		return;
	r.roots = &store;
	r.leaf = pool->item[0].cert;
	if (path_build(&path, &findings, &r) !=
	    (finding_reason(&findings) == FINDING_OK))
		abort();
	identity_of(&ids, &path, r.leaf);
	buf_init(&out, 0);
	json_init(&j, &out);
	findings_json(&j, &findings);
	/* whatever the extensions say about the path, reading them must hold */
	buf_reset(&out);
	registration_of(&out, r.leaf);
	path.valid = true;
	path.root = &store.root[0];
	identity_of(&ids, &path, r.leaf);
	buf_free(&out);
	path_clear(&path);
	trust_free(&store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct certificates pool = {0};

	fill(&pool, bytes_of(data, size));
	if (pool.num > 0) {
		judge(&pool, PURPOSE_CODE_SIGNING);
		judge(&pool, PURPOSE_TIMESTAMPING);
	}
	certificates_clear(&pool);
	return 0;
}
