/*
 * The roots that the operator accepts, and what each may do (design section 5,
 * "What a root may do"): all capabilities off until switched on with a reason.
 */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include "pki/certificate.h"

enum capability {
	CAPABILITY_BINARIES = 1 << 0,
	CAPABILITY_SIGN_IN = 1 << 1,
	CAPABILITY_REGISTRATION = 1 << 2,
	CAPABILITY_SUBSCRIBER = 1 << 3,
	CAPABILITY_TIMESTAMPING = 1 << 4,
};
#define CAPABILITY_ALL	   0x1fu
#define TRUST_POLICIES_MAX 32

struct trust_root {
	struct certificate *cert; /* one reference held */
	unsigned capabilities;
	/* accepted EV policies, dotted OIDs, for CAPABILITY_REGISTRATION;
	 * none listed: any policy in the valid policy set that CA/B Forum
	 * reserves for EV code signing (2.23.140.1.3) or that is listed in
	 * the root's row */
	size_t num_policies;
	char *policy[TRUST_POLICIES_MAX];
	/* issuing CA keys (SPKI SHA-256) for CAPABILITY_SUBSCRIBER; none
	 * listed: any CA below this root */
	size_t num_issuing_keys;
	uint8_t issuing_key[TRUST_POLICIES_MAX][32];
	char *reason;
};

struct trust_store {
	size_t num, cap;
	struct trust_root *root; /* owned array */
	char version[32];	 /* of the policy that it was made from */
};

void trust_init(struct trust_store *);
void trust_free(struct trust_store *);
/* Takes a reference. Returns the entry to fill in further, or NULL (no memory).
 * The same certificate twice merges capabilities. */
struct trust_root *trust_add(
    struct trust_store *, struct certificate *, unsigned capabilities);
/* Every certificate of a PEM text with the same capabilities; false, with
 * nothing promised about the store, on a broken block. */
bool trust_add_pem(struct trust_store *, struct bytes pem, unsigned capabilities);
const struct trust_root *trust_find(
    const struct trust_store *, const struct certificate *);
/* "binaries", "sign-in", ...; 0 if unknown. */
unsigned capability_by_text(const char *);
const char *capability_text(enum capability);

#endif
