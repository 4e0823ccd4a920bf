/*
 * The log; see log.h.  A line is one write, so that lines of several processes
 * do not mix.
 */
#include "web/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/text.h"

static void
line(const char *event, const char *rest)
{
	char when[INSTANT_TEXT_LEN];
	struct buf b;

	instant_text(when, (int64_t)time(NULL));
	buf_init(&b, 4096);
	buf_printf(&b, "time=%s event=%s %s\n", when, event, rest);
	if (buf_ok(&b) && write(STDERR_FILENO, b.data, b.len) < 0) {
		/* Nobody to tell. */
	}
	buf_free(&b);
}

void
web_log(const char *event, const char *fmt, ...)
{
	char rest[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rest, sizeof(rest), fmt, ap);
	va_end(ap);
	line(event, rest);
}

void
web_log_text(const char *event, const char *text)
{
	struct buf visible, quoted;

	if (text == NULL)
		text = "";
	buf_init(&visible, 4096);
	buf_init(&quoted, 4096);
	text_visible(&visible, bytes_of(text, strnlen(text, 300)));
	buf_puts(&quoted, "text=\"");
	for (const char *p = buf_str(&visible); *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(&quoted, '\\');
		buf_putc(&quoted, *p);
	}
	buf_putc(&quoted, '"');
	line(event, buf_str(&quoted));
	buf_free(&visible);
	buf_free(&quoted);
}
