/*
 * A growing byte buffer with a named maximum.  A failure (no memory, or the
 * maximum reached) is remembered: later calls do nothing, and the caller
 * checks buf_ok() once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data; /* owned; NULL while empty */
	size_t len;    /* bytes in use */
	size_t cap;    /* bytes allocated */
	size_t max;    /* never grows beyond; 0 is BUF_DEFAULT_MAX */
	bool failed;
};

/* 256 MiB: above every file that we take whole (a 200 MB upload). */
#define BUF_DEFAULT_MAX ((size_t)256 << 20)

/* An empty buffer that will not grow beyond max bytes (0: the default). */
void buf_init(struct buf *, size_t max);
/* Frees the memory and leaves an empty buffer; NULL is fine. */
void buf_free(struct buf *);
/* Forgets the content, keeps the memory and the maximum. */
void buf_reset(struct buf *);
bool buf_ok(const struct buf *);

void buf_append(struct buf *, const void *, size_t len);
void buf_puts(struct buf *, const char *);
void buf_putc(struct buf *, char);
void buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for len more bytes at the end, counted as used; NULL on failure. */
uint8_t *buf_extend(struct buf *, size_t len);
/* The content as a C string (a NUL is kept behind it, not counted); "" when
 * empty or failed.  Borrowed until the next change. */
const char *buf_str(struct buf *);
/* Hands the content over as an allocated, NUL-terminated block (free() it) and
 * empties the buffer; NULL if it had failed. */
char *buf_take(struct buf *, size_t *out_len);

#endif
