/* application/x-www-form-urlencoded; see form.h. */
#include "intake/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Decoded, as owned UTF-8; NULL without memory. */
static char *
decode(struct bytes in)
{
	struct buf raw, text;
	char *s = NULL;

	buf_init(&raw, 0);
	buf_init(&text, 0);
	for (size_t i = 0; i < in.len; i++) {
		int hi = -1, lo = -1;

		if (in.p[i] == '%' && in.len - i > 2) {
			hi = text_hex_value((char)in.p[i + 1]);
			lo = text_hex_value((char)in.p[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			buf_putc(&raw, (char)(hi << 4 | lo));
			i += 2;
		} else {
			buf_putc(&raw, in.p[i] == '+' ? ' ' : (char)in.p[i]);
		}
	}
	if (buf_ok(&raw)) {
		text_utf8(&text, bytes_of(raw.data, raw.len));
		s = buf_take(&text, NULL);
	}
	buf_free(&raw);
	buf_free(&text);
	return s;
}

/* One pair, "name=value" or "name". */
static enum intake_error
add_pair(struct form *out, struct bytes pair)
{
	const uint8_t *eq = memchr(pair.p, '=', pair.len);
	size_t name_len = eq != NULL ? (size_t)(eq - pair.p) : pair.len;
	struct bytes value = bytes_of("", 0);
	struct form_pair *slot;

	if (name_len == 0)
		return INTAKE_OK;
	if (out->num_pairs == INTAKE_MAX_QUERY_PAIRS)
		return INTAKE_QUERY_TOO_LARGE;
	if (eq != NULL)
		value = bytes_of(eq + 1, pair.len - name_len - 1);
	slot = &out->pairs[out->num_pairs++];
	slot->name = decode(bytes_of(pair.p, name_len));
	slot->value = decode(value);
	return slot->name != NULL && slot->value != NULL ? INTAKE_OK
							 : INTAKE_NO_MEMORY;
}

enum intake_error
form_parse(struct form *out, struct bytes in)
{
	enum intake_error e = INTAKE_OK;

	memset(out, 0, sizeof(*out));
	if (in.len > INTAKE_MAX_FIELDS)
		return INTAKE_QUERY_TOO_LARGE;
	while (in.len > 0 && e == INTAKE_OK) {
		const uint8_t *amp = memchr(in.p, '&', in.len);
		size_t len = amp != NULL ? (size_t)(amp - in.p) : in.len;
		size_t step = amp != NULL ? len + 1 : len;

		e = len > 0 ? add_pair(out, bytes_of(in.p, len)) : INTAKE_OK;
		in = bytes_of(in.p + step, in.len - step);
	}
	if (e != INTAKE_OK)
		form_free(out);
	return e;
}

void
form_free(struct form *form)
{
	if (form == NULL)
		return;
	for (size_t i = 0; i < form->num_pairs; i++) {
		free(form->pairs[i].name);
		free(form->pairs[i].value);
	}
	memset(form, 0, sizeof(*form));
}

const char *
form_get0(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->num_pairs; i++)
		if (strcmp(form->pairs[i].name, name) == 0)
			return form->pairs[i].value;
	return NULL;
}
