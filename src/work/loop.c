/*
 * One worker process: claims attempts first, because people wait for them, then
 * batches of the inbox; sleeps until it is notified.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/settings.h"
#include "db/conninfo.h"
#include "store/seal.h"
#include "work/log.h"
#include "work/memfd.h"
#include "work/tasks.h"
#include "work/trust_load.h"
#include "work/worker.h"

/* Milliseconds of sleep when nobody notifies: rows that were put back. */
#define IDLE_MS 1000
/* Seconds between two rounds of housekeeping. */
#define HOUSEKEEPING_EVERY 20

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

enum round
worker_round(struct worker *w, enum db_error e, const char *what)
{
	if (e == DB_OK)
		return ROUND_WORKED;
	if (e == DB_AGAIN)
		return ROUND_WORKED; /* rolled back: the same rows come again */
	log_event(e == DB_GONE ? "database-gone" : "database-error",
	    "at=%s why=\"%s\"", what, db_message(w->db));
	return e == DB_GONE || !db_alive(w->db) ? ROUND_DB_GONE : ROUND_DB_FAILED;
}

enum db_error
trust_refresh(struct worker *w)
{
	enum db_error e;
	int64_t version;
	int fd;

	if ((e = trust_version(w->db, &version)) != DB_OK)
		return e;
	if (w->trust_fd >= 0 && version == w->policy)
		return DB_OK;
	if ((e = trust_memfd(&fd, w->db, version)) != DB_OK)
		return e;
	if (w->trust_fd >= 0)
		close(w->trust_fd);
	w->trust_fd = fd;
	w->policy = version;
	return DB_OK;
}

/* ---- starting -------------------------------------------------------------------
 */

