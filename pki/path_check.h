/*
 * The strict verification of one complete path (RFC 5280 section 6.1), apart
 * from the signatures, which the search has verified link by link.
 */
#ifndef PKI_PATH_CHECK_H
#define PKI_PATH_CHECK_H

#include "pki/path.h"
#include "pki/policy.h"

/* Appends everything that is wrong with cert[0] (leaf) to cert[num - 1] (root)
 * and fills out_policies.  True only if nothing refuses the path. */
bool path_check(struct findings *, struct policy_result *out_policies,
    const struct path_request *, struct certificate *const *cert, size_t num);

/* May this leaf, and may these issuers, be used for the purpose?  Part of
 * path_check(). */
void path_check_purpose(struct findings *, const struct path_request *,
    struct certificate *const *cert, size_t num);

#endif
