/*
 * One fetch with libcurl. Redirects are followed here and not by the library, so
 * that each is judged like the first address.
 */
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "fetch/address_policy.h"
#include "fetch/url_policy.h"

struct target {
	struct url url;
	char connect[300]; /* for CURLOPT_CONNECT_TO or _RESOLVE */
	bool mapped;
};

/* "NAME=ADDRESS:PORT" of the setting for this host. */
static bool
mapped_host(struct target *t, const char *hosts)
{
	size_t len = strlen(t->url.host);

	while (*hosts != '\0') {
		size_t word = strcspn(hosts, " \t,");

		if (word > len + 1 && hosts[len] == '=' &&
		    strncasecmp(hosts, t->url.host, len) == 0) {
			snprintf(t->connect, sizeof(t->connect), "%s:%u:%.*s",
			    t->url.host, t->url.port, (int)(word - len - 1),
			    hosts + len + 1);
			return true;
		}
		hosts += word;
		hosts += strspn(hosts, " \t,");
	}
	return false;
}

static void
address_text(char *out, size_t room, const struct addrinfo *a)
{
	out[0] = '\0';
	getnameinfo(a->ai_addr, a->ai_addrlen, out, (socklen_t)room, NULL, 0,
	    NI_NUMERICHOST);
}

/* Resolves, refuses if any address is not public, and pins the first. */
static const char *
resolve(struct target *t)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	const char *code = "not-resolved";
	struct addrinfo *list = NULL;
	char text[64];

	if (getaddrinfo(t->url.host, NULL, &hints, &list) != 0 || list == NULL)
		return code;
	code = NULL;
	for (struct addrinfo *a = list; a != NULL; a = a->ai_next)
		if (!address_allowed(a->ai_addr))
			code = "address-refused";
	address_text(text, sizeof(text), list);
	snprintf(t->connect, sizeof(t->connect),
	    strchr(text, ':') != NULL ? "%s:%u:[%s]" : "%s:%u:%s", t->url.host,
	    t->url.port, text);
	freeaddrinfo(list);
	return code;
}

static size_t
on_body(char *data, size_t size, size_t num, void *arg)
{
	struct buf *b = arg;

	buf_append(b, data, size * num);
	return buf_ok(b) ? size * num : 0;
}

static void
set_options(
    CURL *c, struct target *t, struct curl_slist *pin, struct buf *body, long ms)
{
	curl_easy_setopt(c, CURLOPT_URL, t->url.text);
	curl_easy_setopt(c, t->mapped ? CURLOPT_CONNECT_TO : CURLOPT_RESOLVE, pin);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, NULL);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "countersign");
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)FETCH_MAX_BODY);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
}

static const char *
code_of(CURLcode rc, long status, const struct buf *body)
{
	if (!buf_ok(body) || rc == CURLE_FILESIZE_EXCEEDED)
		return "too-large";
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return "timed-out";
	if (rc != CURLE_OK)
		return "not-connected";
	if (status >= 301 && status <= 308 && status != 304)
		return "redirect";
	if (status != 200)
		return "http-status";
	return body->len == 0 ? "empty" : "ok";
}

/* One request; on a redirect next holds its target. */
static const char *
request(struct target *t, struct buf *body, struct fetch_result *r, char *next,
    size_t room, long ms)
{
	CURL *c = curl_easy_init();
	struct curl_slist *pin = curl_slist_append(NULL, t->connect);
	const char *code = "not-connected", *to = NULL;
	CURLcode rc;

	if (c != NULL && pin != NULL) {
		set_options(c, t, pin, body, ms);
		rc = curl_easy_perform(c);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &r->status);
		code = code_of(rc, r->status, body);
		if (strcmp(code, "redirect") == 0) {
			curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &to);
			snprintf(next, room, "%s", to != NULL ? to : "");
		}
	}
	curl_slist_free_all(pin);
	curl_easy_cleanup(c);
	return code;
}

static long
left_ms(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (end->tv_sec - now.tv_sec) * 1000 +
	    (end->tv_nsec - now.tv_nsec) / 1000000;
}

bool
fetch_url(
    struct buf *body, struct fetch_result *r, const char *url, const char *hosts)
{
	char next[FETCH_MAX_URL + 2];
	struct timespec end;
	struct target t;

	*r = (struct fetch_result){0};
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += FETCH_SECONDS;
	snprintf(next, sizeof(next), "%s", url);
	for (;;) {
		enum url_refusal no = url_check(&t.url, next);
		long ms = left_ms(&end);

		buf_free(body);
		buf_init(body, FETCH_MAX_BODY);
		r->code = no != URL_OK ? url_refusal_text(no)
		    : ms <= 0	       ? "timed-out"
				       : NULL;
		if (r->code != NULL)
			return false;
		t.mapped = mapped_host(&t, hosts);
		if (!t.mapped && (r->code = resolve(&t)) != NULL)
			return false;
		r->code = request(&t, body, r, next, sizeof(next), ms);
		if (strcmp(r->code, "redirect") != 0)
			return strcmp(r->code, "ok") == 0;
		if (++r->redirects > FETCH_MAX_REDIRECTS) {
			r->code = "too-many-redirects";
			return false;
		}
	}
}
