/*
 * A throw-away PostgreSQL for tests: a cluster of its own in a temporary folder,
 * reached by a socket only, without fsync. A guardian process outlives the test
 * and removes everything when the test has ended, however it ended.
 *
 * Needs libpq and the server's binaries; nothing of the program, so that it
 * links into every test. The schema comes with migrate_apply() of db/migrate.h
 * on the connection of "postgres".
 */
#ifndef SUPPORT_PG_H
#define SUPPORT_PG_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/types.h>

struct pg {
	char dir[64]; /* the cluster and its socket */
	pid_t guardian;
	int lifeline; /* closing it ends the cluster */
};

/* Makes and starts a cluster with an empty database "countersign" whose
 * superuser is "postgres" (by trust: whoever reaches the socket is let in).
 * False with a sentence in *out_why (static) where it cannot, PostgreSQL 15 not
 * being installed for example. Takes about 2 s. As root it runs as the system's
 * user postgres. */
bool pg_start(struct pg *, const char **out_why);
/* Ends and removes it, waiting. Also fine when it did not start. */
void pg_stop(struct pg *);
/* Ends the server ("immediate": as a loss of power would; "fast") and starts it
 * again with the data that it has. */
bool pg_restart(struct pg *, const char *mode);

/* A connection string; user is "postgres" or "countersign_web" and the like. */
void pg_conninfo(const struct pg *, char *out, size_t out_len, const char *user);
/* Connects, or ends the test's process with a message. PQfinish() it. */
PGconn *pg_connect(const struct pg *, const char *user);
/* Hands the cluster's place to processes that are started later
 * (COUNTERSIGN_TEST_PG), and takes it there: criterion runs each test in a process
 * of its own. */
void pg_publish(const struct pg *);
bool pg_published(struct pg *);

#endif
