/*
 * What has to be done now and then: spool files that no row names (their
 * upload was never acknowledged), temporary files of a killed
 * process, dumps whose time is up, the weeks to come.
 */
#include <stdio.h>
#include <time.h>

#include "base/settings.h"
#include "work/log.h"
#include "work/worker.h"

struct sweep {
	struct worker *w;
	enum db_error error;
	unsigned removed;
};

static bool
sweep_one(const char *name, uint64_t size, void *arg)
{
	struct sweep *s = arg;
	char id[SPOOL_NAME_LEN + 1] = "";
	struct db_args args;
	PGresult *r;

	(void)size;
	memcpy(id, name, strnlen(name, 32));
	db_args_init(&args);
	db_arg_text(&args, id);
	s->error = db_run_one(s->w->db, QUERY_SPOOL_KNOWN, &args, &r);
	if (s->error != DB_OK)
		return false;
	if (r == NULL && spool_unlink(&s->w->spool, name) == STORE_OK)
		s->removed++;
	PQclear(r);
	return true;
}

static enum db_error
purge(struct worker *w)
{
	enum db_error e;
	struct db_args args;
	PGresult *r = NULL;
	int num = 0;

	if ((e = db_begin(w->db)) == DB_OK)
		e = db_run(w->db, QUERY_DUMPS_PAST, NULL, &r);
	for (int i = 0; e == DB_OK && i < PQntuples(r); i++) {
		enum store_error s = local_delete(&w->store, db_text(r, i, 1));

		if (s != STORE_OK && s != STORE_NOT_FOUND) {
			log_event("purge-failed", "object=%s why=%s",
			    db_text(r, i, 1), store_error_text(s));
			continue;
		}
		db_args_init(&args);
		db_arg_int(&args, db_int(r, i, 0));
		e = db_run(w->db, QUERY_DUMP_PURGED, &args, NULL);
		num++;
	}
	if (e == DB_OK && num > 0) {
		char detail[64];

		snprintf(detail, sizeof(detail), "{\"dumps\":%d}", num);
		db_args_init(&args);
		db_arg_text(&args, w->name);
		db_arg_text(&args, "dumps purged");
		db_arg_text(&args, "store");
		db_arg_null(&args);
		db_arg_text(&args, detail);
		e = db_run(w->db, QUERY_AUDIT_APPEND, &args, NULL);
		log_event("purged", "dumps=%d", num);
	}
	PQclear(r);
	if (e == DB_OK)
		e = db_commit(w->db);
	db_rollback(w->db);
	return e;
}

enum db_error
housekeeping(struct worker *w)
{
	struct sweep s = {.w = w};
	time_t before = time(NULL) - settings_number(w->settings, "intake.sweep");
	enum db_error e;
	size_t tmp = 0;

	(void)!spool_list(&w->spool, before, sweep_one, &s);
	(void)!local_sweep(&w->store, &tmp, before);
	if (s.removed > 0 || tmp > 0)
		log_event("swept", "spool=%u store=%zu", s.removed, tmp);
	if ((e = s.error) == DB_OK)
		e = spool_settle(w);
	if (e == DB_OK)
		e = purge(w);
	if (e == DB_OK)
		e = db_run(w->db, QUERY_WEEKS_AHEAD, NULL, NULL);
	if (e == DB_OK)
		e = db_run(w->db, QUERY_DEDUPE_FORGET, NULL, NULL);
	if (e == DB_OK)
		e = db_run(w->db, QUERY_CHALLENGES_FORGET, NULL, NULL);
	return e;
}
