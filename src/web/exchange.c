/*
 * What pages work with while they answer one request: see server.h. The life of
 * a request is in server.c.
 */
#include "web/server.h"

#include <kore/kore.h>
#include <kore/http.h>

#include "base/json.h"

/* ---- what pages ask -------------------------------------------------------- */

const char *
exchange_header(const struct exchange *x, const char *name)
{
	const char *value = NULL;

	if (http_request_header(x->kore, name, &value) != KORE_RESULT_OK)
		return NULL;
	return value;
}

const char *
exchange_query(const struct exchange *x)
{
	return x->kore->query_string;
}

struct bytes
exchange_body(const struct exchange *x)
{
	/* kore rewinds the buffer once it is complete: its own length is 0. */
	if (x->kore->http_body == NULL)
		return bytes_of(NULL, 0);
	return bytes_of(x->kore->http_body->data, x->kore->http_body_length);
}

const char *
exchange_remote(const struct exchange *x)
{
	const char *remote = exchange_header(x, "x-remote");

	return remote == NULL ? "-" : remote;
}

struct html
exchange_html(struct exchange *x)
{
	response_type(&x->response, "text/html; charset=utf-8");
	return (struct html){.out = &x->response.body};
}

void
exchange_ready(struct exchange *x)
{
	x->answered = true;
	x->wake_at = 0;
	http_request_wakeup(x->kore);
}

void
exchange_wake(struct exchange *x, unsigned ms, void (*on_wake)(struct exchange *))
{
	x->on_wake = on_wake;
	x->wake_at = ms == 0 ? 0 : web_now_ms() + ms;
}

/* ---- errors ---------------------------------------------------------------- */

static void
error_json(struct exchange *x, int status, const char *code, const char *sentence)
{
	struct json j;

	response_type(&x->response, "application/problem+json");
	json_init(&j, &x->response.body);
	json_begin_object(&j);
	json_kv_int(&j, "status", status);
	json_kv_string(&j, "code", code);
	json_kv_string(&j, "title", http_status_text(status));
	json_kv_string(&j, "sentence", sentence);
	json_kv_string(&j, "request_id", x->request_id);
	json_end_object(&j);
	buf_putc(&x->response.body, '\n');
}

static void
error_html(struct exchange *x, int status, const char *code, const char *sentence)
{
	struct tpl_head head = {.title = sentence};
	struct tpl_error e = {.frame = &head,
	    .status = status,
	    .code = code,
	    .sentence = sentence,
	    .request_id = x->request_id,
	    .again = status == 503,
	    .lost = status == 404};
	struct html h = exchange_html(x);

	tpl_error(&h, &e);
}

void
exchange_error(
    struct exchange *x, int status, const char *code, const char *sentence)
{
	response_clear(&x->response);
	x->response.status = status;
	if (x->format == FORMAT_TEXT) {
		response_type(&x->response, "text/plain; charset=utf-8");
		buf_printf(&x->response.body, "%s: %s\n", code, sentence);
	} else if (x->format == FORMAT_HTML) {
		error_html(x, status, code, sentence);
	} else {
		error_json(x, status, code, sentence);
	}
	response_header(&x->response, "x-countersign-code", "%s", code);
	if (status == 503)
		response_header(&x->response, "retry-after", "5");
	exchange_ready(x);
}

void
exchange_unavailable(struct exchange *x)
{
	exchange_error(x, 503, "database-unavailable",
	    "The database does not answer at the "
	    "moment. Nothing was lost; try again in a few seconds.");
}

void
exchange_no_session(struct exchange *x)
{
	if (x->format != FORMAT_HTML || x->method == WEB_POST) {
		exchange_error(x, 401, "session-missing",
		    "There is no session, or it has ended. "
		    "Sign a challenge at /signin and send the cookie "
		    "that you get.");
		return;
	}
	response_redirect(&x->response, "/signin");
	exchange_ready(x);
}

/* ---- transactions ---------------------------------------------------------- */

static void
tx_done(struct pg_tx *tx, void *arg)
{
	struct exchange *x = arg;

	x->tx = NULL;
	if (tx->outcome == PG_OK)
		x->on_tx(x, tx);
	else if (tx->outcome == PG_FAILED && strncmp(tx->sqlstate, "57", 2) != 0 &&
	    strncmp(tx->sqlstate, "53", 2) != 0)
		exchange_error(x, 500, "internal",
		    "Something went wrong here. It has been "
		    "written down with the number of this request.");
	else
		exchange_unavailable(x);
}

struct pg_tx *
exchange_begin(struct exchange *x, enum pg_lane lane,
    void (*on_tx)(struct exchange *, struct pg_tx *))
{
	x->on_tx = on_tx;
	x->tx = pg_begin(lane, tx_done, x);
	if (x->tx == NULL)
		exchange_unavailable(x);
	return x->tx;
}

static void
vendor_done(struct pg_tx *tx, void *arg)
{
	struct exchange *x = arg;

	if (tx->outcome == PG_OK && pg_rows(tx->result[1]) == 0) {
		x->tx = NULL;
		exchange_no_session(x);
		return;
	}
	tx_done(tx, arg);
}

struct pg_tx *
exchange_begin_vendor(struct exchange *x, enum pg_lane lane,
    void (*on_tx)(struct exchange *, struct pg_tx *))
{
	struct db_args args;

	if (x->session[0] == '\0') {
		exchange_no_session(x);
		return NULL;
	}
	x->on_tx = on_tx;
	x->tx = pg_begin(lane, vendor_done, x);
	if (x->tx == NULL) {
		exchange_unavailable(x);
		return NULL;
	}
	db_args_init(&args);
	db_arg_text(&args, x->session);
	pg_add(x->tx, QUERY_SESSION_PRESENT, &args);
	pg_add(x->tx, QUERY_VENDOR_SELF, NULL);
	return x->tx;
}

static const char *
assurance_text(const char *assurance)
{
	static const struct {
		const char *key, *text;
	} known[] = {{"registration", "EV registration"},
	    {"organisation", "organisation checked by a CA"}, {"key", "key only"},
	    {"claimed", "claimed"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].key, assurance) == 0)
			return known[i].text;
	return assurance;
}

void
exchange_frame(struct tpl_head *out, struct pg_tx *tx, const char *title)
{
	const PGresult *r = tx->result[1];
	bool key = strcmp(pg_text(r, 0, 3), "key") == 0;

	*out = (struct tpl_head){.title = title,
	    .vendor = pg_text(r, 0, 1),
	    .assurance = assurance_text(pg_text(r, 0, 2)),
	    /* A key's hash says nothing to a reader; a registration does. */
	    .identity = key ? NULL : pg_text(r, 0, 4)};
}
