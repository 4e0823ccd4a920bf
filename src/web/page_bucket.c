/*
 * One bucket: its label, its days, who has it, the stack and why a module is
 * blamed for it, and the dumps that are kept.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/json.h"
#include "web/csv.h"
#include "web/server.h"
#include "web/stored.h"
#include "web/trend.h"
#include "web/words.h"

enum {
	STEP_TOTAL = VENDOR_STEPS,
	STEP_GET,
	STEP_RANK,
	STEP_LABEL,
	STEP_TREND,
	STEP_FACETS,
	STEP_DUMPS
};
enum {
	GET_ID,
	GET_TITLE,
	GET_CLASS,
	GET_HITS,
	GET_FIRST,
	GET_LAST,
	GET_DUMPS,
	GET_BLAMED,
	GET_RULES,
	GET_SAMPLE
};
enum { FACET_NAME, FACET_VALUE, FACET_HITS, FACET_ALL };
enum {
	DUMP_REPORT,
	DUMP_RECEIVED,
	DUMP_PART,
	DUMP_VERSION,
	DUMP_OS,
	DUMP_ARCH,
	DUMP_SIZE,
	DUMP_SHA256,
	DUMP_UNTIL
};

#define MAX_FRAMES 64
#define MAX_FACET  8 /* values of one facet that the page shows */

static int64_t
permille(int64_t part, int64_t whole)
{
	return whole <= 0 ? 0 : (part * 1000 + whole / 2) / whole;
}

/* What the trail says of frame number `frame`, or "". */
static const char *
decision(const struct stored *sample, size_t frame)
{
	const struct stored *trail = stored_get(sample, "trail");

	for (size_t i = 0; i < stored_len(trail); i++) {
		const struct stored *t = stored_at(trail, i);

		if (stored_is_index(t, "frame", frame))
			return stored_text(t, "decision");
	}
	return "";
}

static size_t
fill_frames(struct tpl_frame_row out[MAX_FRAMES], struct crash_arena *a,
    const struct stored *sample)
{
	const struct stored *frames = stored_get(sample, "frames");
	size_t num = 0;

	for (size_t i = 0; i < stored_len(frames) && num < MAX_FRAMES; i++) {
		const struct stored *f = stored_at(frames, i);
		const char *what = decision(sample, i),
			   *offset = stored_text(f, "offset");

		out[num] = (struct tpl_frame_row){.number = (int64_t)i,
		    .module = *stored_text(f, "module") == '\0'
			? "outside every module"
			: stored_text(f, "module"),
		    .offset = *offset == '\0' ? "" : words(a, "+0x%s", offset),
		    .trust = stored_text(f, "trust"),
		    .decision = what,
		    .is_blamed = strncmp(what, "blamed", 6) == 0};
		num++;
	}
	return num;
}

static size_t
fill_label(struct tpl_label_row out[8], const PGresult *r)
{
	if (pg_rows(r) == 0)
		return 0;
	for (int i = 0; i < 8; i++)
		out[i] = (struct tpl_label_row){.number = i + 1,
		    .name = words_label_field(pg_text(r, 0, 0), i),
		    .value = pg_text(r, 0, i + 1)};
	return 8;
}

/* The values of one facet, the most frequent first. */
static size_t
fill_facet(
    struct tpl_facet_row out[MAX_FACET], const PGresult *r, const char *facet)
{
	size_t num = 0;

	for (int i = 0; i < pg_rows(r) && num < MAX_FACET; i++)
		if (strcmp(pg_text(r, i, FACET_NAME), facet) == 0)
			out[num++] = (struct tpl_facet_row){
			    .value = *pg_text(r, i, FACET_VALUE) == '\0'
				? "not said"
				: pg_text(r, i, FACET_VALUE),
			    .hits = pg_int(r, i, FACET_HITS),
			    .share = permille(
				pg_int(r, i, FACET_HITS), pg_int(r, i, FACET_ALL))};
	return num;
}

static void
fill_dumps(struct tpl_dump_row *out, struct crash_arena *a, const PGresult *r)
{
	for (int i = 0; i < pg_rows(r); i++)
		out[i] = (struct tpl_dump_row){
		    .href = words(a, "/dumps/%s", pg_text(r, i, DUMP_REPORT)),
		    .received = pg_int(r, i, DUMP_RECEIVED),
		    .version = pg_text(r, i, DUMP_VERSION),
		    .os = pg_text(r, i, DUMP_OS),
		    .arch = pg_text(r, i, DUMP_ARCH),
		    .size = pg_int(r, i, DUMP_SIZE),
		    .sha256 = pg_text(r, i, DUMP_SHA256),
		    .sha256_short = words(a, "%.8s", pg_text(r, i, DUMP_SHA256)),
		    .until = pg_int(r, i, DUMP_UNTIL)};
}

