/*
 * From an inbox row to an examined report: opens the body, has a child read it,
 * takes the dump out by the place that the child named, and hashes it here. The
 * dump's bytes are not looked at by this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "base/settings.h"
#include "base/text.h"
#include "work/job.h"
#include "work/log.h"
#include "work/memfd.h"
#include "work/tasks.h"

/* Bytes that one TASK_EXTRACT gives. */
#define PIECE ((uint64_t)CHILD_MAX_RESULT)

static void
fail(struct job *j, const char *code, const char *detail)
{
	j->state = JOB_FAILED;
	snprintf(j->code, sizeof(j->code), "%s", code);
	snprintf(j->detail, sizeof(j->detail), "%s", detail);
}

/* A child that crashed, ran too long or wanted too much: twice more, then the
 * upload is unprocessable (design, section 2). */
static void
child_failed(struct job *j, enum child_outcome o, int sig)
{
	struct buf why;

	if (o == CHILD_UNSTARTED) {
		j->state = JOB_WAITING;
		return;
	}
	buf_init(&why, 0);
	child_outcome_sentence(&why, o, sig);
	if (j->tries + 1 >= WORKER_MAX_TRIES)
		fail(j, "unprocessable", buf_str(&why));
	else
		j->state = JOB_DEFERRED;
	log_event("child", "inbox=%lld try=%d outcome=%s signal=%d",
	    (long long)j->id, j->tries + 1, child_outcome_text(o), sig);
	buf_free(&why);
}

/* ---- the body ---------------------------------------------------------------- */

