/*
 * A small portal for one test: a throw-away cluster, settings, keys, the roots
 * of the test PKI, and the program's own processes.
 */
#ifndef TESTS_WORK_SITE_H
#define TESTS_WORK_SITE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/support/pg.h"

struct site {
	struct pg pg;
	PGconn *conn;	       /* as postgres */
	pid_t worker, fetcher; /* 0: does not run */
};

/* False, having said "skipped", where it cannot be. */
bool site_start(struct site *);
void site_stop(struct site *);
/* Adds lines to the settings of what is started from now on. */
void site_set(const char *section, const char *key, const char *value);
/* countersign VERB ...; fails the test unless it exits with `status`. */
void site_run(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void site_worker(struct site *);
void site_worker_stop(struct site *); /* SIGTERM, waits; fails unless it drains */
void site_fetcher(struct site *);
/* A process of the worker (not its supervisor, not a zygote): its id, 0 if none. */
pid_t site_process(const struct site *);
/* First value of a query; -1 when there is no row. */
int64_t site_number(const struct site *, const char *sql);
/* Waits until the query gives the value; fails the test after the seconds. */
void site_wait(
    const struct site *, const char *sql, int64_t value, unsigned seconds);
void site_sql(const struct site *, const char *sql);

/* meter.dll by the EV leaf, reverb.dll by the OV leaf, and host.exe by the
 * subscriber's, all catalogued. */
void site_catalogue(void);
/* A crash in module (its base name) at offset into the folder's file NAME.dmp;
 * number makes it another dump. */
void site_dump(
    const char *name, const char *module, unsigned offset, unsigned number);

#endif
