/*
 * Names out of a dump; see name.h.  Nearly all are printable ASCII, which is
 * copied at once; the rest goes through base/text.
 */
#include "crash/name.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "crash/arena.h"
#include "crash/limits.h"

static bool
is_separator(unsigned c, enum crash_name_kind kind)
{
	return kind != CRASH_NAME_TEXT &&
	    (c == '/' || (c == '\\' && kind == CRASH_NAME_WINDOWS));
}

static bool
is_plain(unsigned c)
{
	return c >= 0x20 && c < 0x7f;
}

/* The slow way, for what is not plain ASCII. */
static const char *
visible(struct crash_arena *a, struct bytes utf8)
{
	struct buf clean;
	const char *s;
	size_t len;

	buf_init(&clean, CRASH_MAX_PATH);
	text_visible(&clean, utf8);
	len = clean.failed ? 0 : clean.len;
	if (len > CRASH_MAX_NAME_TEXT) {
		len = CRASH_MAX_NAME_TEXT;
		/* Not within a character. */
		while (len > 0 && (clean.data[len] & 0xc0) == 0x80)
			len--;
	}
	s = crash_arena_strndup(a, buf_str(&clean), len);
	buf_free(&clean);
	return s;
}

const char *
crash_name_utf8(struct crash_arena *a, struct bytes in, enum crash_name_kind kind)
{
	const uint8_t *nul = in.len > 0 ? memchr(in.p, 0, in.len) : NULL;
	size_t end = nul != NULL ? (size_t)(nul - in.p) : in.len;
	size_t from = kind == CRASH_NAME_TEXT ? 0 : end, i;

	while (from > 0 && !is_separator(in.p[from - 1], kind))
		from--;
	if (end - from > CRASH_MAX_NAME)
		end = from + CRASH_MAX_NAME;
	for (i = from; i < end && is_plain(in.p[i]); i++)
		continue;
	if (end == from)
		return crash_arena_strndup(a, "", 0);
	if (i == end)
		return crash_arena_strndup(
		    a, (const char *)in.p + from, end - from);
	return visible(a, bytes_of(in.p + from, end - from));
}

static unsigned
unit(struct bytes in, size_t i)
{
	return in.p[2 * i] | (unsigned)in.p[2 * i + 1] << 8;
}

const char *
crash_name_utf16(struct crash_arena *a, struct bytes in, enum crash_name_kind kind)
{
	char plain[CRASH_MAX_NAME];
	size_t num = in.len / 2, from, i, len = 0;
	struct buf utf8;
	const char *s;

	/* Some writers count the NUL at the end. */
	while (num > 0 && unit(in, num - 1) == 0)
		num--;
	for (from = kind == CRASH_NAME_TEXT ? 0 : num;
	     from > 0 && !is_separator(unit(in, from - 1), kind); from--)
		continue;
	for (i = from; i < num && i - from < CRASH_MAX_NAME; i++)
		if (unit(in, i) == 0)
			break;
	num = i;
	for (i = from; i < num && is_plain(unit(in, i)); i++)
		plain[len++] = (char)unit(in, i);
	if (i == num)
		return crash_arena_strndup(a, plain, len);

	buf_init(&utf8, 4 * CRASH_MAX_NAME);
	text_utf16le(&utf8, bytes_of(in.p + 2 * from, 2 * (num - from)));
	s = visible(a, bytes_of(utf8.data, utf8.len));
	buf_free(&utf8);
	return s;
}
