/*
 * Crash uploads (design section 2, "From upload to acknowledgement"). A small
 * body is judged and sealed for the worker here; a large one is a file of the
 * spool, and only its kind is looked at. upload.c makes both durable. The client
 * gets its receipt then, and the same one should the edge have sent its request
 * twice.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "intake/multipart.h"
#include "intake/report.h"
#include "store/seal.h"
#include "web/server.h"
#include "web/upload.h"

/* The receipt: a function of the request id, so that the edge's repetition of a
 * request, whichever instance gets it, has the same. */
static void
make_receipt(struct upload *u)
{
	uint8_t raw[16];

	crypto_generichash(raw, sizeof(raw), (const uint8_t *)u->request_id,
	    strlen(u->request_id), web.receipt_key, sizeof(web.receipt_key));
	text_hex(u->receipt, raw, sizeof(raw));
	crypto_hash_sha256(
	    u->receipt_hash, (const uint8_t *)u->receipt, strlen(u->receipt));
}

static char *
dup_or_empty(const char *s)
{
	return strdup(s == NULL ? "" : s);
}

static struct upload *
fill(struct exchange *x, size_t size)
{
	struct upload *u = upload_new(x);

	if (u == NULL)
		return NULL;
	memcpy(u->request_id, x->request_id, sizeof(u->request_id));
	make_receipt(u);
	u->content_type = dup_or_empty(exchange_header(x, "content-type"));
	u->encoding = dup_or_empty(exchange_header(x, "content-encoding"));
	u->query = dup_or_empty(exchange_query(x));
	u->size = (int64_t)size;
	buf_init(&u->box, web.small_body + 4096);
	return u;
}

static void
refuse(struct exchange *x, enum intake_error e)
{
	exchange_error(x, intake_error_status(e), intake_error_text(e),
	    intake_error_sentence(e));
}

static void
take_small(struct exchange *x, struct bytes body)
{
	struct report report;
	struct upload *u;
	enum intake_error e =
	    intake_read_limited(&report, body, exchange_header(x, "content-type"),
		exchange_header(x, "content-encoding"), exchange_query(x),
		&intake_limits_small);

	if (e != INTAKE_OK) {
		refuse(x, e);
		return;
	}
	report_free(&report);
	u = fill(x, body.len);
	if (u == NULL || u->content_type == NULL || u->encoding == NULL ||
	    u->query == NULL ||
	    seal_box(&u->box, body, web.keys.inbox_public) != STORE_OK) {
		if (u != NULL)
			upload_free(u);
		refuse(x, INTAKE_NO_MEMORY);
		return;
	}
	upload_commit(u);
}

/* A large body: only its kind is looked at here, the rest in a worker's child. */
static void
take_large(struct exchange *x, const char *path)
{
	struct bytes boundary;
	struct upload *u;
	uint64_t size = 0;
	enum intake_error e =
	    multipart_boundary(&boundary, exchange_header(x, "content-type"));

	if (e != INTAKE_OK) {
		refuse(x, e);
		return;
	}
	u = fill(x, 0);
	if (u == NULL || u->content_type == NULL || u->encoding == NULL ||
	    u->query == NULL) {
		if (u != NULL)
			upload_free(u);
		refuse(x, INTAKE_NO_MEMORY);
		return;
	}
	if (spool_link(&web.spool, u->spool, &size, path) != STORE_OK) {
		u->spool[0] = '\0';
		upload_refuse(u, 503, "spool-unavailable",
		    "There is no room for large reports at the moment. "
		    "Send it again later.");
		return;
	}
	u->size = (int64_t)size;
	upload_sync(u);
}

/* A body that nginx left in a file, perhaps a small one: chunked bodies do not
 * say how long they are. */
static void
take_file(struct exchange *x, const char *path)
{
	struct stat st;
	struct buf body;
	uint8_t *room;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		exchange_error(x, 500, "body-missing",
		    "The server lost the body of this request. "
		    "Send it again.");
		return;
	}
	if ((size_t)st.st_size > web.small_body) {
		close(fd);
		take_large(x, path);
		return;
	}
	buf_init(&body, web.small_body + 1);
	room = st.st_size == 0 ? NULL : buf_extend(&body, (size_t)st.st_size);
	if (room != NULL && read(fd, room, (size_t)st.st_size) != st.st_size)
		body.len = 0;
	close(fd);
	take_small(x, bytes_of(body.data, body.len));
	buf_free(&body);
}

void
page_submit(struct exchange *x)
{
	const char *file = exchange_header(x, "x-body-file");
	const char *query = exchange_query(x);

	if (query != NULL && !text_is_utf8(bytes_of(query, strlen(query)))) {
		exchange_error(x, 400, "query-bad",
		    "The address contains bytes that are not text.");
	} else if (!web.has_keys) {
		exchange_error(x, 503, "keys-missing",
		    "The portal has no key to keep reports with. Send "
		    "it again later.");
	} else if (upload_num_waiting() >= WEB_MAX_UPLOADS) {
		exchange_error(x, 503, "intake-busy",
		    "Too many reports wait to be stored. Send it again later.");
	} else if (file != NULL) {
		take_file(x, file);
	} else {
		take_small(x, exchange_body(x));
	}
}
