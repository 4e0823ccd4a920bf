/*
 * CSV (RFC 4180) that a spreadsheet cannot take for a formula: text that begins
 * with = + - @, a tab or a carriage return gets an apostrophe in front
 * (design, invariant 9). Controls are shown as escapes.
 */
#ifndef WEB_CSV_H
#define WEB_CSV_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct csv {
	struct buf *out; /* borrowed */
	bool begun;	 /* a cell stands in this row */
};

void csv_init(struct csv *, struct buf *out);
void csv_text(struct csv *, const char *); /* NULL is an empty cell */
void csv_int(struct csv *, int64_t);
void csv_time(struct csv *, int64_t seconds);
void csv_end_row(struct csv *);

#endif
