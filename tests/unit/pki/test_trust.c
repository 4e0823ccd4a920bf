/* pki/trust: the store of roots. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "material.h"

Test(trust, the_same_certificate_merges)
{
	struct certificate *a = material_certificate(material_path("root-a.pem"));
	struct certificate *b = material_certificate(material_path("root-a.pem"));
	struct trust_store store;

	trust_init(&store);
	cr_assert_not_null(trust_add(&store, a, CAPABILITY_BINARIES));
	cr_assert_not_null(trust_add(&store, b, CAPABILITY_SIGN_IN));
	cr_assert_eq(store.num, 1);
	cr_assert_eq(
	    store.root[0].capabilities, CAPABILITY_BINARIES | CAPABILITY_SIGN_IN);
	cr_assert_eq(trust_find(&store, b), &store.root[0]);
	trust_free(&store);
	cr_assert_eq(store.num, 0);
	cr_assert_eq(a->refs, 1);
}

Test(trust, reads_pem_and_refuses_a_broken_one)
{
	struct bytes pem = material_read(material_path("roots-all.pem"));
	struct certificate *leaf = material_certificate(material_path("ov.pem"));
	struct trust_store store;

	trust_init(&store);
	cr_assert(trust_add_pem(&store, pem, CAPABILITY_ALL));
	cr_assert_eq(store.num, 3);
	cr_assert_null(trust_find(&store, leaf));
	cr_assert_not(
	    trust_add_pem(&store, bytes_of(pem.p, pem.len - 40), CAPABILITY_ALL));
	trust_free(&store);
}

Test(trust, grows)
{
	struct trust_store store;

	trust_init(&store);
	for (int i = 0; i < 40; i++) {
		struct made m =
		    material_make(&(struct spec){.subject = "root", .ca = true});

		cr_assert_not_null(trust_add(&store, m.cert, CAPABILITY_BINARIES));
		cr_assert_not_null(trust_find(&store, m.cert));
	}
	cr_assert_eq(store.num, 40);
	trust_free(&store);
}

Test(trust, capabilities_have_names)
{
	unsigned all = 0;

	for (unsigned bit = 1; bit <= CAPABILITY_ALL; bit <<= 1) {
		const char *text = capability_text((enum capability)bit);

		cr_assert_eq(capability_by_text(text), bit, "%s", text);
		all |= capability_by_text(text);
	}
	cr_assert_eq(all, CAPABILITY_ALL);
	cr_assert_eq(capability_by_text("everything"), 0);
}
