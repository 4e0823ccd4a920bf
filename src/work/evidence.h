/*
 * What a child says about a signature, in JSON: the certificate that signed,
 * the identities that it yields, and the addresses where a missing issuer may
 * be found.  auth/proof.h reads it on the other side.
 */
#ifndef WORK_EVIDENCE_H
#define WORK_EVIDENCE_H

#include "pki/authenticode.h"

struct json;

/* Addresses that one file may ask for. */
#define EVIDENCE_MAX_URLS 5
/* Longest one taken. */
#define EVIDENCE_MAX_URL 1024

/* {"der":B64,"subject","issuer","serial","spki_sha256","common_name",
 *  "organisation","not_before":N,"not_after":N,"self_signed":bool} or null. */
void evidence_signer_json(struct json *, const struct certificate *);
/* [{"kind","value","display"}], strongest first, without organisations. */
void evidence_identities_json(struct json *, const struct identities *);
/* [URL]: caIssuers, http only, of the last certificate that was reached, for
 * every signature that holds and was refused for want of an issuer only. */
void evidence_wanted_json(struct json *, const struct signed_file *);
/* [URL]: where the certificates came from that were fetched and stand in a valid
 * path, so that each has verified a child (invariant 3). */
void evidence_used_json(struct json *, const struct signed_file *);

#endif
