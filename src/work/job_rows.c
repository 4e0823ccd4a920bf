/*
 * The transaction of invariant 6: the dedupe key is claimed, the report, its
 * parties and the sums are written, the inbox row goes. Statements come in one
 * order of tables and write in the order of keys, so that batches side by side
 * wait for each other and do not dead-lock.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/settings.h"
#include "work/rows.h"

struct batch {
	struct worker *w;
	struct job *jobs;
	size_t num;
};

/* The jobs in this state, in order. */
#define EACH(b, j, want)                                                       \
	for (struct job *j = (b)->jobs; j < (b)->jobs + (b)->num; j++)          \
		if (j->state == (want))

static size_t
count(const struct batch *b, enum job_state state)
{
	size_t n = 0;

	EACH (b, j, state)
		n++;
	return n;
}

/* ---- once, and once only ------------------------------------------------------ */

static enum db_error
give_ids(struct batch *b)
{
	size_t num = count(b, JOB_REPORT);
	struct db_args args;
	enum db_error e;
	PGresult *r;
	int row = 0;

	if (num == 0)
		return DB_OK;
	db_args_init(&args);
	db_arg_int(&args, (int64_t)num);
	if ((e = db_run(b->w->db, QUERY_REPORT_IDS, &args, &r)) != DB_OK)
		return e;
	EACH (b, j, JOB_REPORT) {
		j->report = db_int(r, row++, 0);
		snprintf(j->report_at, sizeof(j->report_at), "%s", j->received_at);
	}
	PQclear(r);
	return DB_OK;
}

/* The same dump twice in one batch: the later row points to the earlier. Its
 * place is copied once the earlier one's own is known. */
static struct job *
earlier(const struct batch *b, const struct job *late)
{
	for (struct job *j = b->jobs; j < late; j++)
		if ((j->state == JOB_REPORT || j->state == JOB_DUPLICATE) &&
		    strcmp(j->key, late->key) == 0)
			return j;
	return NULL;
}

static struct job *
by_key(const struct batch *b, const char *key)
{
	EACH (b, j, JOB_REPORT)
		if (strcmp(j->key, key) == 0)
			return j;
	return NULL;
}

static enum db_error
claim_keys(struct batch *b)
{
	struct rows rows;
	enum db_error e;
	PGresult *r;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		if (earlier(b, j) != NULL)
			continue;
		json_object(&rows.json);
		json_kv_string(&rows.json, "key", j->key);
		json_kv_int(&rows.json, "report", j->report);
		json_kv_string(&rows.json, "at", j->received_at);
		json_end_object(&rows.json);
		rows.num++;
	}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DEDUPE_CLAIM, &r)) != DB_OK)
		return e;
	/* Whose key came back goes on; the others are duplicates. */
	EACH (b, j, JOB_REPORT) {
		bool ours = false;

		for (int i = 0; i < PQntuples(r) && !ours; i++)
			ours = strcmp(db_text(r, i, 0), j->key) == 0;
		if (!ours || earlier(b, j) != NULL)
			j->state = JOB_DUPLICATE;
	}
	PQclear(r);
	return DB_OK;
}

static enum db_error
find_firsts(struct batch *b)
{
	struct rows rows;
	enum db_error e;
	PGresult *r;

	rows_begin(&rows);
	EACH (b, j, JOB_DUPLICATE) {
		json_string(&rows.json, j->key);
		rows.num++;
	}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DEDUPE_FIND, &r)) != DB_OK)
		return e;
	EACH (b, j, JOB_DUPLICATE) {
		const struct job *first = by_key(b, j->key);

		if (first != NULL)
			j->report = first->report;
		for (int i = 0; first == NULL && i < PQntuples(r); i++) {
			if (strcmp(db_text(r, i, 0), j->key) != 0)
				continue;
			j->report = db_int(r, i, 1);
			snprintf(j->report_at, sizeof(j->report_at), "%s", db_text(r, i, 2));
		}
	}
	PQclear(r);
	return DB_OK;
}

/* ---- whose ---------------------------------------------------------------------- */

static enum db_error
ensure_weeks(struct batch *b)
{
	int64_t known = -1; /* the week, Monday's, last seen to */
	enum db_error e = DB_OK;
	struct db_args args;

	EACH (b, j, JOB_REPORT) {
		int64_t week = (j->received_epoch / 86400 + 3) / 7;

		if (week == known)
			continue;
		db_args_init(&args);
		db_arg_text(&args, j->received_at);
		if ((e = db_run(b->w->db, QUERY_REPORT_WEEK, &args, NULL)) != DB_OK)
			return e;
		known = week;
	}
	return e;
}

