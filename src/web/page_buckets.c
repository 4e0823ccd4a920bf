/*
 * The list of a vendor's crashes, by hits, as a page, as JSON and as CSV.
 */
#include <stdlib.h>

#include "base/instant.h"
#include "base/json.h"
#include "web/chart.h"
#include "web/csv.h"
#include "web/server.h"
#include "web/trend.h"
#include "web/words.h"

/* Steps behind the session's own. */
enum { STEP_TOTAL = VENDOR_STEPS, STEP_TREND, STEP_TOP };

/* Columns of bucket_top. */
enum {
	COL_ID,
	COL_TITLE,
	COL_CLASS,
	COL_HITS,
	COL_FIRST,
	COL_LAST,
	COL_DUMPS,
	COL_BLAMED,
	COL_TREND,
	COL_CLASS_TEXT
};

/* Pixels of the drawings; the template's viewBoxes say the same. */
#define SPARK_W	    84
#define SPARK_H	    20
#define CURVE_UPPER 10
#define CURVE_LEFT  48
#define CURVE_W	    228
#define CURVE_H	    84

static int64_t
permille(int64_t part, int64_t whole)
{
	return whole <= 0 ? 0 : (part * 1000 + whole / 2) / whole;
}

/* New: first seen within a week. Rising: more than twice the week before, and
 * not just a handful. */
static bool
is_rising(const struct chart *c)
{
	int64_t last = 0, before = 0;

	for (int i = 0; i < 7; i++) {
		last += c->day[CHART_DAYS - 1 - i];
		before += c->day[CHART_DAYS - 8 - i];
	}
	return last >= 10 && last > 2 * before;
}

static void
fill_row(struct tpl_bucket_row *row, struct crash_arena *a, const PGresult *r,
    int i, int64_t total, int64_t *sum)
{
	int64_t now = web_time();
	struct chart chart;

	chart_parse(&chart, pg_text(r, i, COL_TREND));
	*sum += pg_int(r, i, COL_HITS);
	*row = (struct tpl_bucket_row){.rank = i + 1,
	    .href = words(a, "/buckets/%s", pg_text(r, i, COL_ID)),
	    .title = pg_text(r, i, COL_TITLE),
	    .class = pg_text(r, i, COL_CLASS_TEXT),
	    .hits = pg_int(r, i, COL_HITS),
	    .share = permille(pg_int(r, i, COL_HITS), total),
	    .sum = permille(*sum, total),
	    .bar = permille(pg_int(r, i, COL_HITS), pg_int(r, 0, COL_HITS)),
	    .spark = trend_points(
		a, &chart, chart.peak > 0 ? chart.peak : 1, 1, 2, SPARK_W, SPARK_H),
	    .recent = chart.total,
	    .first = pg_int(r, i, COL_FIRST),
	    .last = pg_int(r, i, COL_LAST),
	    .last_words = words_ago(a, now, pg_int(r, i, COL_LAST)),
	    .dumps = pg_int(r, i, COL_DUMPS),
	    .as_application = !pg_bool(r, i, COL_BLAMED)};
	row->is_new = now - row->first < 7 * 86400;
	row->is_rising = !row->is_new && is_rising(&chart);
	row->mark = row->is_new ? "new" : row->is_rising ? "rising" : "";
}

/* How few make four fifths: the headline. */
static void
fill_headline(struct tpl_buckets *t, const PGresult *r, int64_t total)
{
	int64_t sum = 0;
	int n = 0;

	while (n < pg_rows(r) && sum * 5 < total * 4)
		sum += pg_int(r, n++, COL_HITS);
	t->few = n;
	t->few_share = permille(sum, total);
	t->one = n == 1;
}

/* The curve of cumulative shares over the buckets of the list. */
static const char *
curve(struct crash_arena *a, const PGresult *r, int64_t total)
{
	int rows = pg_rows(r);
	int64_t sum = 0;
	struct buf b;
	const char *copy;

	buf_init(&b, 16384);
	buf_printf(&b, "%d,%d", CURVE_LEFT, CURVE_UPPER + CURVE_H);
	for (int i = 0; i < rows; i++) {
		sum += pg_int(r, i, COL_HITS);
		buf_printf(&b, " %d.%d,%d.%d",
		    CURVE_LEFT + (i + 1) * CURVE_W / rows,
		    (i + 1) * CURVE_W * 10 / rows % 10,
		    (int)(CURVE_UPPER + CURVE_H -
			sum * CURVE_H / (total > 0 ? total : 1)),
		    0);
	}
	copy = crash_arena_strndup(a, buf_str(&b), b.len);
	buf_free(&b);
	return copy == NULL ? "" : copy;
}

