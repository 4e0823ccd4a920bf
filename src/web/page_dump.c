/*
 * A dump goes out: decrypted record by record while it is sent, so that its
 * size does not matter; the audit row is committed before the first byte
 * (design, invariant 7). Ranges, If-Range and HEAD as of RFC 9110.
 */
#include <kore/kore.h>
#include <kore/http.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/seal.h"
#include "web/log.h"
#include "web/server.h"
#include "web/stream.h"

enum { STEP_OPEN = VENDOR_STEPS };
enum { COL_OBJECT, COL_SIZE, COL_SHA256, COL_KEY, COL_RECEIVED };

static void
damaged(struct exchange *x, enum store_error e)
{
	web_log("dump-unreadable", "id=%s error=%s", x->request_id,
	    store_error_text(e));
	exchange_error(x, 500, "dump-unreadable",
	    "The dump is kept but cannot be read. "
	    "The operator finds the reason under the number of this request.");
}

/* Opens the object with the key that the database has let out. */
static enum store_error
open_object(struct sealed *out, const PGresult *r)
{
	const char *object = pg_text(r, 0, COL_OBJECT);
	uint8_t key[SEAL_KEY_LEN];
	unsigned char *wrapped;
	size_t wrapped_len = 0;
	enum store_error e;
	int fd;

	wrapped = PQunescapeBytea(
	    (const unsigned char *)pg_text(r, 0, COL_KEY), &wrapped_len);
	if (wrapped == NULL)
		return STORE_NO_MEMORY;
	e = seal_key_unwrap(
	    key, bytes_of(wrapped, wrapped_len), web.keys.download_key, object);
	PQfreemem(wrapped);
	if (e != STORE_OK)
		return e;
	e = local_get(&web.dumps, &fd, object);
	if (e == STORE_OK) {
		e = sealed_open(out, fd, key);
		if (e != STORE_OK)
			close(fd);
	}
	seal_key_erase(key);
	return e;
}

/* Headers that the whole, a part, and a refusal of a part share. */
static void
describe(struct exchange *x, const char *etag)
{
	response_header(&x->response, "accept-ranges", "bytes");
	response_header(&x->response, "etag", "%s", etag);
	response_header(&x->response, "cache-control", "private, no-store");
}

static void
send_range(struct exchange *x, struct sealed *object, enum range_kind kind,
    struct range range)
{
	response_type(&x->response, "application/octet-stream");
	response_header(&x->response, "content-disposition",
	    "attachment; filename=\"countersign-%s.dmp\"", x->match.param[0]);
	if (kind == RANGE_ONE) {
		x->response.status = 206;
		response_header(&x->response, "content-range",
		    "bytes %llu-%llu/%llu", (unsigned long long)range.first,
		    (unsigned long long)(range.first + range.len - 1),
		    (unsigned long long)object->size);
	}
	response_header(
	    &x->response, "content-length", "%llu", (unsigned long long)range.len);
	if (!stream_start(x, object, range)) {
		close(object->fd);
		sealed_close(object);
		damaged(x, STORE_TAMPERED);
	}
}

static void
opened(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *r = tx->result[STEP_OPEN];
	const char *header = exchange_header(x, "range");
	const char *if_range = exchange_header(x, "if-range");
	enum range_kind kind;
	struct sealed object;
	struct range range;
	enum store_error e;
	char etag[68];

	if (pg_rows(r) == 0) {
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
		return;
	}
	snprintf(etag, sizeof(etag), "\"%.64s\"", pg_text(r, 0, COL_SHA256));
	if (etag_listed(exchange_header(x, "if-none-match"), etag, true)) {
		describe(x, etag);
		x->response.status = 304;
		exchange_ready(x);
		return;
	}
	if (if_range != NULL && !etag_listed(if_range, etag, false))
		header = NULL; /* another version was begun with: all of it */
	e = open_object(&object, r);
	if (e != STORE_OK) {
		damaged(x, e);
		return;
	}
	kind = x->method == WEB_GET ? range_parse(&range, header, object.size)
				    : RANGE_NONE;
	if (kind == RANGE_UNSATISFIABLE) {
		exchange_error(x, 416, "range-not-satisfiable",
		    "The dump is shorter than that.");
		describe(x, etag);
		response_header(&x->response, "content-range", "bytes */%llu",
		    (unsigned long long)object.size);
		close(object.fd);
		sealed_close(&object);
		return;
	}
	if (kind == RANGE_NONE)
		range = (struct range){0, object.size};
	describe(x, etag);
	send_range(x, &object, kind, range);
}

void
page_dump(struct exchange *x)
{
	struct pg_tx *tx;
	struct db_args a;
	int64_t id;

	if (!number_parse(&id, x->match.param[0])) {
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
		return;
	}
	if (!web.has_keys) {
		exchange_error(x, 503, "keys-missing",
		    "The portal has no key to read dumps with.");
		return;
	}
	tx = exchange_begin_vendor(x, PG_WRITES, opened);
	if (tx == NULL)
		return;
	db_args_init(&a);
	db_arg_int(&a, id);
	db_arg_text(&a, x->method == WEB_HEAD ? "look" : "download");
	pg_add(tx, QUERY_DUMP_OPEN, &a);
	pg_send(tx);
}
