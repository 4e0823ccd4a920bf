/*
 * The world of the tests of pki/path: one root, one intermediate, one leaf, all
 * good.  Each test spoils one thing and names the reason that it expects.
 */
#ifndef TESTS_PKI_PATH_WORLD_H
#define TESTS_PKI_PATH_WORLD_H

#include <criterion/criterion.h>

#include "material.h"

struct world {
	struct made root, ca, leaf;
	struct certificates pool;
	struct trust_store store;
	struct path_request request;
	struct path path;
	struct findings findings;
};

extern struct world w;

/* Adds to the pool, as if embedded. */
void pool(struct certificate *);
/* Makes what the test has not made, and trusts the root. */
void complete(void);
/* complete(), builds the path anew and says why it is refused. */
enum finding_code reason(void);

#define REFUSED(code)                                                     \
	do {                                                              \
		enum finding_code got = reason();                         \
		cr_assert_eq(got, code, "%s: %s",                         \
		    got != FINDING_OK ? finding_text(got) : "valid",      \
		    w.findings.num > 0 ? w.findings.item[0].detail : ""); \
	} while (0)
#define VALID() REFUSED(FINDING_OK)

#endif