static void
render_html(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *r = tx->result[STEP_TOP];
	int64_t total = pg_int(tx->result[STEP_TOTAL], 0, 0), sum = 0;
	struct tpl_bucket_row *rows = calloc((size_t)pg_rows(r) + 1, sizeof(*rows));
	struct tpl_day_row days[CHART_DAYS];
	struct tpl_trend trend;
	struct tpl_head head;
	struct tpl_buckets t = {.frame = &head,
	    .trend = &trend,
	    .rows = rows,
	    .hits = total,
	    .buckets = pg_int(tx->result[STEP_TOTAL], 0, 1),
	    .host = web.host};
	struct crash_arena a;
	struct html h;

	if (rows == NULL) {
		exchange_unavailable(x);
		return;
	}
	crash_arena_init(&a, WORDS_MAX);
	exchange_frame(&head, tx, "Top crashes");
	for (int i = 0; i < pg_rows(r); i++)
		fill_row(&rows[i], &a, r, i, total, &sum);
	t.num_rows = (size_t)pg_rows(r);
	t.cut = t.buckets > pg_rows(r);
	t.shown = pg_rows(r);
	fill_headline(&t, r, total);
	trend_fill(&trend, days, &a, pg_text(tx->result[STEP_TREND], 0, 0));
	t.from = trend.from;
	t.to = trend.to;
	t.curve = curve(&a, r, total);
	h = exchange_html(x);
	tpl_buckets(&h, &t);
	crash_arena_free(&a);
	free(rows);
	exchange_ready(x);
}

static void
render_json(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *r = tx->result[STEP_TOP];
	int64_t total = pg_int(tx->result[STEP_TOTAL], 0, 0);
	struct chart chart;
	struct json j;

	response_type(&x->response, "application/json");
	json_init(&j, &x->response.body);
	json_begin_object(&j);
	json_kv_string(&j, "vendor", pg_text(tx->result[1], 0, 1));
	json_kv_int(&j, "hits", total);
	json_kv_int(&j, "num_buckets", pg_int(tx->result[STEP_TOTAL], 0, 1));
	json_key(&j, "buckets");
	json_begin_array(&j);
	for (int i = 0; i < pg_rows(r); i++) {
		chart_parse(&chart, pg_text(r, i, COL_TREND));
		json_begin_object(&j);
		json_kv_int(&j, "id", pg_int(r, i, COL_ID));
		json_kv_int(&j, "rank", i + 1);
		json_kv_string(&j, "title", pg_text(r, i, COL_TITLE));
		json_kv_string(&j, "class", pg_text(r, i, COL_CLASS));
		json_kv_string(&j, "part",
		    pg_bool(r, i, COL_BLAMED) ? "blamed" : "application");
		json_kv_int(&j, "hits", pg_int(r, i, COL_HITS));
		json_kv_int(
		    &j, "share_permille", permille(pg_int(r, i, COL_HITS), total));
		json_kv_instant(&j, "first_seen", pg_int(r, i, COL_FIRST));
		json_kv_instant(&j, "last_seen", pg_int(r, i, COL_LAST));
		json_kv_int(&j, "dumps", pg_int(r, i, COL_DUMPS));
		json_key(&j, "trend");
		json_begin_array(&j);
		for (int d = 0; d < CHART_DAYS; d++)
			json_int(&j, chart.day[d]);
		json_end_array(&j);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
	buf_putc(&x->response.body, '\n');
	exchange_ready(x);
}

static void
render_csv(struct exchange *x, struct pg_tx *tx)
{
	static const char *const heads[] = {"rank", "id", "title", "class", "part",
	    "hits", "share_permille", "first_seen", "last_seen", "dumps"};
	const PGresult *r = tx->result[STEP_TOP];
	int64_t total = pg_int(tx->result[STEP_TOTAL], 0, 0);
	struct csv c;

	response_type(&x->response, "text/csv; charset=utf-8; header=present");
	response_header(&x->response, "content-disposition",
	    "attachment; filename=\"buckets.csv\"");
	csv_init(&c, &x->response.body);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		csv_text(&c, heads[i]);
	csv_end_row(&c);
	for (int i = 0; i < pg_rows(r); i++) {
		csv_int(&c, i + 1);
		csv_int(&c, pg_int(r, i, COL_ID));
		csv_text(&c, pg_text(r, i, COL_TITLE));
		csv_text(&c, pg_text(r, i, COL_CLASS));
		csv_text(&c, pg_bool(r, i, COL_BLAMED) ? "blamed" : "application");
		csv_int(&c, pg_int(r, i, COL_HITS));
		csv_int(&c, permille(pg_int(r, i, COL_HITS), total));
		csv_time(&c, pg_int(r, i, COL_FIRST));
		csv_time(&c, pg_int(r, i, COL_LAST));
		csv_int(&c, pg_int(r, i, COL_DUMPS));
		csv_end_row(&c);
	}
	exchange_ready(x);
}

static void
listed(struct exchange *x, struct pg_tx *tx)
{
	if (x->format == FORMAT_CSV)
		render_csv(x, tx);
	else if (x->format == FORMAT_JSON)
		render_json(x, tx);
	else
		render_html(x, tx);
}

void
page_buckets(struct exchange *x)
{
	struct pg_tx *tx = exchange_begin_vendor(x, PG_PAGES, listed);
	struct db_args a;

	if (tx == NULL)
		return;
	pg_add(tx, QUERY_PORTAL_TOTAL, NULL);
	pg_add(tx, QUERY_PORTAL_TREND, NULL);
	db_args_init(&a);
	db_arg_int(&a, x->format == FORMAT_HTML ? WEB_PAGE_ROWS : WEB_FILE_ROWS);
	pg_add(tx, QUERY_BUCKET_TOP, &a);
	pg_send(tx);
}
