/*
 * Certificate policies of a path (RFC 5280 sections 6.1.2 to 6.1.5): the policy
 * tree, kept as the pairs that its deepest level consists of.
 */
#ifndef PKI_POLICY_H
#define PKI_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "pki/certificate.h"

/* Pairs alive at one level.  Real chains have a handful; what exceeds this
 * yields no policy at all (a tree that explodes is an attack, CVE-2023-0464). */
#define POLICY_PAIRS_MAX 64
/* A dotted OID that is longer is left out of the result. */
#define POLICY_TEXT_MAX	  64
#define POLICY_RESULT_MAX 16

struct policy_result {
	/* Policies in the root's terms that hold for the whole path. */
	size_t num;
	char policy[POLICY_RESULT_MAX][POLICY_TEXT_MAX];
	/* A certificate demanded a policy (requireExplicitPolicy) and none
	 * holds, read strictly; or an extension was malformed. */
	bool refused;
	bool malformed;
	int certificate; /* where it was refused */
};

/* Evaluates cert[num - 1] (root, itself not judged: section 6.1.1 d) down to
 * cert[0] (leaf).  The initial set is any-policy.
 *
 * The list of policies is read with one leniency: a CA certificate without the
 * policies extension limits nothing, while RFC 5280 lets nothing survive it.
 * Authorities have such intermediates, the operator's switch on the root stands
 * above them, and an intermediate that does list policies limits as the RFC
 * says.  `refused` is decided without the leniency. */
void policy_evaluate(
    struct policy_result *out, struct certificate *const *cert, size_t num);

#endif