static void
add_party(struct job *j, const struct examined_part *p, int64_t signer)
{
	for (size_t i = 0; i < j->num_parties; i++)
		if (j->party[i].signer == signer)
			return; /* its strongest part came first */
	if (j->num_parties < JOB_MAX_PARTIES)
		j->party[j->num_parties++] = (struct party){.signer = signer,
		    .part = p->part,
		    .version = p->version[0] != '\0' ? p->version : j->x.version};
}

/* Rows [*row, ..) of the answer belong to part number i. A single firm holder
 * makes a party; rivals, and a standing that is not firm, make none. */
static void
judge_part(struct job *j, size_t part, const PGresult *r, int i, int *row)
{
	const struct examined_part *p = &j->x.part[part];
	int64_t signer = 0;
	bool firm = true;

	for (; *row < PQntuples(r) && db_int(r, *row, 0) == i; (*row)++) {
		int64_t one = db_int(r, *row, 1);

		firm = firm && strcmp(db_text(r, *row, 2), "firm") == 0 &&
		    (signer == 0 || signer == one);
		signer = one;
	}
	if (firm && signer != 0)
		add_party(j, p, signer);
	else if (p->part == PART_BLAMED)
		j->unowned = true;
}

static enum db_error
find_parties(struct batch *b)
{
	struct rows rows;
	enum db_error e;
	PGresult *r;
	int i = 0, row = 0;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT)
		for (size_t k = 0; k < j->x.num_parts; k++) {
			json_object(&rows.json);
			json_kv_int(&rows.json, "i", i++);
			json_kv_string(&rows.json, "name", j->x.part[k].name);
			json_kv_string(&rows.json, "code_id", j->x.part[k].code_id);
			json_kv_string(&rows.json, "debug_id", j->x.part[k].debug_id);
			json_end_object(&rows.json);
			rows.num++;
		}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_MODULE_FIND, &r)) != DB_OK)
		return e;
	i = 0;
	EACH (b, j, JOB_REPORT)
		for (size_t k = 0; k < j->x.num_parts; k++)
			judge_part(j, k, r, i++, &row);
	PQclear(r);
	return DB_OK;
}

/* ---- bucket and atom ---------------------------------------------------------------- */

static void
p_json(struct json *j, const struct examined *x)
{
	json_key(j, "p");
	json_array(j);
	for (int i = 0; i < 8; i++)
		json_string(j, x->p[i]);
	json_end_array(j);
}

static enum db_error
put_buckets(struct batch *b, enum query q, PGresult **out)
{
	struct rows rows;
	int i = 0;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		json_object(&rows.json);
		json_kv_int(&rows.json, "i", i++);
		json_kv_int(&rows.json, "rules", j->x.rules);
		json_kv_string(&rows.json, "key", j->x.bucket);
		json_kv_string(&rows.json, "title", j->x.title);
		json_kv_string(&rows.json, "class", j->x.class);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, q, out);
}

static enum db_error
put_atoms(struct batch *b, enum query q, PGresult **out)
{
	struct rows rows;
	int i = 0;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		json_object(&rows.json);
		json_kv_int(&rows.json, "i", i++);
		json_kv_string(&rows.json, "key", j->x.atom);
		json_kv_int(&rows.json, "bucket", j->bucket);
		json_kv_string(&rows.json, "type", j->x.label_type);
		p_json(&rows.json, &j->x);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, q, out);
}

/* The i-th report of the batch. */
static struct job *
nth(const struct batch *b, int64_t i)
{
	EACH (b, j, JOB_REPORT)
		if (i-- == 0)
			return j;
	return NULL;
}

static bool
take_atom(struct job *j, const PGresult *r, int row)
{
	j->atom = db_int(r, row, 1);
	j->bucket = db_int(r, row, 2);
	j->title = strdup(db_text(r, row, 3));
	j->class = strdup(db_text(r, row, 4));
	j->rules = (int)db_int(r, row, 5);
	j->label_type = strdup(db_text(r, row, 6));
	j->p = strdup(db_text(r, row, 7));
	return j->title != NULL && j->class != NULL && j->label_type != NULL && j->p != NULL;
}

