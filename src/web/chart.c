/*
 * Numbers to points; see chart.h.
 */
#include "web/chart.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void
chart_parse(struct chart *c, const char *pairs)
{
	char *end;
	long day;
	long long hits;

	memset(c, 0, sizeof(*c));
	while (pairs != NULL && *pairs != '\0') {
		day = strtol(pairs, &end, 10);
		if (end == pairs || *end != ':')
			return;
		pairs = end + 1;
		hits = strtoll(pairs, &end, 10);
		if (end == pairs)
			return;
		pairs = end + strspn(end, " ");
		if (day > 0 || day <= -CHART_DAYS || hits < 0)
			continue;
		c->day[CHART_DAYS - 1 + day] += hits;
	}
	for (size_t i = 0; i < CHART_DAYS; i++) {
		c->total += c->day[i];
		if (c->day[i] > c->peak)
			c->peak = c->day[i];
	}
}

int64_t
chart_top(const struct chart *c)
{
	static const int steps[] = {1, 2, 5};

	for (int64_t unit = 1; unit < INT64_MAX / 10; unit *= 10)
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
			if (unit * steps[i] >= c->peak)
				return unit * steps[i];
	return c->peak;
}

void
chart_points(struct buf *out, const struct chart *c, int64_t top, int left,
    int upper, int width, int height)
{
	for (int i = 0; i < CHART_DAYS; i++) {
		int x = left * 10 + i * width * 10 / (CHART_DAYS - 1);
		int y = upper * 10 + height * 10 -
		    (top > 0 ? (int)((double)c->day[i] / (double)top * height * 10)
			     : 0);

		buf_printf(out, "%s%d.%d,%d.%d", i == 0 ? "" : " ", x / 10, x % 10,
		    y / 10, y % 10);
	}
}
