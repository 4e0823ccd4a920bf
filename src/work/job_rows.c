/*
 * The transaction of invariant 6: the dedupe key is claimed, the report, its
 * parties and the sums are written, the inbox row goes. Statements come in one
 * order of tables and write in the order of keys, so that batches side by side
 * wait for each other and do not dead-lock.
 */
#include <stdio.h>
#include <stdlib.h>

#include "work/rows.h"

static size_t
count(const struct batch *b, enum job_state state)
{
	size_t n = 0;

	EACH(b, j, state)
	n++;
	return n;
}

/* ---- once, and once only ------------------------------------------------------
 */

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
	EACH(b, j, JOB_REPORT)
	{
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
	EACH(b, j, JOB_REPORT)
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
	EACH(b, j, JOB_REPORT)
	{
		if (earlier(b, j) != NULL)
			continue;
		json_begin_object(&rows.json);
		json_kv_string(&rows.json, "key", j->key);
		json_kv_int(&rows.json, "report", j->report);
		json_kv_string(&rows.json, "at", j->received_at);
		json_end_object(&rows.json);
		rows.num++;
	}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DEDUPE_CLAIM, &r)) != DB_OK)
		return e;
	/* Whose key came back goes on; the others are duplicates. */
	EACH(b, j, JOB_REPORT)
	{
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
	EACH(b, j, JOB_DUPLICATE)
	{
		json_text(&rows.json, j->key);
		rows.num++;
	}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DEDUPE_FIND, &r)) != DB_OK)
		return e;
	EACH(b, j, JOB_DUPLICATE)
	{
		const struct job *first = by_key(b, j->key);

		if (first != NULL)
			j->report = first->report;
		for (int i = 0; first == NULL && i < PQntuples(r); i++) {
			if (strcmp(db_text(r, i, 0), j->key) != 0)
				continue;
			j->report = db_int(r, i, 1);
			snprintf(j->report_at, sizeof(j->report_at), "%s",
			    db_text(r, i, 2));
		}
	}
	PQclear(r);
	return DB_OK;
}

/* ---- whose ----------------------------------------------------------------------
 */

static enum db_error
ensure_weeks(struct batch *b)
{
	int64_t known = -1; /* the week, Monday's, last seen to */
	enum db_error e = DB_OK;
	struct db_args args;

	EACH(b, j, JOB_REPORT)
	{
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
	EACH(b, j, JOB_REPORT)
	for (size_t k = 0; k < j->x.num_parts; k++) {
		json_begin_object(&rows.json);
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
	EACH(b, j, JOB_REPORT)
	for (size_t k = 0; k < j->x.num_parts; k++)
		judge_part(j, k, r, i++, &row);
	PQclear(r);
	return DB_OK;
}

/* ---- bucket and atom
 * ---------------------------------------------------------------- */

static void
p_json(struct json *j, const struct examined *x)
{
	json_key(j, "p");
	json_begin_array(j);
	for (int i = 0; i < 8; i++)
		json_text(j, x->p[i]);
	json_end_array(j);
}

static enum db_error
put_buckets(struct batch *b, enum query q, PGresult **out)
{
	struct rows rows;
	int i = 0;

	rows_begin(&rows);
	EACH(b, j, JOB_REPORT)
	{
		json_begin_object(&rows.json);
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
	EACH(b, j, JOB_REPORT)
	{
		json_begin_object(&rows.json);
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
	EACH(b, j, JOB_REPORT)
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
	return j->title != NULL && j->class != NULL && j->label_type != NULL &&
	    j->p != NULL;
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
	EACH(b, k, JOB_REPORT)
	if (k->atom == 0)
		e = DB_FAILED;
	return e;
}

/* ---- the inbox and the ledger
 * ------------------------------------------------------------ */

static enum db_error
put_failures(struct batch *b)
{
	enum db_error e = DB_OK;
	struct db_args args;

	EACH(b, j, JOB_FAILED)
	{
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
		e = db_run(b->w->db,
		    j->state == JOB_DEFERRED ? QUERY_INBOX_DEFER : QUERY_INBOX_WAIT,
		    &args, NULL);
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
	    (e = sums_store(&b)) != DB_OK)
		return e;
	if ((e = put_failures(&b)) != DB_OK || (e = put_back(&b)) != DB_OK ||
	    (e = delete_done(&b)) != DB_OK ||
	    (e = tell(&b, JOB_REPORT, "processed")) != DB_OK ||
	    (e = tell(&b, JOB_DUPLICATE, "duplicate")) != DB_OK)
		return e;
	return tell(&b, JOB_FAILED, "failed");
}
