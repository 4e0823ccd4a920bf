/* One blocking connection to PostgreSQL; see db.h. */
#include "db/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The channels that one process listens on: jobs, attempts and a spare. */
#define CHANNELS_MAX 4
#define CHANNEL_LEN  63
#define MESSAGE_LEN  512

struct db {
	PGconn *conn;	  /* owned; NULL while there is none */
	char *conninfo;	  /* owned */
	const char *role; /* borrowed from role_bits */
	unsigned role_bit;
	int num_channels;
	char channel[CHANNELS_MAX][CHANNEL_LEN + 1];
	char message[MESSAGE_LEN];
};

static const struct {
	const char *name;
	unsigned bit;
} role_bits[] = {
    {"worker", DB_ROLE_WORKER},
    {"operator", DB_ROLE_OPERATOR},
    {"fetcher", DB_ROLE_FETCHER},
    {"web", DB_ROLE_WEB},
};

/* ---- errors ---- */

static enum db_error
classify(const struct db *d, const char *state)
{
	if (d->conn == NULL || PQstatus(d->conn) != CONNECTION_OK)
		return DB_GONE;
	if (state == NULL)
		return DB_FAILED;
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
		return DB_AGAIN;
	if (strcmp(state, "42501") == 0)
		return DB_DENIED;
	if (strncmp(state, "23", 2) == 0)
		return DB_CONFLICT;
	/* Class 57P: the server is being shut down or starting. */
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return DB_GONE;
	return DB_FAILED;
}

/* Keeps a sentence that names the statement and the condition. Only the
 * primary message is taken, never detail or context, which quote rows; and not
 * that of class 22 (data exceptions), which quotes the value. */
static enum db_error
note(struct db *d, const char *what, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if (state == NULL)
		snprintf(d->message, sizeof(d->message),
		    "%s: the connection is gone", what);
	else if (text == NULL || strncmp(state, "22", 2) == 0)
		snprintf(
		    d->message, sizeof(d->message), "%s: SQLSTATE %s", what, state);
	else
		snprintf(d->message, sizeof(d->message), "%s: %s (SQLSTATE %s)",
		    what, text, state);
	return classify(d, state);
}

static enum db_error
gone(struct db *d, const char *what)
{
	snprintf(
	    d->message, sizeof(d->message), "%s: the connection is gone", what);
	return DB_GONE;
}

const char *
db_message(const struct db *d)
{
	return d->message;
}

/* ---- connecting ---- */

/* Nobody hears a server's notices but its log. */
static void
ignore_notice(void *arg, const PGresult *r)
{
	(void)arg, (void)r;
}

static enum db_error
control(struct db *d, const char *sql)
{
	PGresult *r;
	enum db_error e = DB_OK;

	if (d->conn == NULL)
		return gone(d, sql);
	r = PQexec(d->conn, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		e = note(d, sql, r);
	PQclear(r);
	return e;
}

static enum db_error
listen_on(struct db *d, const char *channel)
{
	char sql[CHANNEL_LEN * 2 + 16];
	char *name = PQescapeIdentifier(d->conn, channel, strlen(channel));

	if (name == NULL)
		return gone(d, "LISTEN");
	snprintf(sql, sizeof(sql), "LISTEN %s", name);
	PQfreemem(name);
	return control(d, sql);
}

static enum db_error
prepare_all(struct db *d)
{
	for (int i = 0; i < QUERY_NUM; i++) {
		const struct query_info *q = &queries[i];
		PGresult *r;

		if ((q->roles & d->role_bit) == 0)
			continue;
		r = PQprepare(d->conn, q->name, q->sql, q->num_params, NULL);
		if (PQresultStatus(r) != PGRES_COMMAND_OK) {
			enum db_error e = note(d, q->name, r);

			PQclear(r);
			return e;
		}
		PQclear(r);
	}
	return DB_OK;
}

static void
disconnect(struct db *d)
{
	PQfinish(d->conn);
	d->conn = NULL;
}

/* Connects, prepares, listens. On failure there is no connection. */
static enum db_error
connect_now(struct db *d)
{
	char name[48];
	/* What stands before dbname is a default, what follows would override. */
	const char *keys[] = {"connect_timeout", "application_name",
	    "client_encoding", "dbname", NULL};
	const char *values[] = {"5", name, "UTF8", d->conninfo, NULL};
	enum db_error e;

	disconnect(d);
	snprintf(name, sizeof(name), "countersign %s", d->role);
	d->conn = PQconnectdbParams(keys, values, 1);
	if (PQstatus(d->conn) != CONNECTION_OK) {
		snprintf(d->message, sizeof(d->message), "%s",
		    d->conn == NULL ? "no memory" : PQerrorMessage(d->conn));
		d->message[strcspn(d->message, "\n")] = '\0';
		disconnect(d);
		return DB_GONE;
	}
	PQsetNoticeReceiver(d->conn, ignore_notice, NULL);
	e = prepare_all(d);
	for (int i = 0; e == DB_OK && i < d->num_channels; i++)
		e = listen_on(d, d->channel[i]);
	if (e != DB_OK)
		disconnect(d);
	return e;
}

struct db *
db_open(const char *conninfo, const char *role, const char **out_error)
{
	static char message[MESSAGE_LEN];
	struct db *d = calloc(1, sizeof(*d));

	*out_error = "no memory";
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(role_bits) / sizeof(role_bits[0]); i++) {
		if (strcmp(role, role_bits[i].name) == 0) {
			d->role = role_bits[i].name;
			d->role_bit = role_bits[i].bit;
		}
	}
	if (d->role == NULL) {
		*out_error = "db: no such role";
	} else if ((d->conninfo = strdup(conninfo)) != NULL) {
		if (connect_now(d) == DB_OK) {
			*out_error = NULL;
			return d;
		}
		snprintf(message, sizeof(message), "%s", d->message);
		*out_error = message;
	}
	db_close(d);
	return NULL;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	disconnect(d);
	free(d->conninfo);
	free(d);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
db_reopen(struct db *d, unsigned seconds)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000, left;
	int64_t wait = 100;

	while (connect_now(d) != DB_OK) {
		if ((left = end - now_ms()) <= 0)
			return false;
		if (wait > left)
			wait = left;
		poll(NULL, 0, (int)wait);
		wait = wait * 2 > 5000 ? 5000 : wait * 2;
	}
	return true;
}

