/*
 * What became of an attempt: the refusal page worth reading (design section 9),
 * and the same as JSON and as text. The worker's result is our own JSON; what
 * it quotes from a stranger's certificate is escaped by the template like
 * everything else.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "pki/finding.h"
#include "web/server.h"
#include "web/signin.h"
#include "web/stored.h"
#include "web/words.h"

/* Links of a chain, steps and findings that a page shows. */
#define MAX_SHOWN 24

int
verdict_status(const char *reason)
{
	static const struct {
		const char *reason;
		int status;
	} known[] = {{"challenge-not-ours", 404}, {"challenge-replayed", 409},
	    {"challenge-expired", 410}, {"upload-empty", 400},
	    {"upload-too-large", 413}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].reason, reason) == 0)
			return known[i].status;
	return 403;
}

static const char *
step_words(const char *step)
{
	static const struct {
		const char *step, *text;
	} known[] = {{"file", "The file is the challenge that we issued"},
	    {"digest", "The signature matches the file"},
	    {"challenge", "The program name is the one asked for"},
	    {"chain", "The chain of certificates holds, now"},
	    {"root", "Its root is accepted for signing in"},
	    {"identity", "It says whose key this is"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].step, step) == 0)
			return known[i].text;
	return step;
}

static size_t
read_steps(struct tpl_step out[MAX_SHOWN], const struct stored *result)
{
	const struct stored *steps = stored_get(result, "steps");
	size_t num = 0;

	for (size_t i = 0; i < stored_len(steps) && num < MAX_SHOWN; i++) {
		const struct stored *s = stored_at(steps, i);
		const char *state = stored_text(s, "state");

		out[num++] =
		    (struct tpl_step){.title = step_words(stored_text(s, "step")),
			.detail = stored_text(s, "detail"),
			.done = strcmp(state, "done") == 0,
			.failed = strcmp(state, "failed") == 0};
	}
	return num;
}

static const char *
source_words(const char *source)
{
	static const struct {
		const char *source, *text;
	} known[] = {{"embedded", "in the file"}, {"given", "given to the portal"},
	    {"cache", "known from before"}, {"aia", "fetched"},
	    {"root", "root, known to the operator"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].source, source) == 0)
			return known[i].text;
	return source;
}

/* The chain as a ladder, from the leaf up; a link that a finding names has
 * failed. */
static size_t
read_chain(struct tpl_link out[MAX_SHOWN], const struct stored *result)
{
	const struct stored *sig = stored_at(stored_get(result, "signatures"), 0);
	const struct stored *chain = stored_get(sig, "chain");
	const struct stored *findings = stored_get(result, "findings");
	size_t num = 0;

	for (size_t i = 0; i < stored_len(chain) && num < MAX_SHOWN; i++) {
		const struct stored *c = stored_at(chain, i);

		out[num] = (struct tpl_link){.subject = stored_text(c, "subject"),
		    .sha256 = stored_text(c, "sha256"),
		    .url = stored_text(c, "url"),
		    .source = source_words(stored_text(c, "source")),
		    .leaf = i == 0};
		for (size_t k = 0; k < stored_len(findings); k++) {
			const struct stored *f = stored_at(findings, k);

			if (stored_is_index(f, "certificate", i) &&
			    strcmp(stored_text(f, "severity"), "error") == 0)
				out[num].problem = finding_seen(
				    finding_by_text(stored_text(f, "code")));
		}
		num++;
	}
	return num;
}

static size_t
read_findings(struct tpl_finding out[MAX_SHOWN], const struct stored *result)
{
	const struct stored *findings = stored_get(result, "findings");
	size_t num = 0;

	for (size_t i = 0; i < stored_len(findings) && num < MAX_SHOWN; i++) {
		const struct stored *f = stored_at(findings, i);
		enum finding_code code = finding_by_text(stored_text(f, "code"));

		out[num++] = (struct tpl_finding){.code = stored_text(f, "code"),
		    .severity = stored_text(f, "severity"),
		    .detail = stored_text(f, "detail"),
		    .seen = code == FINDING_OK ? "" : finding_seen(code)};
	}
	return num;
}

/* ---- three forms ----------------------------------------------------------- */

struct verdict {
	const char *state, *reason, *seen, *remedy;
	struct stored *result; /* NULL when it was not looked at */
};

