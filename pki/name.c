/* Text, attributes and normal form of distinguished names; see name.h. */
#include "pki/name.h"

#include <stdlib.h>
#include <openssl/err.h>

#include "base/buf.h"
#include "base/text.h"

/* RFC 4514 section 2.4: what must stand behind a backslash. */
static void
put_escaped(struct buf *out, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = (char)p[i];
		bool edge = c == ' ' && (i == 0 || i + 1 == len);

		if (edge || (c == '#' && i == 0) ||
		    (c != '\0' && strchr(",+\"\\<>;", c) != NULL))
			buf_putc(out, '\\');
		buf_putc(out, c);
	}
}

static void
put_type(struct buf *out, const ASN1_OBJECT *type)
{
	char oid[128];
	int nid = OBJ_obj2nid(type);

	if (nid != NID_undef) {
		buf_puts(out, OBJ_nid2sn(nid));
		return;
	}
	if (OBJ_obj2txt(oid, sizeof(oid), type, 1) <= 0)
		oid[0] = '\0';
	buf_puts(out, oid);
}

static void
put_value(struct buf *out, const ASN1_STRING *value)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, value);

	if (len >= 0) {
		put_escaped(out, utf8, (size_t)len);
		OPENSSL_free(utf8);
	} else {
		/* not what its type promises: its bytes, made visible later */
		ERR_clear_error();
		put_escaped(out, ASN1_STRING_get0_data(value),
		    (size_t)ASN1_STRING_length(value));
	}
}

char *
name_text(const X509_NAME *name)
{
	struct buf raw, shown;
	char *text;

	buf_init(&raw, 0);
	buf_init(&shown, 0);
	/* the most specific part last in the encoding is the first in the text */
	for (int i = X509_NAME_entry_count(name) - 1, last = -1; i >= 0; i--) {
		X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
		int set = X509_NAME_ENTRY_set(e);

		if (raw.len > 0)
			buf_puts(&raw, set == last ? "+" : ", ");
		last = set;
		put_type(&raw, X509_NAME_ENTRY_get_object(e));
		buf_putc(&raw, '=');
		put_value(&raw, X509_NAME_ENTRY_get_data(e));
	}
	text_visible(&shown, bytes_of(raw.data, raw.len));
	if (!buf_ok(&raw))
		shown.failed = true;
	text = buf_take(&shown, NULL);
	buf_free(&raw);
	buf_free(&shown);
	return text;
}

unsigned
name_count(const X509_NAME *name, int nid)
{
	unsigned n = 0;

	for (int i = -1; (i = X509_NAME_get_index_by_NID(name, nid, i)) >= 0;)
		n++;
	return n;
}

bool
name_attribute(struct buf *out, const X509_NAME *name, int nid)
{
	unsigned char *utf8 = NULL;
	int at = -1;
	int len;

	for (int i = -1; (i = X509_NAME_get_index_by_NID(name, nid, i)) >= 0;)
		at = i;
	if (at < 0)
		return false;
	len = ASN1_STRING_to_UTF8(
	    &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len < 0) {
		ERR_clear_error();
		return false;
	}
	buf_append(out, utf8, (size_t)len);
	OPENSSL_free(utf8);
	return true;
}

char *
name_attribute_text(const X509_NAME *name, int nid)
{
	struct buf raw, shown;
	char *text = NULL;

	buf_init(&raw, 0);
	buf_init(&shown, 0);
	if (name_attribute(&raw, name, nid) && buf_ok(&raw)) {
		text_visible(&shown, bytes_of(raw.data, raw.len));
		text = buf_take(&shown, NULL);
	}
	buf_free(&raw);
	buf_free(&shown);
	return text;
}

/* Length of the white space at p, 0 if there is none. */
static size_t
space_len(struct bytes in, size_t i)
{
	const uint8_t *p = in.p + i;
	size_t left = in.len - i;

	if (*p == ' ')
		return 1;
	if (left >= 2 && p[0] == 0xc2 && p[1] == 0xa0)
		return 2; /* U+00A0 */
	if (left < 3)
		return 0;
	if (p[0] == 0xe2 && p[1] == 0x80 &&
	    ((p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xaf))
		return 3; /* U+2000..200A, U+202F */
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0x9f)
		return 3; /* U+205F */
	if (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80)
		return 3; /* U+3000 */
	return 0;
}

/* The ASCII character whose full-width form stands at p, or 0. */
static uint8_t
full_width(struct bytes in, size_t i)
{
	const uint8_t *p = in.p + i;

	if (in.len - i < 3 || p[0] != 0xef)
		return 0;
	if (p[1] == 0xbc && p[2] >= 0x81) /* U+FF01..FF3F */
		return (uint8_t)(p[2] - 0x81 + '!');
	if (p[1] == 0xbd && p[2] >= 0x80 && p[2] <= 0x9e) /* U+FF40..FF5E */
		return (uint8_t)(p[2] - 0x80 + '`');
	return 0;
}

/* text_visible() leaves alone exactly what can be seen. */
static bool
all_visible(struct bytes in)
{
	struct buf shown;
	bool same;

	buf_init(&shown, 0);
	text_visible(&shown, in);
	same = buf_ok(&shown) && bytes_equal(bytes_of(shown.data, shown.len), in);
	buf_free(&shown);
	return same;
}

bool
name_normalise(struct buf *out, struct bytes in)
{
	size_t start = out->len;
	bool space = false;

	if (in.len > 0 && !all_visible(in))
		return false;
	for (size_t i = 0; i < in.len;) {
		size_t blank = space_len(in, i);
		uint8_t c = full_width(in, i);

		if (blank > 0) {
			space = true;
			i += blank;
			continue;
		}
		if (space && out->len > start)
			buf_putc(out, ' ');
		space = false;
		i += c != 0 ? 3 : 1;
		if (c == 0)
			c = in.p[i - 1];
		buf_putc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
	return true;
}
