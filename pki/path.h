/*
 * From a leaf to a root: a search over all candidate issuers, best first, each
 * complete candidate verified strictly (RFC 5280 section 6).  No network, no
 * clock: the caller hands in the certificates and the time.
 */
#ifndef PKI_PATH_H
#define PKI_PATH_H

#include "pki/certificate.h"
#include "pki/finding.h"
#include "pki/trust.h"

/* Certificates in a path, leaf and root included. */
#define PATH_MAX_CERTS 12
/* Candidate edges looked at before the search gives up. */
#define PATH_MAX_STEPS 2000

enum purpose {
	PURPOSE_ANY,
	PURPOSE_CODE_SIGNING,
	PURPOSE_TIMESTAMPING,
	PURPOSE_TLS_SERVER,
	PURPOSE_TLS_CLIENT
};

struct path_request {
	struct certificate *leaf; /* borrowed */
	const struct certificates
	    *pool; /* borrowed: candidates; no trust in them */
	const struct trust_store *roots; /* borrowed */
	unsigned capability;		 /* the root must have all of these */
	enum purpose purpose;
	int64_t at;	 /* validity is judged at this instant */
	bool allow_sha1; /* SHA-1 signatures in the chain */
	bool allow_weak; /* RSA-1024, DSA: conformance suites only */
};

struct path {
	size_t num; /* leaf first, root last; 0 when there is no path */
	struct certificate *cert[PATH_MAX_CERTS]; /* references held */
	enum certificate_source source[PATH_MAX_CERTS];
	const char *url[PATH_MAX_CERTS]; /* borrowed from the pool */
	const struct trust_root *root;	 /* borrowed; NULL unless valid */
	bool valid;
	/* dotted OIDs of the valid policy set at the leaf; "" terminated list */
	size_t num_policies;
	char policy[16][64];
};

/* Fills out_path with the valid path, or, when there is none, with the longest
 * one tried (for the diagnosis) and appends the reason for its refusal to
 * findings. Returns out_path->valid. path_clear() afterwards in both cases. */
bool path_build(
    struct path *out_path, struct findings *, const struct path_request *);
void path_clear(struct path *);

#endif