/* "Copy as text": what a person pastes into a ticket. */
static void
put_text(struct buf *b, struct exchange *x, const struct verdict *v)
{
	struct tpl_link chain[MAX_SHOWN];
	struct tpl_finding findings[MAX_SHOWN];
	size_t num;

	buf_printf(b, "Sign-in %s", v->state);
	if (*v->reason != '\0')
		buf_printf(b, ": %s", v->reason);
	buf_printf(b, "\n%s\nWhat to do: %s\n", v->seen, v->remedy);
	num = read_chain(chain, v->result);
	for (size_t i = 0; i < num; i++) {
		buf_printf(b, "%zu. ", i);
		text_visible(
		    b, bytes_of(chain[i].subject, strlen(chain[i].subject)));
		buf_printf(
		    b, " (%s) sha256 %s\n", chain[i].source, chain[i].sha256);
	}
	num = read_findings(findings, v->result);
	for (size_t i = 0; i < num; i++)
		buf_printf(b, "- %s [%s] %s\n", findings[i].code,
		    findings[i].severity, findings[i].detail);
	buf_printf(b, "Request %s\n", x->request_id);
}

static void
render_html(struct exchange *x, const struct verdict *v)
{
	struct tpl_head head = {.title = "Sign-in refused"};
	struct tpl_step steps[MAX_SHOWN];
	struct tpl_link chain[MAX_SHOWN];
	struct tpl_finding findings[MAX_SHOWN];
	const struct stored *certificate = stored_get(v->result, "certificate");
	struct tpl_refused t = {.frame = &head,
	    .code = v->reason,
	    .seen = v->seen,
	    .remedy = v->remedy,
	    .steps = steps,
	    .chain = chain,
	    .findings = findings,
	    .name_given = stored_text(v->result, "program_name"),
	    .subject = stored_text(certificate, "subject"),
	    .issuer = stored_text(certificate, "issuer"),
	    .serial = stored_text(certificate, "serial"),
	    .not_after = stored_text(certificate, "not_after")};
	struct html h;
	struct buf text;

	buf_init(&text, 1 << 20);
	put_text(&text, x, v);
	t.text = buf_str(&text);
	t.num_steps = read_steps(steps, v->result);
	t.num_chain = read_chain(chain, v->result);
	t.num_findings = read_findings(findings, v->result);
	/* No root was reached: say so where it would stand. */
	t.unfinished =
	    t.num_chain > 0 && strcmp(v->reason, "issuer-not-found") == 0;
	h = exchange_html(x);
	tpl_refused(&h, &t);
	buf_free(&text);
}

static void
render_json(struct exchange *x, const struct verdict *v)
{
	struct buf *b = &x->response.body;
	char *raw = stored_dump(v->result);
	struct json j;

	response_type(&x->response, "application/json");
	json_init(&j, b);
	json_begin_object(&j);
	json_kv_string(&j, "verdict", v->state);
	json_kv_string(&j, "code", *v->reason == '\0' ? NULL : v->reason);
	json_kv_string(&j, "sentence", *v->seen == '\0' ? NULL : v->seen);
	json_kv_string(&j, "remedy", *v->remedy == '\0' ? NULL : v->remedy);
	json_kv_string(&j, "request_id", x->request_id);
	if (strcmp(v->state, "accepted") == 0)
		json_kv_string(&j, "next", "/buckets.json");
	json_key(&j, "result");
	if (raw == NULL) {
		json_none(&j);
	} else {
		/* json_none() would put the comma; the worker's JSON stands as it
		 * is. */
		buf_puts(b, raw);
	}
	buf_puts(b, "}\n");
	free(raw);
}

void
verdict_render(struct exchange *x, const char *state, const char *reason,
    const char *result, const char *challenge_id)
{
	enum finding_code code = finding_by_text(reason);
	struct verdict v = {.state = state,
	    .reason = reason,
	    .seen = code == FINDING_OK ? "" : finding_seen(code),
	    .remedy = code == FINDING_OK ? "" : finding_remedy(code)};

	(void)challenge_id;
	if (result != NULL && *result != '\0')
		v.result = stored_parse(result);
	if (code == FINDING_OK && strcmp(state, "refused") == 0) {
		v.seen = "The signature could not be checked.";
		v.remedy = "Get a new challenge and try again; if it stays so, "
			   "tell the operator.";
	}
	x->response.status =
	    strcmp(state, "accepted") == 0 ? 200 : verdict_status(reason);
	if (*reason != '\0')
		response_header(&x->response, "x-countersign-code", "%s", reason);
	if (x->format == FORMAT_HTML) {
		render_html(x, &v);
	} else if (x->format == FORMAT_TEXT) {
		response_type(&x->response, "text/plain; charset=utf-8");
		put_text(&x->response.body, x, &v);
	} else {
		render_json(x, &v);
	}
	stored_free(v.result);
	exchange_ready(x);
}