static void
render_html(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *g = tx->result[STEP_GET], *d = tx->result[STEP_DUMPS];
	const PGresult *facets = tx->result[STEP_FACETS],
		       *label = tx->result[STEP_LABEL];
	struct stored *sample = stored_parse(pg_text(g, 0, GET_SAMPLE));
	struct tpl_dump_row *dumps = calloc((size_t)pg_rows(d) + 1, sizeof(*dumps));
	struct tpl_facet_row versions[MAX_FACET], systems[MAX_FACET],
	    archs[MAX_FACET];
	struct tpl_frame_row frames[MAX_FRAMES];
	struct tpl_label_row fields[8];
	struct tpl_day_row days[CHART_DAYS];
	struct tpl_trend trend;
	struct tpl_head head;
	struct crash_arena a;
	struct html h;
	struct tpl_bucket t = {.frame = &head,
	    .trend = &trend,
	    .title = pg_text(g, 0, GET_TITLE),
	    .class = stored_text(sample, "class_text"),
	    .id = pg_int(g, 0, GET_ID),
	    .hits = pg_int(g, 0, GET_HITS),
	    .first = pg_int(g, 0, GET_FIRST),
	    .last = pg_int(g, 0, GET_LAST),
	    .rank = pg_int(tx->result[STEP_RANK], 0, 0),
	    .share = permille(
		pg_int(g, 0, GET_HITS), pg_int(tx->result[STEP_TOTAL], 0, 0)),
	    .rules_version = pg_int(g, 0, GET_RULES),
	    .rule = words_rule(stored_text(sample, "rule")),
	    .as_application = !pg_bool(g, 0, GET_BLAMED),
	    .label_type = pg_text(label, 0, 0),
	    .other_labels = pg_int(label, 0, 9) - 1,
	    .fields = fields,
	    .frames = frames,
	    .versions = versions,
	    .systems = systems,
	    .archs = archs,
	    .dumps = dumps};

	if (dumps == NULL) {
		stored_free(sample);
		exchange_unavailable(x);
		return;
	}
	crash_arena_init(&a, WORDS_MAX);
	exchange_frame(&head, tx, t.title);
	if (*t.class == '\0')
		t.class = pg_text(g, 0, GET_CLASS);
	t.json = words(&a, "/buckets/%" PRId64 ".json", t.id);
	t.csv = words(&a, "/buckets/%" PRId64 ".csv", t.id);
	t.last_words = words_ago(&a, web_time(), t.last);
	t.num_fields = fill_label(fields, label);
	t.num_frames = fill_frames(frames, &a, sample);
	t.num_versions = fill_facet(versions, facets, "version");
	t.num_systems = fill_facet(systems, facets, "os_version");
	t.num_archs = fill_facet(archs, facets, "arch");
	fill_dumps(dumps, &a, d);
	t.num_dumps = (size_t)pg_rows(d);
	trend_fill(&trend, days, &a, pg_text(tx->result[STEP_TREND], 0, 0));
	h = exchange_html(x);
	tpl_bucket(&h, &t);
	crash_arena_free(&a);
	stored_free(sample);
	free(dumps);
	exchange_ready(x);
}

static void
json_facets(struct json *j, const PGresult *r)
{
	json_key(j, "facets");
	json_begin_array(j);
	for (int i = 0; i < pg_rows(r); i++) {
		json_begin_object(j);
		json_kv_string(j, "facet", pg_text(r, i, FACET_NAME));
		json_kv_string(j, "value", pg_text(r, i, FACET_VALUE));
		json_kv_int(j, "hits", pg_int(r, i, FACET_HITS));
		json_end_object(j);
	}
	json_end_array(j);
}

static void
json_dumps_list(struct json *j, const PGresult *r)
{
	json_key(j, "dumps");
	json_begin_array(j);
	for (int i = 0; i < pg_rows(r); i++) {
		json_begin_object(j);
		json_kv_int(j, "report", pg_int(r, i, DUMP_REPORT));
		json_kv_string(j, "part", pg_text(r, i, DUMP_PART));
		json_kv_instant(j, "received_at", pg_int(r, i, DUMP_RECEIVED));
		json_kv_string(j, "version", pg_text(r, i, DUMP_VERSION));
		json_kv_string(j, "os_version", pg_text(r, i, DUMP_OS));
		json_kv_string(j, "arch", pg_text(r, i, DUMP_ARCH));
		json_kv_int(j, "size", pg_int(r, i, DUMP_SIZE));
		json_kv_string(j, "sha256", pg_text(r, i, DUMP_SHA256));
		json_kv_instant(j, "kept_until", pg_int(r, i, DUMP_UNTIL));
		json_end_object(j);
	}
	json_end_array(j);
}

static void
json_sample(struct json *j, const struct stored *sample)
{
	const struct stored *frames = stored_get(sample, "frames");

	json_kv_string(j, "rule", stored_text(sample, "rule"));
	json_key(j, "frames");
	json_begin_array(j);
	for (size_t i = 0; i < stored_len(frames); i++) {
		const struct stored *f = stored_at(frames, i);

		json_begin_object(j);
		json_kv_string(j, "module", stored_text(f, "module"));
		json_kv_string(j, "offset", stored_text(f, "offset"));
		json_kv_string(j, "trust", stored_text(f, "trust"));
		json_kv_string(j, "decision", decision(sample, i));
		json_end_object(j);
	}
	json_end_array(j);
}

