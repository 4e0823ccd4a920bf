/*
 * Names out of a dump: the last part of a path, made visible (no controls, no
 * bidi marks, valid UTF-8), at most CRASH_MAX_NAME units of it.  Directories
 * are dropped on purpose: they hold people's names.
 */
#ifndef CRASH_NAME_H
#define CRASH_NAME_H

#include "base/bytes.h"

struct crash_arena;

enum crash_name_kind {
	CRASH_NAME_WINDOWS, /* path: / and \ separate */
	CRASH_NAME_POSIX,   /* path: / separates */
	CRASH_NAME_TEXT,    /* no path: taken from its beginning */
};

/* NUL-terminated, in the arena; ends at the first NUL of the input.  NULL when
 * the arena is full. */
const char *crash_name_utf16(
    struct crash_arena *, struct bytes utf16le, enum crash_name_kind);
const char *crash_name_utf8(
    struct crash_arena *, struct bytes, enum crash_name_kind);

#endif