static enum db_error
find_atoms(struct batch *b)
{
	struct job *j;
	enum db_error e;
	PGresult *r;

	if ((e = put_buckets(b, QUERY_BUCKETS_PUT, NULL)) != DB_OK ||
	    (e = put_buckets(b, QUERY_BUCKETS_FIND, &r)) != DB_OK)
		return e;
	for (int i = 0; i < PQntuples(r); i++)
		if ((j = nth(b, db_int(r, i, 0))) != NULL)
			j->bucket = db_int(r, i, 1);
	PQclear(r);
	if ((e = put_atoms(b, QUERY_ATOMS_PUT, NULL)) != DB_OK ||
	    (e = put_atoms(b, QUERY_ATOMS_FIND, &r)) != DB_OK)
		return e;
	for (int i = 0; i < PQntuples(r); i++)
		if ((j = nth(b, db_int(r, i, 0))) != NULL && !take_atom(j, r, i))
			e = DB_FAILED;
	PQclear(r);
	EACH (b, k, JOB_REPORT)
		if (k->atom == 0)
			e = DB_FAILED;
	return e;
}

/* ---- dumps -------------------------------------------------------------------------- */

/* Those who may open a dump: design, section 5, "Parties of a report". */
static bool
may_open(const struct party *p)
{
	return p->part != PART_ON_STACK;
}

/* Dumps that this batch has kept already for a signer and bucket. */
static int64_t
kept_here(const struct batch *b, const struct job *until, int64_t signer, int64_t bucket)
{
	int64_t n = 0;

	for (const struct job *j = b->jobs; j < until; j++)
		for (size_t i = 0; j->kept && j->bucket == bucket && i < j->num_parties; i++)
			n += j->party[i].signer == signer;
	return n;
}

static bool
wanted(const struct batch *b, const struct job *j, const PGresult *r)
{
	int64_t first = settings_number(b->w->settings, "dumps.keep_first");

	for (size_t i = 0; i < j->num_parties; i++) {
		int64_t n = kept_here(b, j, j->party[i].signer, j->bucket);

		if (!may_open(&j->party[i]))
			continue;
		for (int row = 0; row < PQntuples(r); row++)
			if (db_int(r, row, 0) == j->party[i].signer &&
			    db_int(r, row, 1) == j->bucket)
				n += db_int(r, row, 2);
		if (n < first)
			return true;
	}
	return false;
}

/* A dump is kept for somebody who may open it: the first few of each bucket.
 * One that nobody may open would be personal data without a purpose. (Batches
 * side by side do not see each other's: a few more may be kept.) */
static enum db_error
keep_dumps(struct batch *b)
{
	struct rows rows;
	enum db_error e;
	PGresult *r;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT)
		for (size_t i = 0; i < j->num_parties; i++) {
			json_object(&rows.json);
			json_kv_int(&rows.json, "signer", j->party[i].signer);
			json_kv_int(&rows.json, "bucket", j->bucket);
			json_end_object(&rows.json);
			rows.num++;
		}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DUMPS_KEPT, &r)) != DB_OK)
		return e;
	EACH (b, j, JOB_REPORT)
		if (wanted(b, j, r))
			job_keep_dump(b->w, j);
	PQclear(r);
	return DB_OK;
}

static enum db_error
put_dumps(struct batch *b)
{
	struct rows rows;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		if (!j->kept)
			continue;
		json_object(&rows.json);
		json_kv_int(&rows.json, "report", j->report);
		json_kv_string(&rows.json, "at", j->received_at);
		json_kv_string(&rows.json, "object", j->object);
		json_kv_int(&rows.json, "size", (int64_t)j->dump.len);
		json_kv_string(&rows.json, "sha256", j->key);
		json_kv_string(&rows.json, "key", j->wrapped);
		json_kv_string(&rows.json, "why", "first of its bucket");
		json_kv_int(&rows.json, "until", j->until);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_DUMPS_PUT, NULL);
}

/* ---- the report and its sums ----------------------------------------------------------- */

static enum db_error
put_reports(struct batch *b)
{
	struct rows rows;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		json_object(&rows.json);
		json_kv_string(&rows.json, "at", j->received_at);
		json_kv_int(&rows.json, "id", j->report);
		json_kv_string(&rows.json, "receipt", j->receipt_hash);
		json_kv_string(&rows.json, "client", j->x.client);
		json_kv_string(&rows.json, "product", j->x.product);
		json_kv_string(&rows.json, "version", j->x.version);
		json_kv_string(&rows.json, "os", j->x.os);
		json_kv_string(&rows.json, "os_version", j->x.os_version);
		json_kv_string(&rows.json, "arch", j->x.arch);
		json_kv_int(&rows.json, "atom", j->atom);
		rows_raw(&rows.json, "annotations", j->x.annotations);
		rows_raw(&rows.json, "examination", j->x.examination);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_REPORTS_PUT, NULL);
}

