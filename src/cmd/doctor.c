/*
 * countersign doctor [--json]: is all well? One line a check, "ok" or "bad", and
 * exit 1 if any is bad. It changes nothing. The check that matters most is the
 * ledger (design, invariant 6): whatever was acknowledged is processed, queued,
 * failed, duplicate or discarded.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/settings.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/audit.h"
#include "db/db.h"
#include "db/migrate.h"
#include "store/spool.h"

/* Below these the disk is nearly full: the first is what a burst of uploads of
 * the largest size needs, the second where file systems become slow. */
#define DISK_MIN_BYTES	 ((uint64_t)2 << 30)
#define DISK_MIN_PERCENT 3
/* A report is processed within seconds; after this long nobody is at work. */
#define QUEUE_OLD_SECONDS 300

struct doctor {
	const struct settings *settings;
	struct db *db;
	bool json;
	bool bad;
};

static void __attribute__((format(printf, 4, 5)))
say(struct doctor *d, const char *check, bool ok, const char *fmt, ...)
{
	struct json j;
	struct buf out;
	va_list ap;
	char line[1024];

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	d->bad = d->bad || !ok;
	if (!d->json) {
		printf("%-4s %-12s %s\n", ok ? "ok" : "bad", check, line);
		return;
	}
	buf_init(&out, 0);
	json_init(&j, &out);
	json_begin_object(&j);
	json_kv_string(&j, "check", check);
	json_kv_bool(&j, "ok", ok);
	json_kv_string(&j, "detail", line);
	json_end_object(&j);
	puts(buf_str(&out));
	buf_free(&out);
}

/* Runs a statement of one row; says so when it fails. */
static PGresult *
one_row(struct doctor *d, const char *check, enum query q)
{
	PGresult *r;

	if (db_run_one(d->db, q, NULL, &r) != DB_OK) {
		say(d, check, false, "%s", db_message(d->db));
		return NULL;
	}
	if (r == NULL)
		say(d, check, false, "no answer");
	return r;
}

static void
check_schema(struct doctor *d)
{
	PGresult *r = one_row(d, "schema", QUERY_DOCTOR_SCHEMA);
	int64_t version;

	if (r == NULL)
		return;
	version = db_int(r, 0, db_col(r, "version"));
	if (version < num_migrations)
		say(d, "schema", false,
		    "version %lld, this program needs %d: run "
		    "countersign migrate",
		    (long long)version, num_migrations);
	else if (!db_bool(r, 0, db_col(r, "ready")))
		say(d, "schema", false,
		    "this server is a replica and takes no rows");
	else
		say(d, "schema", true, "version %lld%s", (long long)version,
		    version > num_migrations ? ", newer than this program" : "");
	PQclear(r);
}

static void
check_row_security(struct doctor *d)
{
	PGresult *r;

	if (db_run(d->db, QUERY_DOCTOR_OPEN_TABLES, NULL, &r) != DB_OK) {
		say(d, "scope", false, "%s", db_message(d->db));
		return;
	}
	if (PQntuples(r) > 0)
		say(d, "scope", false,
		    "%d tables without forced row security, "
		    "first %s",
		    PQntuples(r), db_text(r, 0, 0));
	else
		say(d, "scope", true, "row security is forced on every table");
	PQclear(r);
}

static void
check_partitions(struct doctor *d)
{
	PGresult *r = one_row(d, "partitions", QUERY_DOCTOR_PARTITIONS);

	if (r == NULL)
		return;
	if (db_int(r, 0, 0) < 2)
		say(d, "partitions", false,
		    "none for this week or the next: the "
		    "worker makes them, does it run?");
	else
		say(d, "partitions", true, "this week and the next have theirs");
	PQclear(r);
}

static void
check_ledger(struct doctor *d)
{
	PGresult *r = one_row(d, "ledger", QUERY_DOCTOR_LEDGER);
	long long in, out, queued, oldest;

	if (r == NULL)
		return;
	in = db_int(r, 0, db_col(r, "acknowledged"));
	queued = db_int(r, 0, db_col(r, "queued"));
	oldest = db_int(r, 0, db_col(r, "oldest_seconds"));
	out = queued;
	for (int i = 0; i < 4; i++) {
		static const char *const outcomes[] = {
		    "processed", "failed", "duplicate", "discarded"};

		out += db_int(r, 0, db_col(r, outcomes[i]));
	}
	say(d, "ledger", in == out,
	    "acknowledged %lld %s processed %lld + queued %lld "
	    "+ failed %lld + duplicate %lld + discarded %lld",
	    in, in == out ? "=" : "is not",
	    (long long)db_int(r, 0, db_col(r, "processed")), queued,
	    (long long)db_int(r, 0, db_col(r, "failed")),
	    (long long)db_int(r, 0, db_col(r, "duplicate")),
	    (long long)db_int(r, 0, db_col(r, "discarded")));
	if (queued > 0 && oldest > QUEUE_OLD_SECONDS)
		say(d, "queue", false,
		    "%lld reports wait, the oldest for %lld s: does "
		    "the worker run?",
		    queued, oldest);
	else
		say(d, "queue", true, "%lld reports wait", queued);
	PQclear(r);
}

