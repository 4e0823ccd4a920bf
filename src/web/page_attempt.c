/*
 * Handing a signed challenge in, and waiting for the worker's word: the worker
 * notifies, which wakes whoever waits for that attempt; a browser that has
 * waited for some seconds gets a page that asks again by itself.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "auth/challenge.h"
#include "base/instant.h"
#include "base/json.h"
#include "intake/multipart.h"
#include "pki/finding.h"
#include "web/server.h"
#include "web/signin.h"

struct attempt_page {
	int64_t number;
	char id[17];		     /* the challenge's */
	bool again;		     /* notified while the answer was on its way */
	char secret[SECRET_HEX_LEN]; /* hand-in only: the session to be */
};

static void ask(struct exchange *);

/* Also marks which exchanges wait for an attempt. */
static void
attempt_free(void *page)
{
	free(page);
}

static struct attempt_page *
attempt_new(struct exchange *x, const char *id)
{
	struct attempt_page *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		exchange_unavailable(x);
		return NULL;
	}
	snprintf(p->id, sizeof(p->id), "%s", id);
	x->page = p;
	x->page_free = attempt_free;
	return p;
}

static void
refuse(struct exchange *x, const char *reason)
{
	struct attempt_page *p = x->page;

	verdict_render(x, "refused", reason, NULL, p == NULL ? "" : p->id);
}

/* ---- waiting --------------------------------------------------------------- */

static void
still_waiting(struct exchange *x)
{
	struct attempt_page *p = x->page;
	struct tpl_head head = {.title = "Checking your signature", .refresh = 2};
	struct tpl_waiting t = {.frame = &head};
	struct json j;
	struct html h;

	x->response.status = 202;
	if (x->format == FORMAT_HTML) {
		h = exchange_html(x);
		tpl_waiting(&h, &t);
	} else {
		response_type(&x->response, "application/json");
		json_init(&j, &x->response.body);
		json_begin_object(&j);
		json_kv_string(&j, "state", "waiting");
		json_kv_int(&j, "attempt", p->number);
		json_end_object(&j);
		buf_putc(&x->response.body, '\n');
		response_header(&x->response, "location",
		    "/signin/%s/attempt/%" PRId64 ".json", p->id, p->number);
	}
	exchange_ready(x);
}

static void
answered(struct exchange *x, struct pg_tx *tx)
{
	struct attempt_page *p = x->page;
	const PGresult *r = tx->result[0];
	const char *state = pg_text(r, 0, 0);

	if (pg_rows(r) == 0 || strcmp(pg_text(r, 0, 5), p->id) != 0) {
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
	} else if (strcmp(state, "waiting") == 0) {
		if (p->again)
			ask(x);
	} else if (strcmp(state, "accepted") == 0 && x->format == FORMAT_HTML) {
		response_redirect(&x->response, "/buckets");
		exchange_ready(x);
	} else {
		verdict_render(x, state, pg_text(r, 0, 1), pg_text(r, 0, 2), p->id);
	}
}

static void
ask(struct exchange *x)
{
	struct attempt_page *p = x->page;
	uint8_t hash[32];
	struct db_args a;
	struct pg_tx *tx;

	p->again = false;
	tx = exchange_begin(x, PG_PAGES, answered);
	if (tx == NULL)
		return;
	web_secret_hash(hash, x->presession);
	db_args_init(&a);
	db_arg_int(&a, p->number);
	db_arg_bytes(&a, bytes_of(hash, sizeof(hash)));
	pg_add(tx, QUERY_ATTEMPT_GET, &a);
	pg_send(tx);
}

static void
wait_for(struct exchange *x)
{
	exchange_wake(x,
	    x->format == FORMAT_HTML ? WEB_ATTEMPT_WAIT : WEB_ATTEMPT_WAIT_JSON,
	    still_waiting);
	ask(x);
}

static void
visit(struct exchange *x, void *arg)
{
	struct attempt_page *p = x->page;
	const int64_t *number = arg;

	if (x->page_free != attempt_free || p == NULL || p->number != *number)
		return;
	if (x->tx != NULL)
		p->again = true;
	else
		ask(x);
}

