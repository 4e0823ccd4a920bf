/*
 * Instants as int64_t seconds since 1970-01-01T00:00:00Z, their RFC 3339 text
 * and the two ASN.1 forms.  Pure: nobody here reads a clock.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-22T14:02:00Z" and a NUL: 21 bytes. */
#define INSTANT_TEXT_LEN 21

int64_t instant_from_civil(
    int year, int month, int day, int hour, int minute, int second);
void instant_text(char out[INSTANT_TEXT_LEN], int64_t);
/* RFC 3339 with Z or an offset, seconds wanted, a fraction is dropped; or a
 * date alone, which is its midnight UTC. */
bool instant_parse(int64_t *out, const char *);

#endif
