/*
 * Numbers to points of an SVG line. Templates draw them; the table beside each
 * chart says the same in words.
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <stddef.h>
#include <stdint.h>

#define CHART_DAYS 30

struct buf;

/* Hits a day, oldest first, today last. */
struct chart {
	int64_t day[CHART_DAYS];
	int64_t total, peak;
};

/* From "-3:17 0:4": days before today and their hits, as the queries give it.
 * Days outside the chart and what is no number are skipped. */
void chart_parse(struct chart *out, const char *pairs);
/* The smallest round number (1, 2 or 5 times a power of ten) that the peak does
 * not exceed: where the axis ends. */
int64_t chart_top(const struct chart *);
/* "x,y x,y ..." from zero at y = height up to `top` at y = 0, over `width`, each
 * offset by (left, upper); tenths of a pixel. */
void chart_points(struct buf *out, const struct chart *, int64_t top, int left,
    int upper, int width, int height);

#endif
