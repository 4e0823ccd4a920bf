/*
 * Spool files whose upload is processed.  Their names were written by the
 * transaction that deleted the inbox row, so that a kill between its commit and
 * the unlink leaves a name and not a riddle.
 */
#include <stdio.h>

#include "work/log.h"
#include "work/worker.h"

static enum db_error
unlink_one(struct worker *w, const char *spool)
{
	char name[SPOOL_NAME_LEN + 1];
	enum store_error e;
	struct db_args args;

	snprintf(name, sizeof(name), "%s.body", spool);
	e = spool_unlink(&w->spool, name);
	if (e != STORE_OK && e != STORE_NOT_FOUND) {
		log_event(
		    "spool-stays", "name=%s why=%s", name, store_error_text(e));
		return DB_OK;
	}
	db_args_init(&args);
	db_arg_text(&args, spool);
	return db_run(w->db, QUERY_SPOOL_FORGET, &args, NULL);
}

enum db_error
spool_settle(struct worker *w)
{
	enum db_error e;
	PGresult *r = NULL;

	e = db_run(w->db, QUERY_SPOOL_DONE, NULL, &r);
	for (int i = 0; e == DB_OK && i < PQntuples(r); i++)
		e = unlink_one(w, db_text(r, i, 0));
	PQclear(r);
	return e;
}
