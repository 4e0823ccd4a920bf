/*
 * One line an event, in one write.
 */
#include "work/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/text.h"

static char own_name[64] = "countersign";

void
log_name(const char *name)
{
	snprintf(own_name, sizeof(own_name), "%s", name);
}

void
log_event(const char *event, const char *fmt, ...)
{
	char at[INSTANT_TEXT_LEN], text[1024];
	struct buf line;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	instant_text(at, time(NULL));
	buf_init(&line, 16384);
	buf_printf(&line, "%s %s %s ", at, own_name, event);
	text_visible(&line, bytes_of(text, strlen(text)));
	buf_putc(&line, '\n');
	if (buf_ok(&line) && write(STDERR_FILENO, line.data, line.len) < 0)
		return; /* nobody to tell */
	buf_free(&line);
}
