/*
 * CSV output; see csv.h.
 */
#include "web/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/text.h"

void
csv_init(struct csv *c, struct buf *out)
{
	*c = (struct csv){.out = out};
}

static void
separate(struct csv *c)
{
	if (c->begun)
		buf_putc(c->out, ',');
	c->begun = true;
}

void
csv_text(struct csv *c, const char *s)
{
	struct buf visible;

	separate(c);
	if (s == NULL)
		return;
	buf_init(&visible, 0);
	text_visible(&visible, bytes_of(s, strlen(s)));
	buf_putc(c->out, '"');
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		buf_putc(c->out, '\'');
	for (const char *p = buf_str(&visible); *p != '\0'; p++) {
		if (*p == '"')
			buf_putc(c->out, '"');
		buf_putc(c->out, *p);
	}
	buf_putc(c->out, '"');
	buf_free(&visible);
}

void
csv_int(struct csv *c, int64_t n)
{
	separate(c);
	buf_printf(c->out, "%" PRId64, n);
}

void
csv_time(struct csv *c, int64_t seconds)
{
	char text[INSTANT_TEXT_LEN];

	separate(c);
	instant_text(text, seconds);
	buf_puts(c->out, text);
}

void
csv_end_row(struct csv *c)
{
	buf_puts(c->out, "\r\n");
	c->begun = false;
}
