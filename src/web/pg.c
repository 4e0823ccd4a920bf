/*
 * PostgreSQL on kore's event loop; see pg.h.  Sockets are registered level
 * triggered, for writing too while connecting and while libpq has bytes left;
 * connections live as long as the process, so that a late event of epoll finds
 * what it points to.
 */
#include "web/pg.h"

#include <kore/kore.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/settings.h"
#include "db/conninfo.h"
#include "web/limits.h"
#include "web/log.h"

#define MAX_CONNS    16
#define BACKOFF_MIN  100 /* milliseconds between tries to connect */
#define BACKOFF_MAX  1000
#define CONNECT_TIME 5000

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_PREPARING, CONN_READY };

struct pg_conn {
	struct kore_event event; /* first: kore calls through it */
	PGconn *pq;
	struct pg_tx *first, *last; /* in the order of their answers */
	uint64_t retry_at, give_up_at;
	enum pg_lane lane;
	enum conn_state state;
	int fd; /* as registered, or -1 */
	int to_prepare;
	int num_pending;
	unsigned backoff;
	bool writing; /* registered for writing too */
	bool broken;  /* reset at the next tick */
};

static struct pg_conn conns[MAX_CONNS];
static size_t num_conns;
static char *conninfo;
static void (*on_notify)(const char *, const char *);

static void on_event(void *, int);

/* ---- transactions ---------------------------------------------------------- */

static void
tx_report(struct pg_tx *tx, enum pg_outcome outcome)
{
	if (tx->reported)
		return;
	tx->reported = true;
	tx->outcome = outcome;
	if (tx->done != NULL)
		tx->done(tx, tx->arg);
	tx->done = NULL;
}

static void
tx_free(struct pg_tx *tx)
{
	for (int i = 0; i < tx->num_steps; i++)
		PQclear(tx->result[i]);
	free(tx);
}

/* Takes the first one off its connection, reports, frees. */
static void
tx_finish(struct pg_conn *c, enum pg_outcome outcome)
{
	struct pg_tx *tx = c->first;

	c->first = tx->next;
	if (c->first == NULL)
		c->last = NULL;
	c->num_pending--;
	tx_report(tx, outcome);
	tx_free(tx);
}

static struct pg_conn *
choose(enum pg_lane lane)
{
	struct pg_conn *best = NULL;

	for (size_t i = 0; i < num_conns; i++) {
		struct pg_conn *c = &conns[i];

		if (c->lane == lane && c->state == CONN_READY && !c->broken &&
		    c->num_pending < WEB_MAX_PENDING &&
		    (best == NULL || c->num_pending < best->num_pending))
			best = c;
	}
	return best;
}

struct pg_tx *
pg_begin(enum pg_lane lane, void (*done)(struct pg_tx *, void *), void *arg)
{
	struct pg_conn *c = choose(lane);
	struct pg_tx *tx = c == NULL ? NULL : calloc(1, sizeof(*tx));

	if (tx == NULL)
		return NULL;
	tx->conn = c;
	tx->done = done;
	tx->arg = arg;
	tx->deadline = kore_time_ms() + WEB_DB_DEADLINE;
	if (c->last != NULL)
		c->last->next = tx;
	else
		c->first = tx;
	c->last = tx;
	c->num_pending++;
	return tx;
}

void
pg_add(struct pg_tx *tx, enum query q, const struct db_args *a)
{
	struct pg_conn *c = tx->conn;
	static const struct db_args none;

	if (a == NULL)
		a = &none;
	if (tx->num_steps == PG_MAX_STEPS)
		c->broken = true;
	if (c->broken)
		return;
	if (PQsendQueryPrepared(c->pq, queries[q].name, a->num, a->value, a->length,
		a->format, 0) != 1)
		c->broken = true;
	else
		tx->num_steps++;
}

/* Sends what libpq holds; registers for writing while some is left. */
static void
flush(struct pg_conn *c)
{
	int left = PQflush(c->pq);

	if (left < 0) {
		c->broken = true;
	} else if ((left == 1) != c->writing) {
		c->writing = left == 1;
		if (c->writing)
			kore_platform_event_level_all(c->fd, c);
		else
			kore_platform_event_level_read(c->fd, c);
	}
}

void
pg_send(struct pg_tx *tx)
{
	struct pg_conn *c = tx->conn;

	if (!c->broken && PQpipelineSync(c->pq) != 1)
		c->broken = true;
	if (!c->broken)
		flush(c);
}

void
pg_forget(struct pg_tx *tx)
{
	if (tx != NULL)
		tx->done = NULL;
}

/* ---- connecting ------------------------------------------------------------ */

