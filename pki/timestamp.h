/*
 * When was a signature made?  The two ways in which Authenticode carries the
 * word of a timestamp server, both in unsigned attributes of the SignerInfo:
 * an RFC 3161 token (1.3.6.1.4.1.311.3.3.1) and a PKCS#9 countersignature
 * (RFC 2985 section 5.3.6).
 */
#ifndef PKI_TIMESTAMP_H
#define PKI_TIMESTAMP_H

#include "pki/authenticode.h"
#include "pki/cms.h"

struct timestamp {
	enum timestamp_kind kind;
	int64_t time;
	bool valid;
};

/* The first valid timestamp of the SignerInfo, else the first one found (not
 * valid, with a warning that says why), else TIMESTAMP_NONE.  A valid one was
 * made over this signature by a certificate for timestamping whose chain, at
 * the stamped time, ends at a root with CAPABILITY_TIMESTAMPING. */
void timestamp_judge(struct timestamp *out, struct findings *,
    const struct cms_signer *stamped, const struct certificates *bag,
    const struct signature_options *);

#endif