bool
db_alive(const struct db *d)
{
	return d->conn != NULL && PQstatus(d->conn) == CONNECTION_OK;
}

int
db_fd(const struct db *d)
{
	return d->conn == NULL ? -1 : PQsocket(d->conn);
}

PGconn *
db_conn(struct db *d)
{
	return d->conn;
}

/* ---- statements ---- */

enum db_error
db_run(struct db *d, enum query which, const struct db_args *args,
    PGresult **out_result)
{
	const struct query_info *q = &queries[which];
	static const struct db_args none;
	enum db_error e = DB_OK;
	ExecStatusType status;
	PGresult *r;

	if (out_result != NULL)
		*out_result = NULL;
	if (args == NULL)
		args = &none;
	if (args->num != q->num_params) {
		snprintf(d->message, sizeof(d->message),
		    "%s: %d parameters given, %d wanted", q->name, args->num,
		    q->num_params);
		return DB_FAILED;
	}
	if (d->conn == NULL)
		return gone(d, q->name);
	r = PQexecPrepared(d->conn, q->name, args->num, args->value, args->length,
	    args->format, 0);
	status = PQresultStatus(r);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		e = note(d, q->name, r);
	if (e == DB_OK && out_result != NULL)
		*out_result = r;
	else
		PQclear(r);
	return e;
}

enum db_error
db_run_one(struct db *d, enum query which, const struct db_args *args,
    PGresult **out_result)
{
	PGresult *r;
	enum db_error e = db_run(d, which, args, &r);
	int n = e == DB_OK ? PQntuples(r) : 0;

	if (out_result != NULL)
		*out_result = NULL;
	if (n > 1) {
		snprintf(d->message, sizeof(d->message),
		    "%s: %d rows where one was due", queries[which].name, n);
		e = DB_FAILED;
	}
	if (e == DB_OK && n == 1 && out_result != NULL)
		*out_result = r;
	else
		PQclear(r);
	return e;
}

enum db_error
db_begin(struct db *d)
{
	return control(d, "BEGIN");
}

/* COMMIT of a transaction that has failed is answered with ROLLBACK and no
 * error; whoever takes that for success has lost a report. */
enum db_error
db_commit(struct db *d)
{
	enum db_error e = DB_OK;
	PGresult *r;

	if (d->conn == NULL)
		return gone(d, "COMMIT");
	r = PQexec(d->conn, "COMMIT");
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		e = note(d, "COMMIT", r);
	} else if (strcmp(PQcmdStatus(r), "COMMIT") != 0) {
		snprintf(d->message, sizeof(d->message),
		    "COMMIT: the transaction had failed");
		e = DB_FAILED;
	}
	PQclear(r);
	return e;
}

void
db_rollback(struct db *d)
{
	char kept[MESSAGE_LEN];

	if (d->conn == NULL || PQtransactionStatus(d->conn) == PQTRANS_IDLE)
		return;
	/* The sentence that matters is why, not that. */
	memcpy(kept, d->message, sizeof(kept));
	control(d, "ROLLBACK");
	memcpy(d->message, kept, sizeof(kept));
}

/* ---- notifications ---- */

enum db_error
db_listen(struct db *d, const char *channel)
{
	int i = d->num_channels;

	if (i == CHANNELS_MAX || strlen(channel) > CHANNEL_LEN) {
		snprintf(
		    d->message, sizeof(d->message), "LISTEN: too many channels");
		return DB_FAILED;
	}
	/* Remembered first: a reopened connection listens again. */
	snprintf(d->channel[i], sizeof(d->channel[i]), "%s", channel);
	d->num_channels++;
	return d->conn == NULL ? gone(d, "LISTEN") : listen_on(d, channel);
}

static bool
take_notification(struct db *d, char **out_payload)
{
	PGnotify *n = PQnotifies(d->conn);
	char *copy;

	if (n == NULL)
		return false;
	if (out_payload != NULL) {
		/* The payload lies in the notification's own block: a copy by
		 * libpq's allocator, since PQfreemem() is promised. */
		size_t len = strlen(n->extra) + 1;

		if ((copy = malloc(len)) != NULL)
			memcpy(copy, n->extra, len);
		*out_payload = copy;
	}
	PQfreemem(n);
	return true;
}

bool
db_wait(struct db *d, int timeout_ms, char **out_payload)
{
	int64_t end = now_ms() + timeout_ms;
	struct pollfd p;
	int64_t left;

	if (out_payload != NULL)
		*out_payload = NULL;
	while (db_alive(d)) {
		if (take_notification(d, out_payload))
			return true;
		left = end - now_ms();
		if (left < 0)
			left = 0;
		p = (struct pollfd){.fd = PQsocket(d->conn), .events = POLLIN};
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return false;
		if (p.revents != 0 && PQconsumeInput(d->conn) != 1) {
			gone(d, "waiting");
			return false;
		}
		if (take_notification(d, out_payload))
			return true;
		/* A signal ends the wait too: the caller looks at its flags. */
		if (p.revents == 0)
			return false;
	}
	return false;
}