/* Ends the connection; every transaction on it is PG_GONE; tries again later. */
static void
conn_down(struct pg_conn *c, const char *why)
{
	if (c->backoff == 0) { /* once, not at every try to come back */
		web_log("pg-down", "lane=%d state=%d pending=%d", c->lane, c->state,
		    c->num_pending);
		web_log_text("pg-error", why);
	}
	if (c->pq != NULL)
		PQfinish(c->pq); /* closes the socket, which leaves epoll */
	c->pq = NULL;
	c->fd = -1;
	c->state = CONN_DOWN;
	c->broken = c->writing = false;
	c->backoff = c->backoff == 0	   ? BACKOFF_MIN
	    : c->backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX
					   : c->backoff * 2;
	c->retry_at = kore_time_ms() + c->backoff;
	while (c->first != NULL)
		tx_finish(c, PG_GONE);
}

static void
watch(struct pg_conn *c, bool writing)
{
	c->fd = PQsocket(c->pq);
	c->writing = writing;
	if (c->fd < 0)
		return;
	if (writing)
		kore_platform_event_level_all(c->fd, c);
	else
		kore_platform_event_level_read(c->fd, c);
}

static void
conn_start(struct pg_conn *c)
{
	c->event.type = KORE_TYPE_PGSQL_CONN;
	c->event.handle = on_event;
	c->event.flags = 0;
	c->pq = PQconnectStart(conninfo);
	if (c->pq == NULL || PQstatus(c->pq) == CONNECTION_BAD) {
		conn_down(c, c->pq == NULL ? "no memory" : PQerrorMessage(c->pq));
		return;
	}
	c->state = CONN_CONNECTING;
	c->give_up_at = kore_time_ms() + CONNECT_TIME;
	watch(c, true);
}

/* Connected: prepares every statement in one pipeline. */
static void
conn_prepare(struct pg_conn *c)
{
	c->to_prepare = 0;
	if (PQsetnonblocking(c->pq, 1) != 0 || PQenterPipelineMode(c->pq) != 1) {
		conn_down(c, PQerrorMessage(c->pq));
		return;
	}
	for (int q = 0; q < QUERY_NUM; q++) {
		if ((queries[q].roles & DB_ROLE_WEB) == 0)
			continue;
		if (PQsendPrepare(
			c->pq, queries[q].name, queries[q].sql, 0, NULL) != 1) {
			conn_down(c, PQerrorMessage(c->pq));
			return;
		}
		c->to_prepare++;
	}
	if (PQpipelineSync(c->pq) != 1) {
		conn_down(c, PQerrorMessage(c->pq));
		return;
	}
	c->state = CONN_PREPARING;
	watch(c, false);
	flush(c);
}

static void
conn_connecting(struct pg_conn *c)
{
	switch (PQconnectPoll(c->pq)) {
	case PGRES_POLLING_OK:
		conn_prepare(c);
		break;
	case PGRES_POLLING_READING:
		watch(c, false);
		break;
	case PGRES_POLLING_WRITING:
		watch(c, true);
		break;
	default:
		conn_down(c, PQerrorMessage(c->pq));
	}
}

static void
listen_done(struct pg_tx *tx, void *arg)
{
	(void)arg;
	if (tx->outcome == PG_FAILED)
		tx->conn->broken = true;
}

static void
conn_ready(struct pg_conn *c)
{
	struct pg_tx *tx;

	c->state = CONN_READY;
	c->backoff = 0;
	web_log("pg-ready", "lane=%d statements=%d", c->lane, c->to_prepare);
	if (c->lane != PG_LISTEN)
		return;
	tx = pg_begin(PG_LISTEN, listen_done, NULL);
	if (tx != NULL) {
		pg_add(tx, QUERY_ATTEMPT_LISTEN, NULL);
		pg_send(tx);
	}
}

/* ---- results --------------------------------------------------------------- */

/* One result while preparing; false when the connection is of no use. */
static bool
take_prepare(struct pg_conn *c, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		conn_ready(c);
		return true;
	}
	if (status == PGRES_COMMAND_OK) {
		PQclear(r);
		return true;
	}
	PQclear(r);
	conn_down(c, PQerrorMessage(c->pq));
	return false;
}

