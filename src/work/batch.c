/*
 * A batch of the inbox: claims rows, has each examined, writes what came of it
 * and commits, all or nothing (invariant 6). Objects are in the store before the
 * commit, spool files go after it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/settings.h"
#include "work/job.h"
#include "work/log.h"

/* Rows of one batch, whatever the settings say. */
#define BATCH_MAX 500

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
copy(char *out, size_t room, const PGresult *r, int row, const char *col)
{
	snprintf(out, room, "%s", db_text(r, row, db_col(r, col)));
}

static void
job_read(struct job *j, const PGresult *r, int row)
{
	const char *spool = db_text(r, row, db_col(r, "spool"));

	j->id = db_int(r, row, db_col(r, "id"));
	copy(j->received_at, sizeof(j->received_at), r, row, "received_at");
	copy(j->day, sizeof(j->day), r, row, "day");
	j->received_epoch = db_int(r, row, db_col(r, "received_epoch"));
	copy(j->receipt_hash, sizeof(j->receipt_hash), r, row, "receipt_hash");
	j->content_type = db_text(r, row, db_col(r, "content_type"));
	j->content_encoding = db_text(r, row, db_col(r, "content_encoding"));
	j->query = db_text(r, row, db_col(r, "query"));
	j->size = db_int(r, row, db_col(r, "size"));
	j->tries = (int)db_int(r, row, db_col(r, "tries"));
	if (spool[0] != '\0')
		snprintf(j->spool, sizeof(j->spool), "%s.body", spool);
}

/* The sealed body: with the row, or, where it is large, by itself. */
static enum db_error
sealed_body(struct worker *w, const struct job *j, const PGresult *r, int row,
    struct buf *out)
{
	int col = db_col(r, "body");
	struct db_args args;
	enum db_error e;
	PGresult *one;

	if (j->spool[0] != '\0')
		return DB_OK;
	if (!PQgetisnull(r, row, col)) {
		db_bytes(r, row, col, out);
		return DB_OK;
	}
	db_args_init(&args);
	db_arg_int(&args, j->id);
	if ((e = db_run_one(w->db, QUERY_INBOX_BODY, &args, &one)) == DB_OK)
		db_bytes(one, 0, 0, out);
	PQclear(one);
	return e;
}

/* Examines one after the other until the budget of time or bytes is spent. */
static enum round
examine_all(struct worker *w, struct job *jobs, const PGresult *r, int num)
{
	int64_t end = now_ms() + BATCH_BUDGET_MS;
	uint64_t bytes = 0;

	for (int i = 0; i < num; i++) {
		struct buf sealed;
		enum db_error e;
		bool alive = true;

		bytes += (uint64_t)jobs[i].size;
		if (i > 0 && (now_ms() > end || bytes > BATCH_BUDGET_BYTES))
			break;
		buf_init(&sealed, 0);
		if ((e = sealed_body(w, &jobs[i], r, i, &sealed)) == DB_OK)
			alive = job_examine(
			    w, &jobs[i], bytes_of(sealed.data, sealed.len));
		buf_free(&sealed);
		bytes += jobs[i].extracted.len;
		if (e != DB_OK)
			return worker_round(w, e, "inbox");
		if (!alive)
			return ROUND_ZYGOTE_GONE;
	}
	return ROUND_WORKED;
}

/* After the commit: what failed is told, and the spool files of what is done
 * go. */
static void
settle(struct worker *w, struct job *jobs, int num)
{
	bool spooled = false;

	for (int i = 0; i < num; i++) {
		struct job *j = &jobs[i];

		if (j->state == JOB_FAILED)
			log_event("report-failed", "inbox=%lld code=%s",
			    (long long)j->id, j->code);
		spooled = spooled || j->spool[0] != '\0';
	}
	if (spooled)
		worker_round(w, spool_settle(w), "spool");
}

static enum round
process(struct worker *w, const PGresult *r)
{
	int num = PQntuples(r);
	struct job *jobs = calloc((size_t)num, sizeof(*jobs));
	enum round round;
	enum db_error e;

	if (jobs == NULL)
		return ROUND_DB_FAILED;
	for (int i = 0; i < num; i++)
		job_read(&jobs[i], r, i);
	if ((round = examine_all(w, jobs, r, num)) == ROUND_WORKED) {
		e = rows_store(w, jobs, (size_t)num);
		if (e == DB_OK)
			e = db_commit(w->db);
		round = worker_round(w, e, "batch");
	}
	/* When the commit's answer was lost it may have happened: then the rows
	 * are gone, and the objects may be named. They stay. */
	for (int i = 0; i < num && round != ROUND_WORKED && db_alive(w->db); i++)
		job_drop_dump(w, &jobs[i]);
	if (round == ROUND_WORKED)
		settle(w, jobs, num);
	for (int i = 0; i < num; i++)
		job_free(&jobs[i]);
	free(jobs);
	return round;
}

enum round
batch_run(struct worker *w)
{
	int64_t size = settings_number(w->settings, "worker.batch");
	enum round round = ROUND_IDLE;
	struct db_args args;
	enum db_error e;
	PGresult *r;

	if ((e = db_begin(w->db)) != DB_OK)
		return worker_round(w, e, "batch");
	db_args_init(&args);
	db_arg_int(&args, size < 1 ? 1 : size > BATCH_MAX ? BATCH_MAX : size);
	if ((e = db_run(w->db, QUERY_INBOX_CLAIM, &args, &r)) != DB_OK)
		round = worker_round(w, e, "batch");
	else if (PQntuples(r) > 0)
		round = process(w, r);
	PQclear(r);
	db_rollback(w->db);
	return round;
}