static void
render_json(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *g = tx->result[STEP_GET], *label = tx->result[STEP_LABEL];
	struct stored *sample = stored_parse(pg_text(g, 0, GET_SAMPLE));
	struct chart chart;
	struct json j;

	chart_parse(&chart, pg_text(tx->result[STEP_TREND], 0, 0));
	response_type(&x->response, "application/json");
	json_init(&j, &x->response.body);
	json_begin_object(&j);
	json_kv_int(&j, "id", pg_int(g, 0, GET_ID));
	json_kv_string(&j, "title", pg_text(g, 0, GET_TITLE));
	json_kv_string(&j, "class", pg_text(g, 0, GET_CLASS));
	json_kv_string(
	    &j, "part", pg_bool(g, 0, GET_BLAMED) ? "blamed" : "application");
	json_kv_int(&j, "rank", pg_int(tx->result[STEP_RANK], 0, 0));
	json_kv_int(&j, "hits", pg_int(g, 0, GET_HITS));
	json_kv_instant(&j, "first_seen", pg_int(g, 0, GET_FIRST));
	json_kv_instant(&j, "last_seen", pg_int(g, 0, GET_LAST));
	json_kv_int(&j, "rules_version", pg_int(g, 0, GET_RULES));
	json_key(&j, "label");
	json_begin_object(&j);
	json_kv_string(&j, "type", pg_text(label, 0, 0));
	json_key(&j, "p");
	json_begin_array(&j);
	for (int i = 1; i <= 8; i++)
		json_text(&j, pg_text(label, 0, i));
	json_end_array(&j);
	json_end_object(&j);
	json_key(&j, "trend");
	json_begin_array(&j);
	for (int i = 0; i < CHART_DAYS; i++)
		json_int(&j, chart.day[i]);
	json_end_array(&j);
	json_facets(&j, tx->result[STEP_FACETS]);
	json_sample(&j, sample);
	json_dumps_list(&j, tx->result[STEP_DUMPS]);
	json_end_object(&j);
	buf_putc(&x->response.body, '\n');
	stored_free(sample);
	exchange_ready(x);
}

/* The dumps, which are what a program wants a list of. */
static void
render_csv(struct exchange *x, struct pg_tx *tx)
{
	static const char *const heads[] = {"report", "received_at", "version",
	    "os_version", "arch", "size", "sha256", "kept_until"};
	const PGresult *r = tx->result[STEP_DUMPS];
	struct csv c;

	response_type(&x->response, "text/csv; charset=utf-8; header=present");
	response_header(&x->response, "content-disposition",
	    "attachment; filename=\"bucket-%s.csv\"",
	    pg_text(tx->result[STEP_GET], 0, GET_ID));
	csv_init(&c, &x->response.body);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		csv_text(&c, heads[i]);
	csv_end_row(&c);
	for (int i = 0; i < pg_rows(r); i++) {
		csv_int(&c, pg_int(r, i, DUMP_REPORT));
		csv_time(&c, pg_int(r, i, DUMP_RECEIVED));
		csv_text(&c, pg_text(r, i, DUMP_VERSION));
		csv_text(&c, pg_text(r, i, DUMP_OS));
		csv_text(&c, pg_text(r, i, DUMP_ARCH));
		csv_int(&c, pg_int(r, i, DUMP_SIZE));
		csv_text(&c, pg_text(r, i, DUMP_SHA256));
		csv_time(&c, pg_int(r, i, DUMP_UNTIL));
		csv_end_row(&c);
	}
	exchange_ready(x);
}

static void
found(struct exchange *x, struct pg_tx *tx)
{
	/* Another vendor's bucket and one that does not exist are the same. */
	if (pg_rows(tx->result[STEP_GET]) == 0)
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
	else if (x->format == FORMAT_CSV)
		render_csv(x, tx);
	else if (x->format == FORMAT_JSON)
		render_json(x, tx);
	else
		render_html(x, tx);
}

void
page_bucket(struct exchange *x)
{
	static const enum query steps[] = {QUERY_BUCKET_GET, QUERY_BUCKET_RANK,
	    QUERY_BUCKET_LABEL, QUERY_BUCKET_TREND, QUERY_BUCKET_FACETS};
	struct pg_tx *tx;
	struct db_args a;
	int64_t id;

	if (!number_parse(&id, x->match.param[0])) {
		exchange_error(
		    x, 404, "not-found", "There is nothing at this address.");
		return;
	}
	tx = exchange_begin_vendor(x, PG_PAGES, found);
	if (tx == NULL)
		return;
	db_args_init(&a);
	db_arg_int(&a, id);
	pg_add(tx, QUERY_PORTAL_TOTAL, NULL);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		pg_add(tx, steps[i], &a);
	db_arg_int(&a, x->format == FORMAT_HTML ? WEB_PAGE_DUMPS : WEB_FILE_ROWS);
	pg_add(tx, QUERY_BUCKET_DUMPS, &a);
	pg_send(tx);
}
