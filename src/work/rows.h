/*
 * A batch on its way into the database, and the JSON arrays that its statements
 * take (queries/work.sql).
 */
#ifndef WORK_ROWS_H
#define WORK_ROWS_H

#include "base/buf.h"
#include "base/json.h"
#include "work/job.h"

struct batch {
	struct worker *w;
	struct job *jobs;
	size_t num;
};

/* The jobs in this state, in order. */
#define EACH(b, j, want)                                               \
	for (struct job *j = (b)->jobs; j < (b)->jobs + (b)->num; j++) \
		if (j->state == (want))

struct rows {
	struct buf buf;
	struct json json;
	size_t num;
};

void rows_begin(struct rows *);
/* Runs the statement on what was added and frees the rows; nothing added, or
 * e not DB_OK: nothing is run and *out_result (may be NULL) is NULL. */
enum db_error rows_run(
    struct rows *, enum db_error e, struct db *, enum query, PGresult **out_result);
/* A key whose value is JSON text already. */
void rows_raw(struct json *, const char *key, const char *text);

/* Once each report has its id, parties, bucket and atom: seals the dumps that are
 * kept, and writes reports, dumps, parties and sums (work/job_sums.c). */
enum db_error sums_store(struct batch *);

#endif
