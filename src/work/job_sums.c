/*
 * The second half of the transaction of invariant 6: the dumps that are kept, the
 * reports, who is concerned by them, and the sums that pages are made of.
 */
#include <stdio.h>

#include "base/settings.h"
#include "work/rows.h"

/* ---- dumps
 * -------------------------------------------------------------------------- */

/* Those who may open a dump: design, section 5, "Parties of a report". */
static bool
may_open(const struct party *p)
{
	return p->part != PART_ON_STACK;
}

/* Dumps that this batch has kept already for a signer and bucket. */
static int64_t
kept_here(
    const struct batch *b, const struct job *until, int64_t signer, int64_t bucket)
{
	int64_t n = 0;

	for (const struct job *j = b->jobs; j < until; j++)
		for (size_t i = 0;
		     j->kept && j->bucket == bucket && i < j->num_parties; i++)
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
	EACH(b, j, JOB_REPORT)
	for (size_t i = 0; i < j->num_parties; i++) {
		json_begin_object(&rows.json);
		json_kv_int(&rows.json, "signer", j->party[i].signer);
		json_kv_int(&rows.json, "bucket", j->bucket);
		json_end_object(&rows.json);
		rows.num++;
	}
	if ((e = rows_run(&rows, DB_OK, b->w->db, QUERY_DUMPS_KEPT, &r)) != DB_OK)
		return e;
	EACH(b, j, JOB_REPORT)
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
	EACH(b, j, JOB_REPORT)
	{
		if (!j->kept)
			continue;
		json_begin_object(&rows.json);
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

/* ---- the report and its sums
 * ----------------------------------------------------------- */

static enum db_error
put_reports(struct batch *b)
{
	struct rows rows;

	rows_begin(&rows);
	EACH(b, j, JOB_REPORT)
	{
		json_begin_object(&rows.json);
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
	snprintf(out, room, "%s%s%s", x->os,
	    x->os[0] && x->os_version[0] ? " " : "", x->os_version);
}

static enum db_error
put_parties(struct batch *b)
{
	struct rows rows;
	char os[128];

	rows_begin(&rows);
	EACH(b, j, JOB_REPORT)
	for (size_t i = 0; i < j->num_parties; i++) {
		bool dump = j->kept && may_open(&j->party[i]);

		os_text(os, sizeof(os), &j->x);
		json_begin_object(&rows.json);
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
	EACH(b, j, JOB_REPORT)
	for (size_t i = 0; i < j->num_parties; i++) {
		json_begin_object(&rows.json);
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
	json_begin_object(&rows->json);
	json_kv_int(&rows->json, "signer", p->signer);
	json_kv_string(&rows->json, "part", part_text(p->part));
	json_kv_int(&rows->json, "atom", j->atom);
	json_kv_string(&rows->json, "day", j->day);
	json_kv_string(&rows->json, "facet", facet);
	json_kv_string(
	    &rows->json, "value", value[0] != '\0' ? value : "(unknown)");
	json_end_object(&rows->json);
	rows->num++;
}

static enum db_error
put_facets(struct batch *b)
{
	struct rows rows;
	char os[128];

	rows_begin(&rows);
	EACH(b, j, JOB_REPORT)
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
	EACH(b, j, JOB_REPORT)
	{
		if (!j->unowned)
			continue;
		json_begin_object(&rows.json);
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
		json_begin_object(&rows.json);
		json_kv_string(&rows.json, "hash", j->receipt_hash);
		json_kv_int(&rows.json, "report", j->report);
		json_kv_string(&rows.json, "at", j->report_at);
		json_end_object(&rows.json);
		rows.num++;
	}
	return rows_run(&rows, DB_OK, b->w->db, QUERY_RECEIPTS_PUT, NULL);
}

enum db_error
sums_store(struct batch *b)
{
	enum db_error e;

	if ((e = keep_dumps(b)) != DB_OK || (e = put_reports(b)) != DB_OK ||
	    (e = put_dumps(b)) != DB_OK || (e = put_parties(b)) != DB_OK ||
	    (e = put_sums(b, QUERY_SIGNER_ATOMS_PUT)) != DB_OK ||
	    (e = put_sums(b, QUERY_SIGNER_BUCKETS_ADD)) != DB_OK ||
	    (e = put_sums(b, QUERY_ATOM_DAYS_ADD)) != DB_OK ||
	    (e = put_facets(b)) != DB_OK || (e = put_unowned(b)) != DB_OK)
		return e;
	return put_receipts(b);
}
