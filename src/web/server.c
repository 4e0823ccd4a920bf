/*
 * The glue to kore: one route takes everything, a table of ours decides; a
 * request sleeps while it waits and is woken when its answer is complete.
 */
#include "web/server.h"

#include <kore/kore.h>
#include <kore/http.h>
#include <kore/seccomp.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/json.h"
#include "base/settings.h"
#include "base/text.h"
#include "web/log.h"
#include "web/start.h"

/* What libpq, the stores and a clean abort need beyond kore's own list. mremap
 * comes from realloc of large buffers, under load only. */
KORE_SECCOMP_FILTER("countersign", KORE_SYSCALL_ALLOW(newfstatat),
		    KORE_SYSCALL_ALLOW(pread64), KORE_SYSCALL_ALLOW(linkat),
		    KORE_SYSCALL_ALLOW(link), KORE_SYSCALL_ALLOW(unlinkat),
		    KORE_SYSCALL_ALLOW(fdatasync), KORE_SYSCALL_ALLOW(fsync),
		    KORE_SYSCALL_ALLOW(mremap), KORE_SYSCALL_ALLOW(socket),
		    KORE_SYSCALL_ALLOW(connect), KORE_SYSCALL_ALLOW(getsockopt),
		    KORE_SYSCALL_ALLOW(getsockname),
		    KORE_SYSCALL_ALLOW(getpeername), KORE_SYSCALL_ALLOW(sendmsg),
		    KORE_SYSCALL_ALLOW(recvmsg), KORE_SYSCALL_ALLOW(uname),
		    KORE_SYSCALL_ALLOW(getgid), KORE_SYSCALL_ALLOW(getegid),
		    KORE_SYSCALL_ALLOW(gettid), KORE_SYSCALL_ALLOW(tgkill),
		    KORE_SYSCALL_ALLOW(gettimeofday), KORE_SYSCALL_ALLOW(prlimit64),
		    KORE_SYSCALL_ALLOW(sched_yield),
		    KORE_SYSCALL_ALLOW(restart_syscall))

int web_entry(struct http_request *);
void kore_parent_configure(int, char **);
void kore_worker_configure(void);
void kore_seccomp_hook(void);

static struct exchange *alive; /* newest first */

uint64_t
web_now_ms(void)
{
	return kore_time_ms();
}

int64_t
web_time(void)
{
	return (int64_t)time(NULL);
}

void
web_secret(char out[SECRET_HEX_LEN])
{
	uint8_t raw[32];

	randombytes_buf(raw, sizeof(raw));
	text_hex(out, raw, sizeof(raw));
	sodium_memzero(raw, sizeof(raw));
}

void
web_secret_hash(uint8_t out[32], const char *secret)
{
	crypto_hash_sha256(out, (const unsigned char *)secret, strlen(secret));
}

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

void
exchange_each(void (*visit)(struct exchange *, void *), void *arg)
{
	for (struct exchange *x = alive; x != NULL; x = x->next)
		if (!x->answered && !x->streaming)
			visit(x, arg);
}

/* ---- errors ---------------------------------------------------------------- */

static void
error_json(struct exchange *x, int status, const char *code, const char *sentence)
{
	struct json j;

	response_type(&x->response, "application/problem+json");
	json_init(&j, &x->response.body);
	json_object(&j);
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
exchange_error(struct exchange *x, int status, const char *code,
	       const char *sentence)
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
		     {"organisation", "organisation checked by a CA"},
		     {"key", "key only"},
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

	*out = (struct tpl_head){
	    .title = title,
	    .vendor = pg_text(r, 0, 1),
	    .assurance = assurance_text(pg_text(r, 0, 2)),
	    /* A key's hash says nothing to a reader; a registration does. */
	    .identity = key ? NULL : pg_text(r, 0, 4)};
}

/* ---- a request's life ------------------------------------------------------ */

static void
exchange_free(struct exchange *x)
{
	pg_forget(x->tx);
	if (x->page_free != NULL && x->page != NULL)
		x->page_free(x->page);
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		alive = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	response_free(&x->response);
	sodium_memzero(x->session, sizeof(x->session));
	sodium_memzero(x->presession, sizeof(x->presession));
	free(x);
}

static void
on_free(struct http_request *req)
{
	exchange_free(req->hdlr_extra);
	req->hdlr_extra = NULL;
}

static enum web_method
method_of(const struct http_request *req)
{
	switch (req->method) {
	case HTTP_METHOD_GET:
		return WEB_GET;
	case HTTP_METHOD_HEAD:
		return WEB_HEAD;
	case HTTP_METHOD_POST:
		return WEB_POST;
	default:
		return WEB_OTHER;
	}
}

static void
read_secret(char out[SECRET_HEX_LEN], const char *cookies, const char *name)
{
	if (!cookie_get(out, SECRET_HEX_LEN, cookies, name) || !secret_valid(out))
		out[0] = '\0';
}