void
page_attempt_notified(const char *payload)
{
	int64_t number;

	if (number_parse(&number, payload))
		exchange_each(visit, &number);
}

void
page_attempt(struct exchange *x)
{
	struct attempt_page *p;
	int64_t number;

	if (!signin_id_valid(x->match.param[0]) ||
	    !number_parse(&number, x->match.param[1]) || x->presession[0] == '\0') {
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
		return;
	}
	p = attempt_new(x, x->match.param[0]);
	if (p == NULL)
		return;
	p->number = number;
	wait_for(x);
}

/* ---- handing in ------------------------------------------------------------ */

static void
handed_in(struct exchange *x, struct pg_tx *tx)
{
	struct attempt_page *p = x->page;
	const PGresult *r = tx->result[0];

	if (pg_null(r, 0, 0)) {
		refuse(x, pg_text(r, 0, 1));
		return;
	}
	p->number = pg_int(r, 0, 0);
	response_cookie(&x->response, COOKIE_SESSION, p->secret);
	if (x->format == FORMAT_HTML) {
		response_redirect(
		    &x->response, "/signin/%s/attempt/%" PRId64, p->id, p->number);
		exchange_ready(x);
	} else {
		wait_for(x);
	}
}

/* The signed file: the part called file, else the first with a file name; or
 * the whole body when it is no form. NULL bytes when a form has none. */
static struct bytes
signed_file(struct exchange *x)
{
	struct bytes body = exchange_body(x), boundary;
	const char *type = exchange_header(x, "content-type");
	struct multipart form;

	if (type == NULL ||
	    multipart_boundary(&boundary, type) == INTAKE_NOT_MULTIPART)
		return body;
	if (multipart_boundary(&boundary, type) != INTAKE_OK ||
	    multipart_parse(&form, body, boundary) != INTAKE_OK)
		return bytes_of(NULL, 0);
	for (size_t i = 0; i < form.num_parts; i++)
		if (bytes_equal(form.parts[i].name, bytes_of("file", 4)))
			return form.parts[i].data;
	for (size_t i = 0; i < form.num_parts; i++)
		if (form.parts[i].filename.p != NULL)
			return form.parts[i].data;
	return bytes_of(NULL, 0);
}

static void
hand_in(struct exchange *x, struct bytes file)
{
	struct attempt_page *p = x->page;
	uint8_t pre_hash[32], session_hash[32];
	struct db_args a;
	struct pg_tx *tx = exchange_begin(x, PG_WRITES, handed_in);

	if (tx == NULL)
		return;
	web_secret(p->secret);
	web_secret_hash(pre_hash, x->presession);
	web_secret_hash(session_hash, p->secret);
	db_args_init(&a);
	db_arg_text(&a, p->id);
	db_arg_bytes(&a, bytes_of(pre_hash, sizeof(pre_hash)));
	db_arg_bytes(&a, bytes_of(session_hash, sizeof(session_hash)));
	db_arg_bytes(&a, file);
	pg_add(tx, QUERY_ATTEMPT_PUT, &a);
	pg_send(tx);
}

void
page_hand_in(struct exchange *x)
{
	const char *id = x->match.param[0];
	struct bytes file;

	if (!origin_allowed(exchange_header(x, "sec-fetch-site"),
		exchange_header(x, "origin"), web.host)) {
		exchange_error(x, 403, "cross-site",
		    "This form was sent from another site. Open the "
		    "sign-in page and use its own.");
		return;
	}
	if (attempt_new(x, signin_id_valid(id) ? id : "") == NULL)
		return;
	file = signed_file(x);
	if (!signin_id_valid(id))
		refuse(x, "challenge-not-ours");
	else if (x->presession[0] == '\0')
		refuse(x, "challenge-foreign");
	else if (file.len > CHALLENGE_UPLOAD_MAX)
		refuse(x, "upload-too-large");
	else if (file.len == 0)
		refuse(x, "upload-empty");
	else
		hand_in(x, file);
}
