/*
 * Memory for one report; see arena.h.  Blocks grow from 16 KiB to 256 KiB, so
 * that a small dump costs one malloc() and a large one a dozen.
 */
#include "crash/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK   ((size_t)16 << 10)
#define LARGEST_BLOCK ((size_t)256 << 10)

struct crash_arena_block {
	struct crash_arena_block *next;
	size_t len;  /* bytes of data */
	size_t used; /* of them */
	alignas(max_align_t) uint8_t data[];
};

void
crash_arena_init(struct crash_arena *a, size_t max)
{
	memset(a, 0, sizeof(*a));
	a->max = max;
}

void
crash_arena_free(struct crash_arena *a)
{
	while (a->blocks != NULL) {
		struct crash_arena_block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
	a->used = 0;
}

static struct crash_arena_block *
new_block(struct crash_arena *a, size_t need)
{
	struct crash_arena_block *b;
	size_t len = FIRST_BLOCK;

	if (need > a->max - a->used)
		return NULL;
	if (a->blocks != NULL)
		len = a->blocks->len < LARGEST_BLOCK / 2 ? 2 * a->blocks->len
							 : LARGEST_BLOCK;
	if (len < need)
		len = need;
	if (len > a->max - a->used)
		len = need;
	b = malloc(sizeof(*b) + len);
	if (b == NULL)
		return NULL;
	b->next = a->blocks;
	b->len = len;
	b->used = 0;
	a->blocks = b;
	a->used += len;
	return b;
}

void *
crash_arena_alloc(struct crash_arena *a, size_t len)
{
	const size_t align = alignof(max_align_t);
	struct crash_arena_block *b = a->blocks;
	void *p;

	if (a->failed || len > a->max) {
		a->failed = true;
		return NULL;
	}
	len = (len + align - 1) & ~(align - 1);
	if (b == NULL || len > b->len - b->used)
		b = new_block(a, len);
	if (b == NULL) {
		a->failed = true;
		return NULL;
	}
	p = b->data + b->used;
	b->used += len;
	return p;
}

char *
crash_arena_strndup(struct crash_arena *a, const char *s, size_t len)
{
	char *p = crash_arena_alloc(a, len + 1);

	if (p == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}
