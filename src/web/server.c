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
    KORE_SYSCALL_ALLOW(getsockname), KORE_SYSCALL_ALLOW(getpeername),
    KORE_SYSCALL_ALLOW(sendmsg), KORE_SYSCALL_ALLOW(recvmsg),
    KORE_SYSCALL_ALLOW(uname), KORE_SYSCALL_ALLOW(getgid),
    KORE_SYSCALL_ALLOW(getegid), KORE_SYSCALL_ALLOW(gettid),
    KORE_SYSCALL_ALLOW(tgkill), KORE_SYSCALL_ALLOW(gettimeofday),
    KORE_SYSCALL_ALLOW(prlimit64), KORE_SYSCALL_ALLOW(sched_yield),
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
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
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
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
	} else if (x->method == WEB_POST &&
	    exchange_body(x).len > m->route->max_body && m->route->max_body > 0) {
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
		http_response_header(
		    x->kore, r->header[i].name, r->header[i].value);
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

void
exchange_each(void (*visit)(struct exchange *, void *), void *arg)
{
	for (struct exchange *x = alive; x != NULL; x = x->next)
		if (!x->answered && !x->streaming)
			visit(x, arg);
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
