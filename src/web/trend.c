/*
 * The chart of 30 days; see trend.h.
 */
#include "web/trend.h"

#include <time.h>

#include "base/buf.h"
#include "web/server.h"
#include "web/words.h"

/* Pixels; trend.html's viewBox says the same. */
#define LEFT   44
#define UPPER  10
#define WIDTH  700
#define HEIGHT 84

const char *
trend_points(struct crash_arena *a, const struct chart *c, int64_t top, int left,
    int upper, int width, int height)
{
	struct buf b;
	const char *copy;

	buf_init(&b, 4096);
	chart_points(&b, c, top, left, upper, width, height);
	copy = crash_arena_strndup(a, buf_str(&b), b.len);
	buf_free(&b);
	return copy == NULL ? "" : copy;
}

void
trend_fill(struct tpl_trend *t, struct tpl_day_row days[CHART_DAYS],
    struct crash_arena *a, const char *pairs)
{
	int64_t top, midnight = web_time() / 86400 * 86400;
	struct chart c;

	chart_parse(&c, pairs);
	top = chart_top(&c);
	for (int i = 0; i < CHART_DAYS; i++)
		days[i] = (struct tpl_day_row){
		    .day = midnight - (int64_t)(CHART_DAYS - 1 - i) * 86400,
		    .hits = c.day[i]};
	*t = (struct tpl_trend){
	    .points = trend_points(a, &c, top, LEFT, UPPER, WIDTH, HEIGHT),
	    .top = top,
	    .half = top / 2,
	    .has_half = top >= 2 && top % 2 == 0,
	    .today = c.day[CHART_DAYS - 1],
	    .total = c.total,
	    .days = days,
	    .num_days = CHART_DAYS,
	    .from = days[0].day,
	    .to = days[CHART_DAYS - 1].day,
	    /* The last value stands where the line ends; 4 is half a digit's
	       height. */
	    .end_y = UPPER + HEIGHT -
		HEIGHT * c.day[CHART_DAYS - 1] / (top > 0 ? top : 1) + 4};
}
