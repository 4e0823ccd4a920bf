/*
 * The fetcher's queue: rows of issuer_fetch that are wanted, one after the other
 * (migrations/0009_fetch.sql).
 */
#ifndef FETCH_FETCHER_H
#define FETCH_FETCHER_H

#include "db/db.h"

/* Fetches the next one, stores what came of it and tells. *out_url is what was
 * fetched (owned by the caller), NULL if nothing is wanted; *out_code is static. */
enum db_error fetcher_next(
    struct db *, const char *hosts, char **out_url, const char **out_code);

#endif
