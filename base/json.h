/*
 * JSON output into a buffer (RFC 8259), commas placed by itself.  Strings are
 * escaped; bytes that are not UTF-8 become U+FFFD, so the result always is.
 * No name is also jansson's, which some of us link to read JSON.
 *
 *	json_begin_object(j);
 *	json_key(j, "file"); json_text(j, name);
 *	json_end_object(j);
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct buf;

#define JSON_MAX_DEPTH 16

struct json {
	struct buf *out; /* borrowed */
	unsigned depth;
	bool comma[JSON_MAX_DEPTH + 1]; /* a value stands before, per level */
	bool after_key;
};

void json_init(struct json *, struct buf *out);
void json_begin_object(struct json *);
void json_end_object(struct json *);
void json_begin_array(struct json *);
void json_end_array(struct json *);
void json_key(struct json *, const char *);
void json_text(struct json *, const char *);  /* NULL writes null */
void json_bytes(struct json *, struct bytes); /* as a string */
void json_hex(struct json *, const uint8_t *, size_t len);
void json_int(struct json *, int64_t);
void json_uint(struct json *, uint64_t);
void json_bool(struct json *, bool);
void json_none(struct json *);
/* A number as the design writes it: a lower-case hex string without 0x, at
 * least `digits` long. */
void json_hex_number(struct json *, uint64_t, int digits);

/* key and value in one. */
void json_kv_string(struct json *, const char *key, const char *value);
void json_kv_int(struct json *, const char *key, int64_t);
void json_kv_bool(struct json *, const char *key, bool);
void json_kv_instant(struct json *, const char *key, int64_t); /* RFC 3339 */

#endif
