/*
 * A PEM file of roots of which a run needs one or two: read whole, but a root
 * is parsed and trusted only when a certificate names it as its issuer.  With
 * a system's three hundred roots that is the difference between one
 * millisecond and a hundred.
 */
#ifndef CMD_LAZY_ROOTS_H
#define CMD_LAZY_ROOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "pki/trust.h"

struct lazy_root;

struct lazy_roots {
	size_t num, cap;
	struct lazy_root *root; /* owned */
};

/* Reads every certificate of the PEM text; false for a broken block. */
bool lazy_roots_read(struct lazy_roots *, struct bytes pem);
/* Adds to the store, with every capability, the roots that these certificates
 * name as their issuer or that are among them. */
void lazy_roots_want(
    struct lazy_roots *, struct trust_store *, const struct certificates *);
void lazy_roots_free(struct lazy_roots *);

#endif
