/*
 * Certificate policies of a path; see policy.h.
 *
 * RFC 5280 builds a tree whose nodes never matter again once a level is done,
 * except for the policy of the root's domain that they descend from.  So a
 * level is a set of pairs (origin: the root's name for it, expected: the name
 * that the next certificate would have to use), and a mapping changes
 * `expected` alone.
 */
#include "pki/policy.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

struct pair {
	ASN1_OBJECT *origin, *expected; /* owned */
};

struct level {
	size_t num;
	struct pair pair[POLICY_PAIRS_MAX];
	bool overflow;
};

struct state {
	struct level now;
	bool lenient;
	bool differs; /* the lenient reading would */
	/* section 6.1.2 d, e, f: certificates until it takes effect */
	size_t explicit_policy, inhibit_any, policy_mapping;
};

static bool
is_any(const ASN1_OBJECT *o)
{
	return OBJ_obj2nid(o) == NID_any_policy;
}

static void
level_clear(struct level *l)
{
	for (size_t i = 0; i < l->num; i++) {
		ASN1_OBJECT_free(l->pair[i].origin);
		ASN1_OBJECT_free(l->pair[i].expected);
	}
	memset(l, 0, sizeof(*l));
}

static void
level_add(struct level *l, const ASN1_OBJECT *origin, const ASN1_OBJECT *expected)
{
	for (size_t i = 0; i < l->num; i++)
		if (OBJ_cmp(l->pair[i].origin, origin) == 0 &&
		    OBJ_cmp(l->pair[i].expected, expected) == 0)
			return;
	if (l->num == POLICY_PAIRS_MAX) {
		l->overflow = true;
		return;
	}
	l->pair[l->num].origin = OBJ_dup(origin);
	l->pair[l->num].expected = OBJ_dup(expected);
	if (l->pair[l->num].origin == NULL || l->pair[l->num].expected == NULL)
		l->overflow = true;
	else
		l->num++;
}

static bool
level_has_any(const struct level *l)
{
	for (size_t i = 0; i < l->num; i++)
		if (is_any(l->pair[i].expected))
			return true;
	return false;
}

static bool
listed(const CERTIFICATEPOLICIES *cp, const ASN1_OBJECT *policy)
{
	for (int i = 0; i < sk_POLICYINFO_num(cp); i++)
		if (OBJ_cmp(sk_POLICYINFO_value(cp, i)->policyid, policy) == 0)
			return true;
	return false;
}

/* Section 6.1.3 d, or e where there is no extension. */
static void
narrow(struct state *s, const CERTIFICATEPOLICIES *cp, bool any_counts, bool leaf)
{
	struct level next = {0};
	bool had_any = level_has_any(&s->now);
	bool lists_any = false;

	if (cp == NULL) {
		s->differs |= !leaf;
		if (leaf || !s->lenient)
			level_clear(&s->now);
		return;
	}
	for (int i = 0; i < sk_POLICYINFO_num(cp); i++) {
		const ASN1_OBJECT *policy = sk_POLICYINFO_value(cp, i)->policyid;
		bool matched = false;

		if (is_any(policy)) {
			lists_any = any_counts;
			continue;
		}
		for (size_t k = 0; k < s->now.num; k++)
			if (OBJ_cmp(s->now.pair[k].expected, policy) == 0) {
				level_add(&next, s->now.pair[k].origin, policy);
				matched = true;
			}
		if (!matched && had_any)
			level_add(&next, policy, policy);
	}
	for (size_t k = 0; lists_any && k < s->now.num; k++)
		if (!listed(cp, s->now.pair[k].expected) ||
		    is_any(s->now.pair[k].expected))
			level_add(
			    &next, s->now.pair[k].origin, s->now.pair[k].expected);
	if (next.overflow)
		level_clear(&next);
	level_clear(&s->now);
	s->now = next;
}

static bool
mapped_from(const POLICY_MAPPINGS *maps, const ASN1_OBJECT *policy)
{
	for (int i = 0; i < sk_POLICY_MAPPING_num(maps); i++)
		if (OBJ_cmp(sk_POLICY_MAPPING_value(maps, i)->issuerDomainPolicy,
			policy) == 0)
			return true;
	return false;
}

/* Section 6.1.4 a and b; false for a mapping from or to any-policy. */
static bool
map(struct state *s, const POLICY_MAPPINGS *maps)
{
	struct level next = {0};
	bool had_any = level_has_any(&s->now);

	for (size_t k = 0; k < s->now.num; k++)
		if (!mapped_from(maps, s->now.pair[k].expected))
			level_add(
			    &next, s->now.pair[k].origin, s->now.pair[k].expected);
	for (int i = 0; i < sk_POLICY_MAPPING_num(maps); i++) {
		const POLICY_MAPPING *m = sk_POLICY_MAPPING_value(maps, i);
		bool matched = false;

		if (is_any(m->issuerDomainPolicy) ||
		    is_any(m->subjectDomainPolicy)) {
			level_clear(&next);
			return false;
		}
		for (size_t k = 0; k < s->now.num; k++)
			if (OBJ_cmp(s->now.pair[k].expected,
				m->issuerDomainPolicy) == 0) {
				if (s->policy_mapping > 0)
					level_add(&next, s->now.pair[k].origin,
					    m->subjectDomainPolicy);
				matched = true;
			}
		if (!matched && had_any && s->policy_mapping > 0)
			level_add(
			    &next, m->issuerDomainPolicy, m->subjectDomainPolicy);
	}
	if (next.overflow)
		level_clear(&next);
	level_clear(&s->now);
	s->now = next;
	return true;
}