/* The system with its version: "windows 10.0.22631". */
static void
os_text(char *out, size_t room, const struct examined *x)
{
	snprintf(out, room, "%s%s%s", x->os, x->os[0] && x->os_version[0] ? " " : "",
	    x->os_version);
}

static enum db_error
put_parties(struct batch *b)
{
	struct rows rows;
	char os[128];

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT)
		for (size_t i = 0; i < j->num_parties; i++) {
			bool dump = j->kept && may_open(&j->party[i]);

			os_text(os, sizeof(os), &j->x);
			json_object(&rows.json);
			json_kv_int(&rows.json, "signer", j->party[i].signer);
			json_kv_string(&rows.json, "part", part_text(j->party[i].part));
			json_kv_int(&rows.json, "report", j->report);
			json_kv_string(&rows.json, "at", j->received_at);
			json_kv_int(&rows.json, "atom", j->atom);
			json_kv_string(&rows.json, "version", j->party[i].version);
			json_kv_string(&rows.json, "os_version", os);
			json_kv_string(&rows.json, "arch", j->x.arch);
			if (dump) {
				json_kv_int(&rows.json, "size", (int64_t)j->dump.len);
				json_kv_string(&rows.json, "sha256", j->key);
				json_kv_int(&rows.json, "until", j->until);
			}
			json_end_object(&rows.json);
			rows.num++;
		}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_PARTIES_PUT, NULL);
}

/* One object a party with all that the sums need; each statement takes from it
 * what it names. */
static enum db_error
put_sums(struct batch *b, enum query q)
{
	struct rows rows;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT)
		for (size_t i = 0; i < j->num_parties; i++) {
			json_object(&rows.json);
			json_kv_int(&rows.json, "signer", j->party[i].signer);
			json_kv_string(&rows.json, "part", part_text(j->party[i].part));
			json_kv_int(&rows.json, "atom", j->atom);
			json_kv_int(&rows.json, "bucket", j->bucket);
			json_kv_string(&rows.json, "type", j->label_type);
			rows_raw(&rows.json, "p", j->p);
			json_kv_string(&rows.json, "title", j->title);
			json_kv_string(&rows.json, "class", j->class);
			json_kv_string(&rows.json, "at", j->received_at);
			json_kv_string(&rows.json, "day", j->day);
			json_kv_bool(&rows.json, "kept", j->kept && may_open(&j->party[i]));
			json_kv_int(&rows.json, "rules", j->rules);
			if (q == QUERY_SIGNER_BUCKETS_ADD)
				rows_raw(&rows.json, "sample", j->x.sample);
			json_end_object(&rows.json);
			rows.num++;
		}
	return rows_run(&rows, DB_OK, b->w->db, q, NULL);
}

static void
facet_row(struct rows *rows, const struct job *j, const struct party *p,
    const char *facet, const char *value)
{
	json_object(&rows->json);
	json_kv_int(&rows->json, "signer", p->signer);
	json_kv_string(&rows->json, "part", part_text(p->part));
	json_kv_int(&rows->json, "atom", j->atom);
	json_kv_string(&rows->json, "day", j->day);
	json_kv_string(&rows->json, "facet", facet);
	json_kv_string(&rows->json, "value", value[0] != '\0' ? value : "(unknown)");
	json_end_object(&rows->json);
	rows->num++;
}

static enum db_error
put_facets(struct batch *b)
{
	struct rows rows;
	char os[128];

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT)
		for (size_t i = 0; i < j->num_parties; i++) {
			os_text(os, sizeof(os), &j->x);
			facet_row(&rows, j, &j->party[i], "version", j->party[i].version);
			facet_row(&rows, j, &j->party[i], "os_version", os);
			facet_row(&rows, j, &j->party[i], "arch", j->x.arch);
		}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_ATOM_FACETS_ADD, NULL);
}

static enum db_error
put_unowned(struct batch *b)
{
	struct rows rows;

	rows_begin(&rows);
	EACH (b, j, JOB_REPORT) {
		if (!j->unowned)
			continue;
		json_object(&rows.json);
		json_kv_string(&rows.json, "name", j->x.part[0].name);
		json_kv_string(&rows.json, "code_id", j->x.part[0].code_id);
		json_kv_string(&rows.json, "day", j->day);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_UNOWNED_ADD, NULL);
}