static void
check_audit(struct doctor *d)
{
	struct audit_report rep;

	if (audit_verify(d->db, &rep, NULL) != DB_OK)
		say(d, "audit", false, "%s", db_message(d->db));
	else if (rep.verdict != AUDIT_WHOLE)
		say(d, "audit", false, "row %lld: %s", (long long)rep.seq,
		    audit_sentence(rep.verdict));
	else
		say(d, "audit", true, "%lld rows in one chain",
		    (long long)rep.num_rows);
}

static void
check_disk(struct doctor *d)
{
	const char *var = settings_string(d->settings, "portal.var");
	struct statvfs fs;
	uint64_t left, all;

	if (statvfs(var, &fs) != 0) {
		say(d, "disk", false, "%s: %s", var, strerror(errno));
		return;
	}
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	all = (uint64_t)fs.f_blocks * fs.f_frsize;
	say(d, "disk",
	    left >= DISK_MIN_BYTES && left >= all / 100 * DISK_MIN_PERCENT,
	    "%llu MiB of %llu MiB free in %s", (unsigned long long)(left >> 20),
	    (unsigned long long)(all >> 20), var);
}

struct strays {
	PGresult *rows; /* names of the spool in the inbox, sorted */
	unsigned num_files, num_strays;
};

static bool
is_listed(const PGresult *rows, const char *name)
{
	int lo = 0, hi = PQntuples(rows);

	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;
		/* The row has the 32 digits without ".body". */
		int c = strncmp(name, db_text(rows, mid, 0), 32);

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

static bool
on_file(const char *name, uint64_t size, void *arg)
{
	struct strays *s = arg;

	(void)size;
	s->num_files++;
	s->num_strays += !is_listed(s->rows, name);
	return true;
}

/* How many of the rows have no file. still (may be NULL) are rows that were read
 * later: one that has left the inbox by then was processed meanwhile. */
static int
count_lost(struct spool *spool, const PGresult *rows, const PGresult *still)
{
	char name[SPOOL_NAME_LEN + 1];
	int lost = 0, fd;

	for (int i = 0; i < PQntuples(rows); i++) {
		snprintf(name, sizeof(name), "%.32s.body", db_text(rows, i, 0));
		if (spool_get(spool, &fd, name) == STORE_OK)
			close(fd);
		else if (still == NULL || is_listed(still, name))
			lost++;
	}
	return lost;
}

static void
check_files(struct doctor *d, struct spool *spool, PGresult *rows)
{
	/* Twice the setting: a sweep may be just due. */
	time_t old =
	    time(NULL) - 2 * (time_t)settings_number(d->settings, "intake.sweep");
	struct strays s = {.rows = rows};
	int lost = count_lost(spool, rows, NULL);
	PGresult *later;

	if (lost > 0 &&
	    db_run(d->db, QUERY_DOCTOR_SPOOLED, NULL, &later) == DB_OK) {
		lost = count_lost(spool, rows, later);
		PQclear(later);
	}
	if (spool_list(spool, old, on_file, &s) != STORE_OK)
		say(d, "spool", false, "cannot be listed: %s", strerror(errno));
	else if (lost > 0)
		say(d, "spool", false,
		    "%d of %d waiting uploads have lost their file", lost,
		    PQntuples(rows));
	else if (s.num_strays > 0)
		say(d, "spool", false,
		    "%u old files belong to no upload: does the "
		    "worker run?",
		    s.num_strays);
	else
		say(d, "spool", true, "%d uploads wait in files", PQntuples(rows));
}

/* Every row has its file: a row without one is a report that was acknowledged and
 * is lost. A file without a row is what a killed process left; the worker sweeps
 * it after a while. */
static void
check_spool(struct doctor *d)
{
	struct spool spool;
	char path[PATH_MAX];
	struct stat st;
	PGresult *rows;

	snprintf(path, sizeof(path), "%s/spool",
	    settings_string(d->settings, "portal.var"));
	/* spool_open() would make it. */
	if (stat(path, &st) != 0 || spool_open(&spool, path) != STORE_OK) {
		say(d, "spool", false, "%s: %s", path, strerror(errno));
		return;
	}
	if (db_run(d->db, QUERY_DOCTOR_SPOOLED, NULL, &rows) != DB_OK) {
		say(d, "spool", false, "%s", db_message(d->db));
	} else {
		check_files(d, &spool, rows);
		PQclear(rows);
	}
	spool_close(&spool);
}

int
cmd_doctor(int argc, char **argv)
{
	struct doctor d = {0};
	struct settings *s;

	d.json = argc == 2 && strcmp(argv[1], "--json") == 0;
	if (argc > 1 && !d.json) {
		fputs("usage: countersign doctor [--json]\n", stderr);
		return CMD_USAGE;
	}
	if ((s = cmd_settings("doctor")) == NULL)
		return CMD_REFUSED;
	d.settings = s;
	check_disk(&d);
	if ((d.db = cmd_connect("doctor", s, "operator")) == NULL) {
		say(&d, "database", false, "no connection");
	} else {
		say(&d, "database", true, "connected");
		check_schema(&d);
		check_row_security(&d);
		check_partitions(&d);
		check_ledger(&d);
		check_audit(&d);
		check_spool(&d);
	}
	db_close(d.db);
	settings_free(s);
	return d.bad ? CMD_REFUSED : CMD_DONE;
}
