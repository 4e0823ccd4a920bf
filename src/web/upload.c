/*
 * Group commit and the spool; see upload.h. One batch is in flight at a time;
 * what comes in meanwhile makes the next one.
 */
#include "web/upload.h"

#include <kore/kore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/settings.h"
#include "web/log.h"
#include "web/server.h"

struct queue {
	struct upload *first, *last;
	size_t num;
};

static struct queue waiting; /* for the next commit */
static struct queue syncing; /* for the syncer's word */
static struct upload *batch[PG_MAX_STEPS];
static int num_batch; /* in flight; one at a time */
static int64_t batch_jobs, batch_bytes, deadline_ms;
static struct kore_event syncer_event;

static void pump(void);

/* ---- queues ---------------------------------------------------------------- */

static void
put_last(struct queue *q, struct upload *u)
{
	u->next = NULL;
	if (q->last != NULL)
		q->last->next = u;
	else
		q->first = u;
	q->last = u;
	q->num++;
}

static void
put_first(struct queue *q, struct upload *u)
{
	u->next = q->first;
	q->first = u;
	if (q->last == NULL)
		q->last = u;
	q->num++;
}

static struct upload *
take_first(struct queue *q)
{
	struct upload *u = q->first;

	q->first = u->next;
	if (q->first == NULL)
		q->last = NULL;
	q->num--;
	return u;
}

void
upload_free(struct upload *u)
{
	if (u->x != NULL)
		u->x->page = NULL;
	free(u->content_type);
	free(u->encoding);
	free(u->query);
	buf_free(&u->box);
	free(u);
}

/* The client has gone; the upload goes on or is dropped by its queue. */
static void
client_gone(void *page)
{
	((struct upload *)page)->x = NULL;
}

/* ---- the syncer ------------------------------------------------------------ */

