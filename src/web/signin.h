/*
 * What the pages of signing in share.
 */
#ifndef WEB_SIGNIN_H
#define WEB_SIGNIN_H

#include <stdbool.h>
#include <stdint.h>

struct challenge;
struct exchange;

/* 16 lower-case hex digits. */
bool signin_id_valid(const char *id);
/* The challenge of this visitor (its presession must be there) with that id. */
void signin_derive(struct challenge *out, const struct exchange *, const char *id,
    const char *host, int64_t expires_at);
/* Renders the verdict of a decided attempt, or of one that was not looked at,
 * in the wanted format: result is the worker's JSON, or NULL. */
void verdict_render(struct exchange *, const char *state, const char *reason,
    const char *result, const char *challenge_id);
/* 403, or what fits the reason better. */
int verdict_status(const char *reason);

#endif
