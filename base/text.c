/* Hex, base64, UTF and foreign text made visible; see text.h. */
#include "base/text.h"

#include <string.h>

#include "base/buf.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
text_hex(char *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = hex_digits[data[i] >> 4];
		*out++ = hex_digits[data[i] & 15];
	}
	*out = '\0';
}

int
text_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_unhex(uint8_t *out, size_t len, const char *hex)
{
	if (hex == NULL || strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = text_hex_value(hex[2 * i]);
		int lo = text_hex_value(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

void
text_base64(struct buf *out, struct bytes in)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t v = (uint32_t)in.p[i] << 16;
		char four[4];

		if (left > 1)
			v |= (uint32_t)in.p[i + 1] << 8;
		if (left > 2)
			v |= in.p[i + 2];
		four[0] = base64_digits[v >> 18];
		four[1] = base64_digits[v >> 12 & 63];
		four[2] = left > 1 ? base64_digits[v >> 6 & 63] : '=';
		four[3] = left > 2 ? base64_digits[v & 63] : '=';
		buf_append(out, four, sizeof(four));
	}
}

static int
base64_value(char c)
{
	const char *p = c != '\0' ? strchr(base64_digits, c) : NULL;

	return p != NULL ? (int)(p - base64_digits) : -1;
}

bool
text_unbase64(struct buf *out, const char *in, size_t len)
{
	if (len % 4 != 0)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		bool last = i + 4 == len;
		int pad = last && in[i + 3] == '=' ? (in[i + 2] == '=' ? 2 : 1) : 0;
		uint32_t v = 0;
		uint8_t three[3];

		for (int k = 0; k < 4 - pad; k++) {
			int d = base64_value(in[i + (size_t)k]);

			if (d < 0)
				return false;
			v |= (uint32_t)d << (18 - 6 * k);
		}
		three[0] = (uint8_t)(v >> 16);
		three[1] = (uint8_t)(v >> 8);
		three[2] = (uint8_t)v;
		/* bits that padding leaves over must be zero */
		if ((pad == 1 && three[2] != 0) || (pad == 2 && three[1] != 0))
			return false;
		buf_append(out, three, (size_t)(3 - pad));
	}
	return buf_ok(out);
}

static void
put_utf8(struct buf *out, uint32_t c)
{
	uint8_t b[4];
	size_t n;

	if (c < 0x80) {
		b[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (uint8_t)(0xc0 | c >> 6);
		b[1] = (uint8_t)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (uint8_t)(0xe0 | c >> 12);
		b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | c >> 18);
		b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[3] = (uint8_t)(0x80 | (c & 0x3f));
		n = 4;
	}
	buf_append(out, b, n);
}

void
text_utf16le(struct buf *out, struct bytes in)
{
	for (size_t i = 0; i + 2 <= in.len; i += 2) {
		uint32_t c = (uint32_t)(in.p[i] | in.p[i + 1] << 8);

		if (c >= 0xd800 && c < 0xdc00 && i + 4 <= in.len) {
			uint32_t d = (uint32_t)(in.p[i + 2] | in.p[i + 3] << 8);

			if (d >= 0xdc00 && d < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		put_utf8(out, c);
	}
}

/* One character at p: its length and value, or 0 for bytes that are not
 * UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
static size_t
utf8_next(const uint8_t *p, size_t len, uint32_t *out)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n;
	uint32_t c;

	if (p[0] < 0x80) {
		*out = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0) {
		n = 2;
		c = p[0] & 0x1f;
	} else if (p[0] >= 0xe0 && p[0] < 0xf0) {
		n = 3;
		c = p[0] & 0x0f;
	} else if (p[0] >= 0xf0 && p[0] < 0xf5) {
		n = 4;
		c = p[0] & 0x07;
	} else {
		return 0;
	}
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*out = c;
	return n;
}

void
text_utf8(struct buf *out, struct bytes in)
{
	for (size_t i = 0; i < in.len;) {
		uint32_t c;
		size_t n = utf8_next(in.p + i, in.len - i, &c);

		if (n == 0 || c == 0) {
			put_utf8(out, 0xfffd);
			i += 1;
		} else {
			buf_append(out, in.p + i, n);
			i += n;
		}
	}
}

bool
text_is_utf8(struct bytes in)
{
	for (size_t i = 0; i < in.len;) {
		uint32_t c;
		size_t n = utf8_next(in.p + i, in.len - i, &c);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

/* Characters that are not seen, or that move what is seen. */
static bool
misleads(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	    c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	    (c >= 0xe0000 && c <= 0xe007f);
}

void
text_visible(struct buf *out, struct bytes in)
{
	for (size_t i = 0; i < in.len;) {
		uint32_t c;
		size_t n = utf8_next(in.p + i, in.len - i, &c);

		if (n == 0) {
			buf_printf(out, "\\x%02x", in.p[i]);
			i += 1;
			continue;
		}
		if (misleads(c))
			buf_printf(out, "\\u{%04x}", (unsigned)c);
		else
			buf_append(out, in.p + i, n);
		i += n;
	}
}