static bool
syncer_ask(char what, const char *name)
{
	char message[SPOOL_NAME_LEN + 3];

	snprintf(message, sizeof(message), "%c %s", what, name);
	return send(web.syncer, message, strlen(message),
		   MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

/* Its file has no row: remove it. If that is not certain, because a commit was
 * never answered, or the syncer is busy, the sweep finds out. */
static void
spool_drop(struct upload *u)
{
	if (u->spool[0] != '\0' && (u->unsure || !syncer_ask('U', u->spool)))
		web_log("spool-left", "id=%s file=%s", u->request_id, u->spool);
	u->spool[0] = '\0';
}

/* ---- answers --------------------------------------------------------------- */

static void
acknowledge(struct upload *u)
{
	struct exchange *x = u->x;

	if (x != NULL) {
		response_type(&x->response, "text/plain; charset=us-ascii");
		/* Crashpad keeps the whole body as the id: no line end. */
		buf_puts(&x->response.body, u->receipt);
		exchange_ready(x);
	}
	upload_free(u);
}

void
upload_refuse(struct upload *u, int status, const char *code, const char *sentence)
{
	if (u->x != NULL)
		exchange_error(u->x, status, code, sentence);
	spool_drop(u);
	upload_free(u);
}

static void
refuse_late(struct upload *u)
{
	upload_refuse(u, 503, "intake-busy",
	    "The report could not be stored in time. "
	    "It was not accepted; send it again later.");
}

/* ---- group commit ---------------------------------------------------------- */

static void
batch_done(struct pg_tx *tx, void *arg)
{
	int n = num_batch;

	(void)arg;
	num_batch = 0;
	if (tx->outcome == PG_OK) {
		for (int i = 0; i < n; i++) {
			/* Taken before, from the same request: that row's file
			 * counts. */
			if (!pg_bool(tx->result[i], 0, 0))
				spool_drop(batch[i]);
			acknowledge(batch[i]);
		}
	} else if (tx->outcome == PG_FAILED && n == 1) {
		upload_refuse(batch[0], 500, "intake-failed",
		    "The report could not be stored. "
		    "It was not accepted; sending it again may help.");
	} else {
		/* One of them was bad: each by itself. Or nobody knows whether it
		 * was committed: request_id makes the repetition harmless. */
		for (int i = n - 1; i >= 0; i--) {
			if (tx->outcome == PG_FAILED)
				batch[i]->alone = true;
			else
				batch[i]->unsure = true;
			put_first(&waiting, batch[i]);
		}
	}
	pump();
}

static void
add_put(struct pg_tx *tx, const struct upload *u)
{
	char name[33];
	struct db_args a;

	db_args_init(&a);
	db_arg_text(&a, u->request_id);
	db_arg_bytes(&a, bytes_of(u->receipt_hash, sizeof(u->receipt_hash)));
	db_arg_text(&a, u->content_type);
	db_arg_text(&a, u->encoding);
	db_arg_text(&a, u->query);
	db_arg_int(&a, u->size);
	if (u->spool[0] != '\0') {
		/* The row has the name without its ending. */
		snprintf(name, sizeof(name), "%.32s", u->spool);
		db_arg_null(&a);
		db_arg_text(&a, name);
	} else {
		db_arg_bytes(&a, bytes_of(u->box.data, u->box.len));
		db_arg_null(&a);
	}
	pg_add(tx, QUERY_UPLOAD_PUT, &a);
}

/* Whether u still fits into what is being put together. */
static bool
fits(const struct upload *u, int64_t bytes)
{
	if (num_batch == 0)
		return true;
	return num_batch < batch_jobs && !u->alone && !batch[0]->alone &&
	    bytes + (int64_t)u->box.len <= batch_bytes;
}

/* Sends what waits, unless a commit is on its way or there is no connection. */
static void
pump(void)
{
	struct pg_tx *tx;
	struct db_args a;
	int64_t bytes = 0;

	while (waiting.first != NULL && waiting.first->x == NULL &&
	    waiting.first->spool[0] == '\0')
		upload_free(take_first(&waiting)); /* nobody waits for it */
	if (num_batch > 0 || waiting.first == NULL)
		return;
	tx = pg_begin(PG_COMMIT, batch_done, NULL);
	if (tx == NULL)
		return; /* the tick tries again */
	while (waiting.first != NULL && fits(waiting.first, bytes)) {
		bytes += (int64_t)waiting.first->box.len;
		batch[num_batch++] = take_first(&waiting);
		add_put(tx, batch[num_batch - 1]);
	}
	db_args_init(&a);
	db_arg_text(&a, web.teller);
	pg_add(tx, QUERY_UPLOAD_COMMIT, &a);
	pg_send(tx);
}

/* ---- taking over ----------------------------------------------------------- */

struct upload *
upload_new(struct exchange *x)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->deadline = web_now_ms() + (uint64_t)deadline_ms;
	u->x = x;
	x->page = u;
	x->page_free = client_gone;
	return u;
}

void
upload_commit(struct upload *u)
{
	put_last(&waiting, u);
	pump();
}

void
upload_sync(struct upload *u)
{
	if (!syncer_ask('S', u->spool))
		refuse_late(u);
	else
		put_last(&syncing, u);
}

size_t
upload_num_waiting(void)
{
	return waiting.num + syncing.num;
}

/* ---- what happens by itself ------------------------------------------------ */

static void
synced(const char *message)
{
	struct upload *u, *prev = NULL;

	for (u = syncing.first; u != NULL; prev = u, u = u->next)
		if (strcmp(u->spool, message + 2) == 0)
			break;
	if (u == NULL)
		return; /* a removal, or from before a restart */
	if (prev != NULL)
		prev->next = u->next;
	else
		syncing.first = u->next;
	if (syncing.last == u)
		syncing.last = prev;
	syncing.num--;
	if (message[0] != 'K')
		upload_refuse(u, 503, "spool-unavailable",
		    "The report could not be written. Send it again later.");
	else if (u->x == NULL)
		refuse_late(u); /* nobody waits for it: drop the file */
	else
		put_last(&waiting, u);
}

static void
on_syncer(void *arg, int error)
{
	char message[64];
	ssize_t n;

	(void)arg;
	syncer_event.flags = 0;
	while ((n = recv(web.syncer, message, sizeof(message) - 1, MSG_DONTWAIT)) >
	    2) {
		message[n] = '\0';
		synced(message);
	}
	if (error || n == 0)
		fatalx("countersign: the syncer has gone"); /* kore makes a new
							       worker */
	pump();
}

/* Late ones leave the queue; a worker without a connection tries again. */
static void
tick(void *arg, uint64_t now)
{
	struct queue *all[] = {&waiting, &syncing};

	(void)arg;
	for (size_t i = 0; i < 2; i++) {
		size_t num = all[i]->num;

		while (num-- > 0) {
			struct upload *u = take_first(all[i]);

			if (now > u->deadline)
				refuse_late(u);
			else
				put_last(all[i], u);
		}
	}
	pump();
	kore_timer_add(tick, 250, NULL, KORE_TIMER_ONESHOT);
}

void
page_submit_start(void)
{
	batch_jobs = settings_number(web.settings, "intake.batch_jobs");
	batch_bytes = settings_number(web.settings, "intake.batch_bytes");
	deadline_ms = settings_number(web.settings, "intake.deadline") * 1000;
	if (batch_jobs < 1 || batch_jobs > PG_MAX_STEPS - 1)
		fatalx(
		    "countersign: intake.batch_jobs is 1 to %d", PG_MAX_STEPS - 1);
	syncer_event.type = KORE_TYPE_TASK;
	syncer_event.handle = on_syncer;
	kore_platform_event_level_read(web.syncer, &syncer_event);
	tick(NULL, web_now_ms());
}
