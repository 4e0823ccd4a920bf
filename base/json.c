/* JSON output; see json.h. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/text.h"

void
json_init(struct json *j, struct buf *out)
{
	memset(j, 0, sizeof(*j));
	j->out = out;
}

/* The comma that separates a value or key from the one before it. */
static void
separate(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->comma[j->depth])
		buf_putc(j->out, ',');
	j->comma[j->depth] = true;
}

static void
open_level(struct json *j, char c)
{
	separate(j);
	buf_putc(j->out, c);
	if (j->depth == JSON_MAX_DEPTH) {
		j->out->failed = true;
		return;
	}
	j->comma[++j->depth] = false;
}

static void
close_level(struct json *j, char c)
{
	buf_putc(j->out, c);
	if (j->depth > 0)
		j->depth--;
}

void
json_begin_object(struct json *j)
{
	open_level(j, '{');
}

void
json_end_object(struct json *j)
{
	close_level(j, '}');
}

void
json_begin_array(struct json *j)
{
	open_level(j, '[');
}

void
json_end_array(struct json *j)
{
	close_level(j, ']');
}

static void
put_escaped(struct buf *out, struct bytes s)
{
	static const char short_form[0x20] = {
	    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	size_t from = 0;

	buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_append(out, s.p + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20 && short_form[c] != 0)
			buf_printf(out, "\\%c", short_form[c]);
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_append(out, s.p + from, s.len - from);
	buf_putc(out, '"');
}

void
json_bytes(struct json *j, struct bytes s)
{
	struct buf clean;

	separate(j);
	if (s.len == 0) {
		buf_puts(j->out, "\"\"");
		return;
	}
	if (text_is_utf8(s)) {
		put_escaped(j->out, s);
		return;
	}
	buf_init(&clean, 0);
	text_utf8(&clean, s);
	if (buf_ok(&clean))
		put_escaped(j->out, bytes_of(clean.data, clean.len));
	else
		j->out->failed = true;
	buf_free(&clean);
}

void
json_text(struct json *j, const char *s)
{
	if (s == NULL)
		json_none(j);
	else
		json_bytes(j, bytes_of(s, strlen(s)));
}

void
json_key(struct json *j, const char *key)
{
	json_text(j, key);
	buf_putc(j->out, ':');
	j->after_key = true;
}

void
json_hex(struct json *j, const uint8_t *data, size_t len)
{
	separate(j);
	buf_putc(j->out, '"');
	for (size_t i = 0; i < len; i++)
		buf_printf(j->out, "%02x", data[i]);
	buf_putc(j->out, '"');
}

void
json_int(struct json *j, int64_t v)
{
	separate(j);
	buf_printf(j->out, "%" PRId64, v);
}

void
json_uint(struct json *j, uint64_t v)
{
	separate(j);
	buf_printf(j->out, "%" PRIu64, v);
}

void
json_bool(struct json *j, bool v)
{
	separate(j);
	buf_puts(j->out, v ? "true" : "false");
}

void
json_none(struct json *j)
{
	separate(j);
	buf_puts(j->out, "null");
}

void
json_hex_number(struct json *j, uint64_t v, int digits)
{
	separate(j);
	buf_printf(j->out, "\"%0*" PRIx64 "\"", digits > 0 ? digits : 1, v);
}

void
json_kv_string(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_text(j, value);
}

void
json_kv_int(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_int(j, v);
}

void
json_kv_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

void
json_kv_instant(struct json *j, const char *key, int64_t t)
{
	char text[INSTANT_TEXT_LEN];

	instant_text(text, t);
	json_kv_string(j, key, text);
}
