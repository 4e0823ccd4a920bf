/*
 * Text at the border: hex, base64, UTF-16 and UTF-8, and showing foreign text
 * so that it cannot reorder, hide or break what stands around it (design,
 * invariant 9).
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct buf;

/* The value of a hex digit of either case; -1 if it is none. */
int text_hex_value(char);
/* 2 * len lower-case digits and a NUL into out. */
void text_hex(char *out, const uint8_t *data, size_t len);
/* Exactly len bytes from exactly 2 * len digits of either case, then NUL. */
bool text_unhex(uint8_t *out, size_t len, const char *hex);
/* RFC 4648 section 4, padded. */
void text_base64(struct buf *out, struct bytes in);
/* Strict RFC 4648 section 4 (padding wanted, no white space); false and out
 * failed or partial otherwise. */
bool text_unbase64(struct buf *out, const char *in, size_t len);

/* UTF-16LE to UTF-8; lone surrogates become U+FFFD. */
void text_utf16le(struct buf *out, struct bytes in);
/* Copies foreign bytes as valid UTF-8: what is not, becomes U+FFFD; NUL too. */
void text_utf8(struct buf *out, struct bytes in);
bool text_is_utf8(struct bytes in);

/* Foreign UTF-8 for the eye or a log: controls (C0, C1, DEL), bidi marks and
 * overrides (U+061C, U+200E..F, U+202A..E, U+2066..9), zero-width characters,
 * line separators, BOM and invalid bytes become \u{XXXX} or \xXX. */
void text_visible(struct buf *out, struct bytes in);

#endif
