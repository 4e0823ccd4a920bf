/*
 * The search for a path; see path.h.
 *
 * Depth first, from the leaf upwards.  A link counts only when the issuer's
 * key verifies the signature: names and key identifiers order the candidates
 * and decide nothing, since public files carry certificates whose every name
 * is right and whose signature is not.  A path is complete where it reaches a
 * certificate of the store; then it is judged as a whole (path_check.c), and if
 * it is refused the search goes on.  The best refused one is remembered.
 */
#include "pki/path.h"

#include <stdlib.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki/path_check.h"

/* How near a refused path came, for the choice of what to tell. */
enum rank { RANK_NONE, RANK_UNANCHORED, RANK_ROOT_INCAPABLE, RANK_ROOT };

struct link {
	struct certificate *cert; /* borrowed */
	enum certificate_source source;
	const char *url;
};

/* A signature that was already judged in this search. */
struct verified {
	const struct certificate *child, *issuer;
	bool ok;
};

struct attempt {
	enum rank rank;
	size_t num;
	struct link link[PATH_MAX_CERTS];
	struct findings findings;
};

struct search {
	const struct path_request *request;
	size_t num;
	struct link link[PATH_MAX_CERTS];
	unsigned steps;
	bool exhausted;
	size_t num_verified;
	struct verified verified[PATH_MAX_STEPS];
	struct attempt best;
	struct findings scratch;
	struct policy_result policies;
	const struct trust_root *root; /* of the valid path */
};

struct candidate {
	struct link link;
	int score;
};

/* Roots and pool together; more of one name than this are not looked at. */
#define CANDIDATES_MAX 64

/* ---- candidates ------------------------------------------------------------ */

static bool
key_id_matches(const struct certificate *child, const struct certificate *issuer)
{
	const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(child->x509);
	const ASN1_OCTET_STRING *has = X509_get0_subject_key_id(issuer->x509);

	return wanted != NULL && has != NULL &&
	    ASN1_OCTET_STRING_cmp(wanted, has) == 0;
}

static int
score_of(const struct path_request *r, const struct certificate *child,
    const struct certificate *issuer, const struct trust_root *root)
{
	int score = 0;

	if (root != NULL && (root->capabilities & r->capability) == r->capability)
		/* of several roots the one whose word goes furthest */
		score += 64 + __builtin_popcount(root->capabilities);
	if (key_id_matches(child, issuer))
		score += 32;
	if (r->at >= issuer->not_before && r->at <= issuer->not_after)
		score += 16;
	if (issuer->is_ca)
		score += 8;
	return score;
}

/* RFC 4158 section 2.4.2: the same name and key twice is a loop, whatever
 * certificate they stand in. */
static bool
in_path(const struct search *s, const struct certificate *c)
{
	for (size_t i = 0; i < s->num; i++) {
		const struct certificate *p = s->link[i].cert;

		if (memcmp(p->spki_sha256, c->spki_sha256,
			sizeof(c->spki_sha256)) == 0 &&
		    X509_NAME_cmp(X509_get_subject_name(p->x509),
			X509_get_subject_name(c->x509)) == 0)
			return true;
	}
	return false;
}

/* Inserts by score, first come first among equals; the least falls out. */
static void
offer(const struct search *s, struct candidate *list, size_t *num, struct link link,
    const struct trust_root *root)
{
	const struct certificate *child = s->link[s->num - 1].cert;
	struct candidate new = {.link = link};
	size_t i;

	if (X509_NAME_cmp(X509_get_issuer_name(child->x509),
		X509_get_subject_name(link.cert->x509)) != 0 ||
	    in_path(s, link.cert))
		return;
	new.score = score_of(s->request, child, link.cert, root);
	if (*num == CANDIDATES_MAX) {
		if (list[*num - 1].score >= new.score)
			return;
		--*num;
	}
	for (i = *num; i > 0 && list[i - 1].score < new.score; i--)
		list[i] = list[i - 1];
	list[i] = new;
	++*num;
}

static size_t
candidates(const struct search *s, struct candidate list[CANDIDATES_MAX])
{
	const struct trust_store *roots = s->request->roots;
	const struct certificates *pool = s->request->pool;
	size_t num = 0;

	for (size_t i = 0; i < roots->num; i++) {
		struct link link = {roots->root[i].cert, SOURCE_ROOT, NULL};

		offer(s, list, &num, link, &roots->root[i]);
	}
	for (size_t i = 0; pool != NULL && i < pool->num; i++) {
		struct link link = {
		    pool->item[i].cert, pool->item[i].source, pool->item[i].url};

		if (trust_find(roots, link.cert) == NULL)
			offer(s, list, &num, link, NULL);
	}
	return num;
}

/* A loop of cross-certificates asks for the same signature again and again. */
static bool
signed_by(struct search *s, const struct certificate *child,
    const struct certificate *issuer)
{
	bool ok;

	for (size_t i = 0; i < s->num_verified; i++)
		if (s->verified[i].child == child &&
		    s->verified[i].issuer == issuer)
			return s->verified[i].ok;
	ok = certificate_signed_by(child, issuer);
	if (s->num_verified < PATH_MAX_STEPS)
		s->verified[s->num_verified++] =
		    (struct verified){child, issuer, ok};
	return ok;
}

/* ---- refused attempts ------------------------------------------------------ */

