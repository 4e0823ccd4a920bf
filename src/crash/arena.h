/*
 * Memory for one report: few large blocks, freed together, with a named
 * maximum.  Nothing is given back singly.
 */
#ifndef CRASH_ARENA_H
#define CRASH_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct crash_arena {
	struct crash_arena_block *blocks; /* newest first; owned */
	size_t used;			  /* bytes of all blocks */
	size_t max;
	bool failed; /* no memory, or the maximum reached; remembered */
};

void crash_arena_init(struct crash_arena *, size_t max);
void crash_arena_free(struct crash_arena *);
/* len bytes, aligned for any type, not zeroed; NULL on failure. */
void *crash_arena_alloc(struct crash_arena *, size_t len);
/* A copy of len bytes and a NUL; NULL on failure. */
char *crash_arena_strndup(struct crash_arena *, const char *, size_t len);

#endif