static enum db_error
put_receipts(struct batch *b)
{
	struct rows rows;

	rows_begin(&rows);
	for (size_t i = 0; i < b->num; i++) {
		const struct job *j = &b->jobs[i];

		if (j->state != JOB_REPORT && j->state != JOB_DUPLICATE)
			continue;
		json_object(&rows.json);
		json_kv_string(&rows.json, "hash", j->receipt_hash);
		json_kv_int(&rows.json, "report", j->report);
		json_kv_string(&rows.json, "at", j->report_at);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_RECEIPTS_PUT, NULL);
}

/* ---- the inbox and the ledger ------------------------------------------------------------ */

static enum db_error
put_failures(struct batch *b)
{
	enum db_error e = DB_OK;
	struct db_args args;

	EACH (b, j, JOB_FAILED) {
		db_args_init(&args);
		db_arg_text(&args, j->received_at);
		db_arg_text(&args, j->receipt_hash);
		db_arg_text(&args, j->code);
		db_arg_text(&args, j->detail);
		db_arg_int(&args, j->size);
		if ((e = db_run(b->w->db, QUERY_FAILURE_ADD, &args, NULL)) != DB_OK)
			break;
	}
	return e;
}

static enum db_error
put_back(struct batch *b)
{
	enum db_error e = DB_OK;
	struct db_args args;

	for (size_t i = 0; e == DB_OK && i < b->num; i++) {
		const struct job *j = &b->jobs[i];

		if (j->state != JOB_DEFERRED && j->state != JOB_WAITING)
			continue;
		db_args_init(&args);
		db_arg_int(&args, j->id);
		db_arg_int(&args, WORKER_RETRY_AFTER);
		e = db_run(b->w->db, j->state == JOB_DEFERRED ? QUERY_INBOX_DEFER :
		    QUERY_INBOX_WAIT, &args, NULL);
	}
	return e;
}

static enum db_error
tell(struct batch *b, enum job_state state, const char *outcome)
{
	size_t n = count(b, state);
	struct db_args args;

	if (n == 0)
		return DB_OK;
	db_args_init(&args);
	db_arg_text(&args, b->w->name);
	db_arg_text(&args, outcome);
	db_arg_int(&args, (int64_t)n);
	return db_run(b->w->db, QUERY_LEDGER_ADD, &args, NULL);
}

static enum db_error
delete_done(struct batch *b)
{
	struct db_args args;
	struct buf ids;
	enum db_error e;
	size_t num = 0;

	buf_init(&ids, 0);
	buf_putc(&ids, '{');
	for (size_t i = 0; i < b->num; i++) {
		enum job_state s = b->jobs[i].state;

		if (s != JOB_REPORT && s != JOB_DUPLICATE && s != JOB_FAILED)
			continue;
		buf_printf(&ids, "%s%lld", num++ == 0 ? "" : ",",
		    (long long)b->jobs[i].id);
	}
	buf_putc(&ids, '}');
	db_args_init(&args);
	db_arg_text(&args, buf_str(&ids));
	e = db_run(b->w->db, QUERY_INBOX_DELETE, &args, NULL);
	buf_free(&ids);
	return e;
}

enum db_error
rows_store(struct worker *w, struct job *jobs, size_t num)
{
	struct batch b = {.w = w, .jobs = jobs, .num = num};
	enum db_error e;

	if ((e = give_ids(&b)) != DB_OK || (e = ensure_weeks(&b)) != DB_OK ||
	    (e = claim_keys(&b)) != DB_OK || (e = find_firsts(&b)) != DB_OK ||
	    (e = find_parties(&b)) != DB_OK || (e = find_atoms(&b)) != DB_OK ||
	    (e = keep_dumps(&b)) != DB_OK || (e = put_reports(&b)) != DB_OK ||
	    (e = put_dumps(&b)) != DB_OK || (e = put_parties(&b)) != DB_OK ||
	    (e = put_sums(&b, QUERY_SIGNER_ATOMS_PUT)) != DB_OK ||
	    (e = put_sums(&b, QUERY_SIGNER_BUCKETS_ADD)) != DB_OK ||
	    (e = put_sums(&b, QUERY_ATOM_DAYS_ADD)) != DB_OK ||
	    (e = put_facets(&b)) != DB_OK || (e = put_unowned(&b)) != DB_OK ||
	    (e = put_receipts(&b)) != DB_OK)
		return e;
	if ((e = put_failures(&b)) != DB_OK || (e = put_back(&b)) != DB_OK ||
	    (e = delete_done(&b)) != DB_OK ||
	    (e = tell(&b, JOB_REPORT, "processed")) != DB_OK ||
	    (e = tell(&b, JOB_DUPLICATE, "duplicate")) != DB_OK)
		return e;
	return tell(&b, JOB_FAILED, "failed");
}
