/* A growing byte buffer; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}

/* Room for more bytes and the closing NUL. */
static bool
reserve(struct buf *b, size_t more)
{
	size_t max = b->max != 0 ? b->max : BUF_DEFAULT_MAX;
	size_t cap;
	uint8_t *p;

	if (b->failed)
		return false;
	if (more > max || b->len > max - more) {
		b->failed = true;
		return false;
	}
	if (b->data != NULL && b->len + more < b->cap)
		return true;
	cap = b->cap != 0 ? b->cap : 256;
	while (cap <= b->len + more)
		cap *= 2;
	p = realloc(b->data, cap);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->data = p;
	b->cap = cap;
	return true;
}

uint8_t *
buf_extend(struct buf *b, size_t len)
{
	uint8_t *p;

	if (!reserve(b, len))
		return NULL;
	p = b->data + b->len;
	b->len += len;
	return p;
}

void
buf_append(struct buf *b, const void *data, size_t len)
{
	uint8_t *p = buf_extend(b, len);

	if (p != NULL && len != 0)
		memcpy(p, data, len);
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	uint8_t *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		buf_append(b, small, (size_t)n);
		return;
	}
	/* vsnprintf writes a NUL behind the text: reserve() keeps that room. */
	p = buf_extend(b, (size_t)n);
	if (p == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf((char *)p, (size_t)n + 1, fmt, ap);
	va_end(ap);
}

const char *
buf_str(struct buf *b)
{
	if (b->failed || !reserve(b, 0))
		return "";
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

char *
buf_take(struct buf *b, size_t *out_len)
{
	char *s = NULL;

	if (out_len != NULL)
		*out_len = 0;
	if (!b->failed && reserve(b, 0)) {
		b->data[b->len] = '\0';
		s = (char *)b->data;
		if (out_len != NULL)
			*out_len = b->len;
		b->data = NULL;
	}
	buf_free(b);
	return s;
}
