/*
 * Reading JSON that our own worker has stored: what the stack showed, what a
 * verdict says. A wrapper, because jansson and base/json.h share names and no
 * file can include both.
 */
#ifndef WEB_STORED_H
#define WEB_STORED_H

#include <stdbool.h>
#include <stddef.h>

struct stored; /* a value; every function takes NULL for "none" */

/* Of a text; NULL if it is none. stored_free() it. */
struct stored *stored_parse(const char *text);
void stored_free(struct stored *);
/* Borrowed from the value that was parsed; NULL if there is no such thing. */
const struct stored *stored_get(const struct stored *, const char *key);
const struct stored *stored_at(const struct stored *, size_t index);
size_t stored_len(const struct stored *); /* elements of an array */
/* The text under a key; "" if there is none. */
const char *stored_text(const struct stored *, const char *key);
/* The number under a key is exactly this index. */
bool stored_is_index(const struct stored *, const char *key, size_t index);
/* Compact JSON; free() it. */
char *stored_dump(const struct stored *);

#endif
