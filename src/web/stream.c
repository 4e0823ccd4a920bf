/*
 * Streaming; see stream.h. At any time either a buffer lies in kore's send
 * queue (its callback goes on) or a timer is set (it goes on): whichever it is
 * frees the stream when the connection has gone.
 */
#include "web/stream.h"

#include <kore/kore.h>
#include <kore/http.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "web/log.h"
#include "web/server.h"

/* Records between two breaths: net_send_flush() goes on until the socket is
 * full, and beside a fast reader nobody else would be served. */
#define BREATH_RECORDS 4

struct stream {
	struct sealed object; /* with its descriptor */
	struct connection *conn;
	uint64_t at, end; /* plaintext offsets still to send */
	unsigned since_breath;
	bool dead; /* the connection has gone */
	uint8_t record[SEAL_RECORD_SIZE];
};

static void
stream_free(struct stream *s)
{
	if (!s->dead) {
		s->conn->hdlr_extra = NULL;
		s->conn->disconnect = NULL;
	}
	close(s->object.fd);
	sealed_close(&s->object);
	sodium_memzero(s->record, sizeof(s->record));
	free(s);
}

static void
on_disconnect(struct connection *c)
{
	struct stream *s = c->hdlr_extra;

	/* kore would free hdlr_extra before the send queue's callbacks. */
	c->hdlr_extra = NULL;
	if (s != NULL)
		s->dead = true;
}

/* The next piece: a record, or what the range has of it. */
static bool
read_piece(struct stream *s, uint8_t **out, size_t *out_len)
{
	uint64_t index = s->at / SEAL_RECORD_SIZE, skip = s->at % SEAL_RECORD_SIZE;
	size_t len = 0;

	if (sealed_read_record(&s->object, s->record, &len, index) != STORE_OK ||
	    len < skip)
		return false;
	*out = s->record + skip;
	*out_len = len - (size_t)skip;
	if (*out_len > s->end - s->at)
		*out_len = (size_t)(s->end - s->at);
	s->at += *out_len;
	return *out_len > 0 || s->at == s->end;
}

static int on_sent(struct netbuf *);

static void
queue_piece(struct stream *s, uint8_t *data, size_t len)
{
	struct netbuf *nb;

	net_send_stream(s->conn, data, len, on_sent, &nb);
	nb->extra = s;
	s->since_breath++;
}

/* Reads and queues; ends the connection when the object is damaged. */
static bool
go_on(struct stream *s)
{
	uint8_t *data;
	size_t len;

	if (read_piece(s, &data, &len)) {
		queue_piece(s, data, len);
		return true;
	}
	web_log("dump-damaged", "at=%llu", (unsigned long long)s->at);
	return false;
}

static void
after_breath(void *arg, uint64_t now)
{
	struct stream *s = arg;
	struct connection *c = s->conn;

	(void)now;
	if (s->dead) {
		stream_free(s);
		return;
	}
	s->since_breath = 0;
	if (!go_on(s)) {
		stream_free(s);
		kore_connection_disconnect(c);
	} else if (net_send_flush(c) == KORE_RESULT_ERROR) {
		kore_connection_disconnect(c);
	}
}

/* kore has sent a piece, or throws it away with the connection. */
static int
on_sent(struct netbuf *nb)
{
	struct stream *s = nb->extra;
	struct connection *c = s->conn;

	if (s->dead || s->at == s->end) {
		stream_free(s);
	} else if (s->since_breath >= BREATH_RECORDS) {
		kore_timer_add(after_breath, 1, s, KORE_TIMER_ONESHOT);
	} else if (!go_on(s)) {
		stream_free(s);
		kore_connection_disconnect(c);
	}
	return KORE_RESULT_OK;
}

bool
stream_start(struct exchange *x, const struct sealed *object, struct range range)
{
	struct http_request *req = x->kore;
	struct stream *s = calloc(1, sizeof(*s));
	uint8_t *data = NULL;
	size_t len = 0;

	if (s == NULL || req->owner == NULL) {
		free(s);
		return false;
	}
	s->object = *object;
	s->conn = req->owner;
	s->at = range.first;
	s->end = range.first + range.len;
	if (!read_piece(s, &data, &len)) {
		sealed_close(&s->object);
		free(s);
		return false;
	}
	response_security(&x->response);
	response_header(&x->response, "x-request-id", "%s", x->request_id);
	for (size_t i = 0; i < x->response.num_headers; i++)
		http_response_header(
		    req, x->response.header[i].name, x->response.header[i].value);
	req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	http_response(req, x->response.status, NULL, 0);
	x->streaming = true;
	if (req->method == HTTP_METHOD_HEAD || len == 0) {
		s->dead = true; /* so that the connection is left alone */
		stream_free(s);
	} else {
		/* The timeout of headers would cut a long download. */
		s->conn->http_timeout = 0;
		s->conn->hdlr_extra = s;
		s->conn->disconnect = on_disconnect;
		queue_piece(s, data, len);
	}
	http_request_wakeup(req); /* kore flushes when the handler returns */
	return true;
}
