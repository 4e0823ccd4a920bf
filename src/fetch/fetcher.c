/*
 * One row of the queue, in one transaction.
 */
#include "fetch/fetcher.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "fetch/fetch.h"
#include "fetch/limits.h"

static enum db_error
store(struct db *db, const char *url, const char *outcome, const struct buf *body,
    bool ok)
{
	struct db_args args;
	enum db_error e;

	db_args_init(&args);
	db_arg_text(&args, url);
	db_arg_text(&args, outcome);
	if (ok)
		db_arg_bytes(&args, bytes_of(body->data, body->len));
	else
		db_arg_null(&args);
	db_arg_int(&args, ok ? FETCH_AGAIN : FETCH_AGAIN_FAILED);
	if ((e = db_run(db, QUERY_FETCH_DONE, &args, NULL)) != DB_OK)
		return e;
	db_args_init(&args);
	db_arg_text(&args, "");
	if ((e = db_run(db, QUERY_FETCH_NOTIFY, &args, NULL)) != DB_OK)
		return e;
	return db_commit(db);
}

enum db_error
fetcher_next(
    struct db *db, const char *hosts, char **out_url, const char **out_code)
{
	struct fetch_result result = {0};
	enum db_error e;
	char outcome[80];
	struct buf body;
	PGresult *r = NULL;
	bool ok;

	*out_url = NULL;
	*out_code = "ok";
	if ((e = db_begin(db)) == DB_OK)
		e = db_run_one(db, QUERY_FETCH_NEXT, NULL, &r);
	if (e == DB_OK && r != NULL)
		*out_url = strdup(db_text(r, 0, 0));
	PQclear(r);
	if (*out_url != NULL) {
		buf_init(&body, FETCH_MAX_BODY);
		ok = fetch_url(&body, &result, *out_url, hosts);
		*out_code = result.code;
		snprintf(
		    outcome, sizeof(outcome), "%s %ld", result.code, result.status);
		e = store(db, *out_url, outcome, &body, ok);
		buf_free(&body);
	}
	db_rollback(db);
	return e;
}
