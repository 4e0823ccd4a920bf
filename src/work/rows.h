/*
 * Building the JSON arrays that the statements of a batch take (queries/work.sql).
 */
#ifndef WORK_ROWS_H
#define WORK_ROWS_H

#include "base/buf.h"
#include "base/json.h"
#include "work/job.h"

struct rows {
	struct buf buf;
	struct json json;
	size_t num;
};

void rows_begin(struct rows *);
/* Runs the statement on what was added and frees the rows; nothing added, or
 * e not DB_OK: nothing is run and *out_result (may be NULL) is NULL. */
enum db_error rows_run(struct rows *, enum db_error e, struct db *, enum query,
    PGresult **out_result);
/* A key whose value is JSON text already. */
void rows_raw(struct json *, const char *key, const char *text);

#endif