static int
file_memfd(const char *path)
{
	struct buf b;
	char part[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	int fd = -1;

	if (f == NULL)
		return -1;
	buf_init(&b, 16 << 20);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_append(&b, part, n);
	if (!ferror(f) && buf_ok(&b))
		fd = memfd_with(bytes_of(b.data, b.len));
	fclose(f);
	buf_free(&b);
	return fd;
}

static bool
open_stores(struct worker *w)
{
	const char *var = settings_string(w->settings, "portal.var");
	char path[4096];
	enum store_error e;

	snprintf(path, sizeof(path), "%s/keys", var);
	if ((e = store_keys_load(&w->keys, path)) != STORE_OK)
		goto failed;
	e = STORE_KEY_MISSING;
	if (!w->keys.has_inbox_public || !w->keys.has_inbox_secret ||
	    !w->keys.has_download_key)
		goto failed;
	snprintf(path, sizeof(path), "%s/dumps", var);
	if ((e = local_open(&w->store, path)) != STORE_OK)
		goto failed;
	snprintf(path, sizeof(path), "%s/spool", var);
	if ((e = spool_open(&w->spool, path)) != STORE_OK)
		goto failed;
	return true;
failed:
	log_event(
	    "start-failed", "path=%s why=\"%s\"", path, store_error_sentence(e));
	return false;
}

/* Keeps trying: the database may start after the worker. */
static bool
open_database(struct worker *w)
{
	const char *why = NULL;
	unsigned wait_ms = 100;
	struct buf conninfo;

	buf_init(&conninfo, 0);
	if (!db_conninfo(&conninfo, w->settings, "worker"))
		return false;
	while (!stopping &&
	    (w->db = db_open(buf_str(&conninfo), "worker", &why)) == NULL) {
		log_event("database-wait", "why=\"%s\"", why);
		poll(NULL, 0, (int)wait_ms);
		wait_ms = wait_ms * 2 > 5000 ? 5000 : wait_ms * 2;
	}
	buf_free(&conninfo);
	return w->db != NULL && db_listen(w->db, "countersign_job") != DB_FAILED &&
	    db_listen(w->db, "countersign_fetched") != DB_FAILED;
}

static bool
start(struct worker *w)
{
	char host[40] = "host";
	const char *error = NULL;

	w->settings = settings_read(db_settings_path(), &error);
	if (w->settings == NULL) {
		log_event("start-failed", "why=\"%s\"", error);
		return false;
	}
	gethostname(host, sizeof(host) - 1);
	snprintf(w->name, sizeof(w->name), "worker-%s-%u", host, w->number);
	w->timeout_ms =
	    (unsigned)settings_number(w->settings, "worker.child_timeout") * 1000;
	w->rules_fd = file_memfd(settings_string(w->settings, "crash.rules"));
	if (w->rules_fd < 0) {
		log_event("start-failed", "path=%s why=\"%s\"",
		    settings_string(w->settings, "crash.rules"), strerror(errno));
		return false;
	}
	return seal_init() == STORE_OK && open_stores(w) && open_database(w);
}

/* ---- the loop
 * -------------------------------------------------------------------- */

static void
recover(struct worker *w, enum round r)
{
	if (r == ROUND_DB_FAILED)
		poll(NULL, 0, 500);
	while (r == ROUND_DB_GONE && !stopping && !db_reopen(w->db, 2))
		log_event("database-wait", "why=\"%s\"", db_message(w->db));
}

static void
idle(struct worker *w)
{
	static time_t kept;
	time_t now = time(NULL);

	/* One process is enough for it. */
	if (w->number == 0 && now - kept >= HOUSEKEEPING_EVERY) {
		kept = now;
		worker_round(w, housekeeping(w), "housekeeping");
	}
	if (db_alive(w->db))
		db_wait(w->db, IDLE_MS, NULL);
	else
		recover(w, ROUND_DB_GONE);
}

static int
loop(struct worker *w, struct hand *before)
{
	enum round r;

	recover(w, worker_round(w, hand_settle(w, before), "settle"));
	recover(w, worker_round(w, spool_settle(w), "spool"));
	while (!stopping) {
		enum round inbox = ROUND_IDLE;

		r = attempt_run(w);
		if (r == ROUND_IDLE)
			inbox = batch_run(w);
		if (r == ROUND_ZYGOTE_GONE || inbox == ROUND_ZYGOTE_GONE) {
			log_event("zygote-gone", "next=exit");
			return 1;
		}
		if (r == ROUND_IDLE && inbox == ROUND_IDLE)
			idle(w);
		else
			recover(w, r != ROUND_IDLE ? r : inbox);
	}
	return 0;
}

enum db_error
hand_settle(struct worker *w, struct hand *before)
{
	enum db_error e = DB_OK;
	struct db_args args;

	if (before->inbox != 0) {
		log_event("died-with", "inbox=%lld", (long long)before->inbox);
		db_args_init(&args);
		db_arg_int(&args, before->inbox);
		db_arg_int(&args, 0);
		e = db_run(w->db, QUERY_INBOX_DEFER, &args, NULL);
	}
	if (e == DB_OK && before->attempt != 0) {
		db_args_init(&args);
		db_arg_int(&args, before->attempt);
		e = db_run(w->db, QUERY_ATTEMPT_TRIED, &args, NULL);
	}
	return e;
}

int
worker_process(unsigned number, int hand_fd)
{
	struct worker w = {.number = number, .rules_fd = -1, .trust_fd = -1};
	struct sigaction act = {.sa_handler = on_term};
	struct hand before;
	char name[32];
	int rc = 1;

	/* The zygote first: it inherits nothing that is worth a theft. */
	w.zygote = zygote_start(work_tasks, TASK_NUM);
	snprintf(name, sizeof(name), "worker-%u", number);
	log_name(name);
	if (w.zygote == NULL) {
		log_event("start-failed", "why=\"no zygote\"");
		return 1;
	}
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	w.hand = mmap(
	    NULL, sizeof(*w.hand), PROT_READ | PROT_WRITE, MAP_SHARED, hand_fd, 0);
	if (w.hand != MAP_FAILED) {
		before.inbox = w.hand->inbox;
		before.attempt = w.hand->attempt;
		w.hand->inbox = w.hand->attempt = 0;
		if (start(&w)) {
			log_event("ready", "pid=%d", (int)getpid());
			rc = loop(&w, &before);
		}
	}
	zygote_stop(w.zygote);
	db_close(w.db);
	store_keys_erase(&w.keys);
	settings_free(w.settings);
	log_event("end", "status=%d", rc);
	return stopping ? 0 : rc;
}
