/*
 * Whose is a signature: the ladder of design section 5.  An identity counts
 * only if the path that it was found on ends at a root with the capability.
 */
#ifndef PKI_IDENTITY_H
#define PKI_IDENTITY_H

#include "pki/path.h"

enum identity_kind {
	IDENTITY_SUBSCRIBER,
	IDENTITY_REGISTRATION,
	IDENTITY_KEY,
	IDENTITY_ORGANISATION
};
#define IDENTITY_VALUE_MAX 512
#define IDENTITIES_MAX	   8

struct identity {
	enum identity_kind kind;
	char value[IDENTITY_VALUE_MAX];
	char display[IDENTITY_VALUE_MAX]; /* for people, made visible */
};

/* Strongest first. */
struct identities {
	size_t num;
	struct identity item[IDENTITIES_MAX];
};

/* The identities that a leaf's signature has on this path. Key always (SPKI
 * SHA-256, hex; for a path that is not valid it is prefixed "self-signed:" if the
 * leaf is self-signed; an unanchored CA-issued key yields the plain key, the caller
 * decides what it opens); registration and subscriber only where path->root has the
 * capability. */
void identity_of(
    struct identities *, const struct path *, const struct certificate *leaf);
const char *identity_kind_text(enum identity_kind);

#endif