static int
open_spooled(struct worker *w, struct job *j, struct bytes *out)
{
	enum store_error e;
	struct stat st;
	int fd = -1;

	e = spool_get(&w->spool, &fd, j->spool);
	if (e == STORE_NOT_FOUND) {
		fail(j, "spool-missing", "The spool file of this upload is gone.");
		return -1;
	}
	if (e != STORE_OK || fstat(fd, &st) != 0)
		goto wait;
	if (st.st_size == 0) {
		fail(j, "body-empty", "The upload has no bytes.");
		close(fd);
		return -1;
	}
	j->map_len = (size_t)st.st_size;
	j->map = mmap(NULL, j->map_len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (j->map == MAP_FAILED) {
		j->map = NULL;
		goto wait;
	}
	*out = bytes_of(j->map, j->map_len);
	return fd;
wait:
	if (fd >= 0)
		close(fd);
	j->state = JOB_WAITING;
	return -1;
}

/* A descriptor of the body for the child, and the body; -1 with the state set. */
static int
open_body(struct worker *w, struct job *j, struct bytes sealed, struct bytes *out)
{
	enum store_error e;
	int fd;

	if (j->spool[0] != '\0')
		return open_spooled(w, j, out);
	e = seal_box_open(
	    &j->body, sealed, w->keys.inbox_public, w->keys.inbox_secret);
	if (e == STORE_NO_MEMORY) {
		j->state = JOB_WAITING;
		return -1;
	}
	if (e != STORE_OK) {
		fail(j, store_error_text(e), store_error_sentence(e));
		return -1;
	}
	*out = bytes_of(j->body.data, j->body.len);
	if ((fd = memfd_with(*out)) < 0)
		j->state = JOB_WAITING;
	return fd;
}

/* ---- the dump ---------------------------------------------------------------- */

static int
request_fd(const struct job *j, const char *more, size_t more_len)
{
	struct buf b;
	int fd;

	buf_init(&b, 0);
	buf_append(&b, j->content_type, strlen(j->content_type) + 1);
	buf_append(&b, j->content_encoding, strlen(j->content_encoding) + 1);
	buf_append(&b, j->query, strlen(j->query) + 1);
	buf_append(&b, more, more_len);
	fd = buf_ok(&b) ? memfd_with(bytes_of(b.data, b.len)) : -1;
	buf_free(&b);
	return fd;
}

static enum child_outcome
extract_piece(struct worker *w, struct job *j, int body_fd, uint64_t off,
    uint64_t len, int *sig)
{
	char range[48];
	enum child_outcome o = CHILD_UNSTARTED;
	struct buf piece;
	int n, fds[2];

	n = snprintf(range, sizeof(range), "%llu%c%llu", (unsigned long long)off,
	    '\0', (unsigned long long)len);
	fds[0] = request_fd(j, range, (size_t)n + 1);
	fds[1] = body_fd;
	if (fds[0] < 0)
		return o;
	buf_init(&piece, CHILD_MAX_RESULT);
	o = zygote_run(w->zygote, TASK_EXTRACT, fds, 2, &piece, w->timeout_ms, sig);
	if (o == CHILD_OK && piece.len != len)
		o = CHILD_REFUSED;
	if (o == CHILD_OK)
		buf_append(&j->extracted, piece.data, piece.len);
	buf_free(&piece);
	close(fds[0]);
	return buf_ok(&j->extracted) ? o : CHILD_UNSTARTED;
}

/* The dump, wherever it lies. */
static enum child_outcome
find_dump(struct worker *w, struct job *j, int body_fd, struct bytes body, int *sig)
{
	enum child_outcome o = CHILD_OK;

	if (j->x.in_body) {
		bytes_slice(body, j->x.offset, j->x.dump_len, &j->dump);
		return CHILD_OK;
	}
	if (j->x.framed.p != NULL) {
		j->dump = j->x.framed;
		return CHILD_OK;
	}
	for (uint64_t off = 0; o == CHILD_OK && off < j->x.dump_len; off += PIECE) {
		uint64_t len =
		    j->x.dump_len - off < PIECE ? j->x.dump_len - off : PIECE;

		o = extract_piece(w, j, body_fd, off, len, sig);
	}
	j->dump = bytes_of(j->extracted.data, j->extracted.len);
	return o;
}

static void
hash_dump(struct job *j)
{
	uint8_t md[32];

	if (EVP_Digest(j->dump.p, j->dump.len, md, NULL, EVP_sha256(), NULL) == 1)
		text_hex(j->key, md, sizeof(md));
	else
		j->state = JOB_WAITING;
}

static enum child_outcome
run_child(struct worker *w, struct job *j, int body_fd, int *sig)
{
	int fds[3] = {request_fd(j, "", 0), body_fd, w->rules_fd};
	enum child_outcome o;

	if (fds[0] < 0)
		return CHILD_UNSTARTED;
	o = zygote_run(
	    w->zygote, TASK_DUMP, fds, 3, &j->answer, w->timeout_ms, sig);
	close(fds[0]);
	return o;
}

bool
job_examine(struct worker *w, struct job *j, struct bytes sealed)
{
	enum child_outcome o;
	struct bytes body;
	int fd, sig = 0;

	buf_init(&j->body, 0);
	buf_init(&j->answer, CHILD_MAX_RESULT);
	buf_init(&j->extracted, 0);
	if (j->tries >= WORKER_MAX_DEATHS) {
		fail(j, "unprocessable",
		    "The worker ended each time that it had this "
		    "upload in hand.");
		return true;
	}
	if ((fd = open_body(w, j, sealed, &body)) < 0)
		return true;
	w->hand->inbox = j->id;
	o = run_child(w, j, fd, &sig);
	if (o == CHILD_OK &&
	    !examined_read(
		&j->x, bytes_of(j->answer.data, j->answer.len), body.len))
		o = CHILD_REFUSED;
	if (o == CHILD_OK && j->x.error[0] != '\0') {
		fail(j, j->x.error, j->x.detail);
		goto out;
	}
	if (o == CHILD_OK)
		o = find_dump(w, j, fd, body, &sig);
	if (o == CHILD_OK) {
		j->state = JOB_REPORT;
		hash_dump(j);
	} else if (o != CHILD_ZYGOTE_GONE)
		child_failed(j, o, sig);
out:
	w->hand->inbox = 0;
	close(fd);
	return o != CHILD_ZYGOTE_GONE;
}

void
job_free(struct job *j)
{
	examined_free(&j->x);
	buf_free(&j->body);
	buf_free(&j->answer);
	buf_free(&j->extracted);
	if (j->map != NULL)
		munmap(j->map, j->map_len);
	free(j->title);
	free(j->class);
	free(j->label_type);
	free(j->p);
}

/* ---- the store --------------------------------------------------------------- */

bool
job_keep_dump(struct worker *w, struct job *j)
{
	uint8_t key[SEAL_KEY_LEN], wrapped[SEAL_WRAPPED_LEN];
	struct local_put put;
	enum store_error e;

	if ((e = local_put_begin(&w->store, &put)) != STORE_OK)
		goto out;
	seal_key_new(key);
	e = sealed_write(put.fd, j->dump, key);
	seal_key_wrap(wrapped, key, w->keys.download_key, put.id);
	seal_key_erase(key);
	if (e != STORE_OK) {
		local_put_abort(&w->store, &put);
		goto out;
	}
	e = local_put_commit(&w->store, &put);
	if (e == STORE_OK) {
		snprintf(j->object, sizeof(j->object), "%s", put.id);
		text_hex(j->wrapped, wrapped, sizeof(wrapped));
		j->until = (int64_t)time(NULL) +
		    settings_number(w->settings, "dumps.keep_for");
		j->kept = true;
	}
out:
	if (e != STORE_OK)
		log_event("dump-not-kept", "inbox=%lld why=%s", (long long)j->id,
		    store_error_text(e));
	return e == STORE_OK;
}

void
job_drop_dump(struct worker *w, struct job *j)
{
	if (j->kept)
		(void)!local_delete(&w->store, j->object);
	j->kept = false;
}
