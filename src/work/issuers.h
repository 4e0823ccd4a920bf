/*
 * Issuers that a file left out: asking the fetcher for them, and handing what it
 * brought to a child. What was fetched is a hint (invariant 3); nobody but a
 * child parses it.
 */
#ifndef WORK_ISSUERS_H
#define WORK_ISSUERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "db/db.h"

struct buf;
struct certificates;

/* ["url", ..] */
void issuers_json(struct buf *out, char *const *urls, size_t num);
/* Asks the fetcher; seen by it when the caller's transaction commits. */
enum db_error issuers_want(struct db *, const char *urls_json);
/* What was fetched from these addresses, for a child's input; an empty list
 * gives an empty file. -1 with an error. */
enum db_error issuers_memfd(int *out_fd, struct db *, const char *urls_json);
/* They stood in a valid path: good for a week. */
enum db_error issuers_used(struct db *, char *const *urls, size_t num);

/* In the child: every certificate in it, each DER, the bag of a PKCS#7, or PEM,
 * with its address. */
void issuers_read(struct certificates *out, struct bytes);

#endif