static struct exchange *
exchange_new(struct http_request *req)
{
	struct exchange *x = calloc(1, sizeof(*x));
	const char *id, *cookies;
	uint8_t raw[16];

	if (x == NULL)
		return NULL;
	x->kore = req;
	x->started = web_now_ms();
	x->method = method_of(req);
	response_init(&x->response);
	id = exchange_header(x, "x-request-id");
	if (id == NULL || strlen(id) != 32 ||
	    strspn(id, "0123456789abcdef") != 32) {
		randombytes_buf(raw, sizeof(raw));
		text_hex(x->request_id, raw, sizeof(raw));
	} else {
		memcpy(x->request_id, id, sizeof(x->request_id));
	}
	cookies = exchange_header(x, "cookie");
	read_secret(x->session, cookies, COOKIE_SESSION);
	read_secret(x->presession, cookies, COOKIE_PRESESSION);
	x->next = alive;
	if (alive != NULL)
		alive->prev = x;
	alive = x;
	return x;
}

static bool
wants_html(const char *accept)
{
	return accept != NULL && strstr(accept, "text/html") != NULL;
}

static void
dispatch(struct exchange *x)
{
	struct route_match *m = &x->match;
	char allow[32];

	x->format = accept_format(exchange_header(x, "accept"));
	if (strcmp(x->kore->path, "/submit") == 0 && x->format == FORMAT_HTML &&
	    !wants_html(exchange_header(x, "accept")))
		x->format = FORMAT_TEXT; /* a crash client reads no HTML */
	if (!target_parse(&x->target, x->kore->path)) {
		exchange_error(x, 404, "not-found",
			       "There is nothing at this address.");
		return;
	}
	route_find(m, routes, num_routes, x->method, &x->target);
	if (m->has_ending)
		x->format = m->format;
	if (m->route == NULL && m->allowed != 0) {
		exchange_error(x, 405, "method-not-allowed",
			       "This address does not take this kind of request.");
		route_allow(allow, m->allowed);
		response_header(&x->response, "allow", "%s", allow);
	} else if (m->route == NULL) {
		exchange_error(x, 404, "not-found",
			       "There is nothing at this address.");
	} else if (x->method == WEB_POST &&
		   exchange_body(x).len > m->route->max_body &&
		   m->route->max_body > 0) {
		exchange_error(x, 413, "upload-too-large",
			       "The body is larger than this address takes. Send a "
			       "smaller one.");
	} else if (m->route->role == ROLE_VENDOR && x->session[0] == '\0') {
		exchange_no_session(x);
	} else {
		m->route->handler(x);
	}
}

static void
log_request(struct exchange *x)
{
	char path[160];
	const char *p = x->kore->path;
	size_t i;

	for (i = 0; i + 1 < sizeof(path) && p[i] != '\0'; i++)
		path[i] = p[i] > ' ' && p[i] < 0x7f && p[i] != '"' ? p[i] : '?';
	path[i] = '\0';
	web_log("request", "id=%s method=%s path=%s status=%d bytes=%zu ms=%llu",
		x->request_id, http_method_text(x->kore->method), path,
		x->response.status, x->response.body.len,
		(unsigned long long)(web_now_ms() - x->started));
}

static void
respond(struct exchange *x)
{
	struct response *r = &x->response;

	if (!buf_ok(&r->body))
		exchange_error(x, 500, "answer-too-large",
			       "The answer became too large. Ask for less of it.");
	response_security(r);
	response_header(r, "x-request-id", "%s", x->request_id);
	for (size_t i = 0; i < r->num_headers; i++)
		http_response_header(x->kore, r->header[i].name,
				     r->header[i].value);
	http_response(x->kore, r->status, r->body.len == 0 ? NULL : r->body.data,
		      r->body.len);
	log_request(x);
}

/* The one route of kore.conf. */
int
web_entry(struct http_request *req)
{
	struct exchange *x = req->hdlr_extra;

	if (x == NULL) {
		x = exchange_new(req);
		if (x == NULL)
			return KORE_RESULT_ERROR;
		req->hdlr_extra = x;
		req->flags |= HTTP_REQUEST_RETAIN_EXTRA;
		req->onfree = on_free;
		dispatch(x);
	}
	if (x->streaming) {
		log_request(x);
		return KORE_RESULT_OK;
	}
	if (x->answered) {
		respond(x);
		return KORE_RESULT_OK;
	}
	http_request_sleep(req);
	return KORE_RESULT_RETRY;
}

/* ---- start ----------------------------------------------------------------- */

static void
tick(void *arg, uint64_t now)
{
	(void)arg;
	for (struct exchange *x = alive; x != NULL; x = x->next) {
		if (x->wake_at != 0 && now >= x->wake_at && !x->answered &&
		    !x->streaming) {
			x->wake_at = 0;
			x->on_wake(x);
		}
	}
	kore_timer_add(tick, 100, NULL, KORE_TIMER_ONESHOT);
}

static void
notified(const char *channel, const char *payload)
{
	if (strcmp(channel, "countersign_attempt") == 0)
		page_attempt_notified(payload);
}

void
kore_parent_configure(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	start_read(&web);
	start_syncer(&web);
}

void
kore_worker_configure(void)
{
	web_log("start", "teller=%s host=%s", web.teller, web.host);
	pg_start(web.settings, notified);
	page_submit_start();
	tick(NULL, web_now_ms());
}
