/*
 * The chart of 30 days with its table, as two pages show it.
 */
#ifndef WEB_TREND_H
#define WEB_TREND_H

#include <stdint.h>

#include "templates.h"
#include "web/chart.h"

struct crash_arena;

/* chart_points() into the arena. */
const char *trend_points(struct crash_arena *, const struct chart *, int64_t top,
    int left, int upper, int width, int height);
/* Fills the template from "-3:17 0:4"; days is the caller's memory for it. */
void trend_fill(struct tpl_trend *out, struct tpl_day_row days[CHART_DAYS],
    struct crash_arena *, const char *pairs);

#endif
