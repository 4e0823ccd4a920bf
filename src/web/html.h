/*
 * What compiled templates write with.  Foreign text goes through html_text(),
 * which escapes markup and shows control and bidi characters as escapes
 * (design, invariant 9); only tools/gen_templates.c emits html_literal().
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stddef.h>
#include <stdint.h>

struct buf;

struct html {
	struct buf *out; /* borrowed */
};

/* Markup of a template, as it stands there. */
void html_literal(struct html *, const char *, size_t len);
/* Text or a quoted attribute's value; NULL writes nothing. Line feeds stay. */
void html_text(struct html *, const char *);
/* The beginning of an address: "/path", "#frag", "?query" or "https://...";
 * anything else becomes "#". */
void html_url(struct html *, const char *);
void html_int(struct html *, int64_t);
void html_count(struct html *, int64_t);    /* 14,208 */
void html_permille(struct html *, int64_t); /* 345 -> 34.5 */
void html_size(struct html *, int64_t);	    /* bytes: 198 kB, 2.1 MB */
void html_day(struct html *, int64_t);	    /* seconds: 22 Nov 2026 */
void html_time(struct html *, int64_t);	    /* 22 Nov 2026 14:02 UTC */
void html_iso(struct html *, int64_t);	    /* 2026-11-22T14:02:00Z */
void html_hex(struct html *, int64_t);

#endif
