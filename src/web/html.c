/*
 * The writers behind compiled templates; see html.h.
 */
#include "web/html.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/text.h"

void
html_literal(struct html *h, const char *s, size_t len)
{
	buf_append(h->out, s, len);
}

/* Escapes what text_visible() has let through. */
static void
put_escaped(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (s[i]) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		case '\'':
			buf_puts(out, "&#39;");
			break;
		default:
			buf_putc(out, s[i]);
		}
	}
}

/* Whether text_visible() would change nothing: the common case. */
static bool
is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || (unsigned char)s[i] >= 0x7f)
			return false;
	return true;
}

void
html_text(struct html *h, const char *s)
{
	struct buf visible;
	size_t len;

	while (s != NULL && *s != '\0') {
		len = strcspn(s, "\n");
		if (is_plain(s, len)) {
			put_escaped(h->out, s, len);
		} else {
			buf_init(&visible, 0);
			text_visible(&visible, bytes_of(s, len));
			if (!buf_ok(&visible))
				h->out->failed = true;
			put_escaped(h->out, buf_str(&visible), visible.len);
			buf_free(&visible);
		}
		s += len;
		if (*s == '\n') {
			buf_putc(h->out, '\n');
			s++;
		}
	}
}

void
html_url(struct html *h, const char *s)
{
	bool local = s != NULL &&
	    (*s == '#' || *s == '?' || (*s == '/' && s[1] != '/' && s[1] != '\\'));

	if (local || (s != NULL && strncmp(s, "https://", 8) == 0))
		html_text(h, s);
	else
		buf_putc(h->out, '#');
}

void
html_int(struct html *h, int64_t n)
{
	buf_printf(h->out, "%" PRId64, n);
}

void
html_count(struct html *h, int64_t n)
{
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n, div = 1;

	if (n < 0)
		buf_putc(h->out, '-');
	while (u / div >= 1000)
		div *= 1000;
	buf_printf(h->out, "%" PRIu64, u / div);
	for (div /= 1000; div > 0; div /= 1000)
		buf_printf(h->out, ",%03" PRIu64, u / div % 1000);
}

void
html_permille(struct html *h, int64_t n)
{
	buf_printf(h->out, "%" PRId64 ".%" PRId64, n / 10, n % 10);
}

void
html_size(struct html *h, int64_t n)
{
	if (n < 1000)
		buf_printf(h->out, "%" PRId64 " B", n);
	else if (n < 999500)
		buf_printf(h->out, "%" PRId64 " kB", (n + 500) / 1000);
	else
		buf_printf(h->out, "%" PRId64 ".%" PRId64 " MB",
		    (n + 50000) / 1000000, (n + 50000) / 100000 % 10);
}

static void
put_time(struct html *h, int64_t t, const char *fmt)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t when = (time_t)t;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || tm.tm_mon < 0 || tm.tm_mon > 11)
		return;
	buf_printf(h->out, fmt, tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min);
}

void
html_day(struct html *h, int64_t t)
{
	put_time(h, t, "%d %s %d");
}

void
html_time(struct html *h, int64_t t)
{
	put_time(h, t, "%d %s %d %02d:%02d UTC");
}

void
html_iso(struct html *h, int64_t t)
{
	char text[INSTANT_TEXT_LEN];

	instant_text(text, t);
	buf_puts(h->out, text);
}

void
html_hex(struct html *h, int64_t n)
{
	buf_printf(h->out, "%" PRIx64, (uint64_t)n);
}