static void
lower(size_t *counter, const ASN1_INTEGER *n)
{
	long v = n != NULL ? ASN1_INTEGER_get(n) : -1;

	/* a number beyond long is a limit that nothing reaches */
	if (v >= 0 && (size_t)v < *counter)
		*counter = (size_t)v;
}

/* The decoded extension or NULL; *ok false if it is malformed or there twice. */
static void *
extension(const struct certificate *c, int nid, bool *ok)
{
	int critical;
	void *e = X509_get_ext_d2i(c->x509, nid, &critical, NULL);

	if (e == NULL && critical != -1)
		*ok = false;
	return e;
}

/* Section 6.1.4 for a CA certificate. */
static bool
prepare_next(struct state *s, const struct certificate *c)
{
	bool ok = true;
	POLICY_MAPPINGS *maps = extension(c, NID_policy_mappings, &ok);
	POLICY_CONSTRAINTS *pc = extension(c, NID_policy_constraints, &ok);
	ASN1_INTEGER *inhibit = extension(c, NID_inhibit_any_policy, &ok);

	if (maps != NULL && ok)
		ok = map(s, maps);
	if (!c->self_issued) {
		s->explicit_policy -= s->explicit_policy > 0;
		s->policy_mapping -= s->policy_mapping > 0;
		s->inhibit_any -= s->inhibit_any > 0;
	}
	if (pc != NULL) {
		lower(&s->explicit_policy, pc->requireExplicitPolicy);
		lower(&s->policy_mapping, pc->inhibitPolicyMapping);
	}
	lower(&s->inhibit_any, inhibit);
	sk_POLICY_MAPPING_pop_free(maps, POLICY_MAPPING_free);
	POLICY_CONSTRAINTS_free(pc);
	ASN1_INTEGER_free(inhibit);
	return ok;
}

/* Section 6.1.5 a and b. */
static bool
wrap_up(struct state *s, const struct certificate *leaf)
{
	bool ok = true;
	POLICY_CONSTRAINTS *pc = extension(leaf, NID_policy_constraints, &ok);

	s->explicit_policy -= s->explicit_policy > 0;
	if (pc != NULL && pc->requireExplicitPolicy != NULL &&
	    ASN1_INTEGER_get(pc->requireExplicitPolicy) == 0)
		s->explicit_policy = 0;
	POLICY_CONSTRAINTS_free(pc);
	return ok;
}

/* Runs the path through s, and leaves the last level there. */
static void
run(struct state *s, struct policy_result *out, struct certificate *const *cert,
    size_t num)
{
	ASN1_OBJECT *any = OBJ_nid2obj(NID_any_policy);

	s->explicit_policy = s->inhibit_any = s->policy_mapping = num;
	level_add(&s->now, any, any);
	for (size_t i = num - 1; i-- > 0 && !out->malformed;) {
		bool ok = true;
		CERTIFICATEPOLICIES *cp =
		    extension(cert[i], NID_certificate_policies, &ok);
		bool any_counts =
		    s->inhibit_any > 0 || (i > 0 && cert[i]->self_issued);

		narrow(s, cp, any_counts, i == 0);
		CERTIFICATEPOLICIES_free(cp);
		if (ok)
			ok = i > 0 ? prepare_next(s, cert[i]) : wrap_up(s, cert[i]);
		/* section 6.1.3 f: for the leaf once more after the wrap-up */
		if (!ok || (s->explicit_policy == 0 && s->now.num == 0)) {
			out->malformed = !ok;
			out->refused = true;
			out->certificate = (int)i;
			break;
		}
	}
}

static void
list(struct policy_result *out, const struct level *l)
{
	for (size_t i = 0; i < l->num && out->num < POLICY_RESULT_MAX; i++) {
		char *text = out->policy[out->num];
		bool known = false;
		int n = OBJ_obj2txt(text, POLICY_TEXT_MAX, l->pair[i].origin, 1);

		for (size_t k = 0; k < out->num; k++)
			known |= strcmp(out->policy[k], text) == 0;
		if (n > 0 && n < POLICY_TEXT_MAX && !known)
			out->num++;
		else
			text[0] = '\0';
	}
}

void
policy_evaluate(
    struct policy_result *out, struct certificate *const *cert, size_t num)
{
	struct state strict = {.lenient = false};
	struct state lenient = {.lenient = true};
	struct policy_result scratch = {0};

	memset(out, 0, sizeof(*out));
	out->certificate = -1;
	if (num == 0)
		return;
	run(&strict, out, cert, num);
	if (!out->refused && !strict.differs) {
		list(out, &strict.now);
	} else if (!out->refused) {
		run(&lenient, &scratch, cert, num);
		if (!scratch.refused)
			list(out, &lenient.now);
	}
	level_clear(&strict.now);
	level_clear(&lenient.now);
	ERR_clear_error();
}