/* Remembers the present path as the best refused one if it came nearer, or as
 * near and longer; s->scratch is what is wrong with it. */
static void
remember(struct search *s, enum rank rank)
{
	struct attempt *best = &s->best;

	if (rank < best->rank || (rank == best->rank && s->num <= best->num))
		return;
	best->rank = rank;
	best->num = s->num;
	memcpy(best->link, s->link, s->num * sizeof(s->link[0]));
	best->findings = s->scratch;
}

static void
dead_end(struct search *s, enum finding_code code, const char *detail)
{
	s->scratch.num = 0;
	finding_add(
	    &s->scratch, code, SEVERITY_ERROR, (int)s->num - 1, "%s", detail);
	remember(s, RANK_UNANCHORED);
}

/* ---- the search ------------------------------------------------------------ */

/* The path ends at a certificate of the store: is it good? */
static bool
judge(struct search *s, const struct trust_root *root)
{
	struct certificate *cert[PATH_MAX_CERTS];
	unsigned wanted = s->request->capability;

	s->scratch.num = 0;
	if ((root->capabilities & wanted) != wanted) {
		finding_add(&s->scratch, FINDING_ROOT_NOT_ACCEPTED, SEVERITY_ERROR,
		    (int)s->num - 1,
		    "%s is known here, but not accepted for this use",
		    root->cert->subject);
		remember(s, RANK_ROOT_INCAPABLE);
		return false;
	}
	for (size_t i = 0; i < s->num; i++)
		cert[i] = s->link[i].cert;
	if (path_check(&s->scratch, &s->policies, s->request, cert, s->num)) {
		s->root = root;
		return true;
	}
	remember(s, RANK_ROOT);
	return false;
}

static bool
explore(struct search *s)
{
	struct certificate *last = s->link[s->num - 1].cert;
	const struct trust_root *root = trust_find(s->request->roots, last);
	struct candidate list[CANDIDATES_MAX];
	bool linked = false;
	size_t num;

	if (root != NULL && judge(s, root))
		return true;
	if (last->self_signed) {
		if (root == NULL)
			dead_end(s,
			    s->num == 1 ? FINDING_SELF_SIGNED
					: FINDING_ROOT_NOT_ACCEPTED,
			    last->subject);
		return false;
	}
	if (s->num == PATH_MAX_CERTS) {
		dead_end(s, FINDING_PATH_TOO_LONG, "the search ends here");
		return false;
	}
	num = candidates(s, list);
	for (size_t i = 0; i < num && !s->exhausted; i++) {
		if (++s->steps > PATH_MAX_STEPS) {
			s->exhausted = true;
			break;
		}
		if (!signed_by(s, last, list[i].link.cert))
			continue;
		linked = true;
		s->link[s->num++] = list[i].link;
		if (explore(s))
			return true;
		s->num--;
	}
	if (!linked && root == NULL)
		dead_end(s,
		    num > 0 ? FINDING_SIGNATURE_DOES_NOT_MATCH
			    : FINDING_ISSUER_NOT_FOUND,
		    last->issuer);
	return false;
}

static void export(struct path *out, const struct link *link, size_t num)
{
	out->num = num;
	for (size_t i = 0; i < num; i++) {
		out->cert[i] = certificate_ref(link[i].cert);
		out->source[i] = link[i].source;
		out->url[i] = link[i].url;
	}
}

static void
report_valid(struct path *out, const struct search *s)
{
	export(out, s->link, s->num);
	out->root = s->root;
	out->num_policies = s->policies.num;
	memcpy(out->policy, s->policies.policy, sizeof(out->policy));
	out->valid = true;
}

static void
report_refused(struct path *out, struct findings *f, const struct search *s)
{
	export(out, s->best.link, s->best.num);
	if (s->exhausted)
		finding_add(f, FINDING_SEARCH_EXHAUSTED, SEVERITY_ERROR, -1,
		    "after %d candidates", PATH_MAX_STEPS);
	for (size_t i = 0; i < s->best.findings.num; i++) {
		const struct finding *item = &s->best.findings.item[i];

		finding_add(f, item->code, item->severity, item->certificate, "%s",
		    item->detail);
	}
}

/* The leaf as the pool has it, so that its origin is shown. */
static struct link
leaf_link(const struct path_request *r)
{
	for (size_t i = 0; r->pool != NULL && i < r->pool->num; i++)
		if (certificate_same(r->pool->item[i].cert, r->leaf))
			return (struct link){
			    r->leaf, r->pool->item[i].source, r->pool->item[i].url};
	return (struct link){r->leaf, SOURCE_GIVEN, NULL};
}

bool
path_build(struct path *out, struct findings *f, const struct path_request *request)
{
	struct search *s;

	_Static_assert(
	    sizeof(out->policy) == sizeof(s->policies.policy), "same shape");
	memset(out, 0, sizeof(*out));
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		finding_add(
		    f, FINDING_SEARCH_EXHAUSTED, SEVERITY_ERROR, -1, "no memory");
		return false;
	}
	s->request = request;
	s->link[s->num++] = leaf_link(request);
	if (explore(s))
		report_valid(out, s);
	else
		report_refused(out, f, s);
	free(s);
	return out->valid;
}

void
path_clear(struct path *p)
{
	for (size_t i = 0; i < p->num; i++)
		certificate_free(p->cert[i]);
	memset(p, 0, sizeof(*p));
}