static bool
take_result(struct pg_conn *c, PGresult *r)
{
	struct pg_tx *tx = c->first;
	const char *state;

	if (tx == NULL) {
		PQclear(r);
		conn_down(c, "an answer that nobody asked for");
		return false;
	}
	switch (PQresultStatus(r)) {
	case PGRES_PIPELINE_SYNC:
		PQclear(r);
		/* An error that came with the commit itself has no step. */
		tx_finish(c,
		    tx->failed || tx->num_done != tx->num_steps ? PG_FAILED
								: PG_OK);
		return true;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		break;
	case PGRES_FATAL_ERROR:
		state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
		if (!tx->failed && state != NULL)
			memcpy(tx->sqlstate, state, strnlen(state, 5));
		web_log("pg-failed", "lane=%d step=%d sqlstate=%s", c->lane,
		    tx->num_done, state == NULL ? "-" : state);
		web_log_text(
		    "pg-error", PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
		tx->failed = true;
		break;
	default: /* PGRES_PIPELINE_ABORTED */
		tx->failed = true;
	}
	if (tx->num_done == tx->num_steps) {
		PQclear(r); /* with the commit */
		tx->failed = true;
	} else {
		tx->result[tx->num_done++] = r;
	}
	return true;
}

static void
take_notifications(struct pg_conn *c)
{
	PGnotify *n;

	while (c->pq != NULL && (n = PQnotifies(c->pq)) != NULL) {
		if (on_notify != NULL)
			on_notify(n->relname, n->extra);
		PQfreemem(n);
	}
}

static void
conn_read(struct pg_conn *c)
{
	PGresult *r;
	bool none_before = false;

	if (PQconsumeInput(c->pq) != 1) {
		conn_down(c, PQerrorMessage(c->pq));
		return;
	}
	/* Two NULLs in a row: nothing more is queued. */
	while (c->pq != NULL && !PQisBusy(c->pq)) {
		r = PQgetResult(c->pq);
		if (r == NULL) {
			if (none_before)
				break;
			none_before = true;
			continue;
		}
		none_before = false;
		if (!(c->state == CONN_PREPARING ? take_prepare(c, r)
						 : take_result(c, r)))
			return;
	}
	take_notifications(c);
	if (c->pq != NULL && PQstatus(c->pq) == CONNECTION_BAD)
		conn_down(c, PQerrorMessage(c->pq));
}

static void
on_event(void *arg, int error)
{
	struct pg_conn *c = arg;

	c->event.flags = 0;
	if (c->pq == NULL)
		return; /* closed by an earlier event of the same round */
	if (c->state == CONN_CONNECTING) {
		conn_connecting(c);
		return;
	}
	/* Also on EPOLLHUP: the last words say why. */
	conn_read(c);
	if (c->pq != NULL && c->state >= CONN_PREPARING && !c->broken)
		flush(c);
	if (c->pq != NULL && (c->broken || error))
		conn_down(c, error ? "connection closed" : PQerrorMessage(c->pq));
}

/* ---- time ------------------------------------------------------------------ */

static void
check_deadlines(struct pg_conn *c, uint64_t now)
{
	for (struct pg_tx *tx = c->first; tx != NULL; tx = tx->next)
		if (now > tx->deadline)
			tx_report(tx, PG_LATE);
	/* A server that has not answered the oldest one for so long has stopped. */
	if (c->first != NULL && now > c->first->deadline + WEB_DB_DEADLINE)
		conn_down(c, "no answer");
}

static void
tick(void *arg, uint64_t now)
{
	(void)arg;
	for (size_t i = 0; i < num_conns; i++) {
		struct pg_conn *c = &conns[i];

		if (c->state == CONN_DOWN && now >= c->retry_at)
			conn_start(c);
		else if (c->broken)
			conn_down(c, PQerrorMessage(c->pq));
		else if ((c->state == CONN_CONNECTING ||
			     c->state == CONN_PREPARING) &&
		    now > c->give_up_at)
			conn_down(c, "connecting takes too long");
		else
			check_deadlines(c, now);
	}
	/* One-shot: kore crashes when a repeating timer is removed in its call. */
	kore_timer_add(tick, 100, NULL, KORE_TIMER_ONESHOT);
}

void
pg_start(const struct settings *s, void (*notified)(const char *, const char *))
{
	struct buf b;
	int64_t pages = settings_number(s, "database.web_pool");

	buf_init(&b, 4096);
	if (!db_conninfo(&b, s, "web"))
		fatalx("countersign: no connection string for the web role");
	conninfo = buf_take(&b, NULL);
	if (pages < 1 || pages > MAX_CONNS - 3)
		fatalx("countersign: database.web_pool is 1 to %d", MAX_CONNS - 3);
	on_notify = notified;
	for (int64_t i = 0; i < pages; i++)
		conns[num_conns++].lane = PG_PAGES;
	conns[num_conns++].lane = PG_WRITES;
	conns[num_conns++].lane = PG_COMMIT;
	conns[num_conns++].lane = PG_LISTEN;
	for (size_t i = 0; i < num_conns; i++)
		conns[i].fd = -1;
	tick(NULL, kore_time_ms());
}

bool
pg_ready(void)
{
	for (int lane = 0; lane < PG_NUM_LANES; lane++)
		if (choose((enum pg_lane)lane) == NULL)
			return false;
	return true;
}
