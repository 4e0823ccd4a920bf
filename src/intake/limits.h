/*
 * What an upload may be at most.  Each limit is here because something that a
 * stranger sends would otherwise decide how much we allocate or how long we
 * look.
 */
#ifndef INTAKE_LIMITS_H
#define INTAKE_LIMITS_H

#include <stddef.h>

/* Bytes of a request body as it arrives.  nginx refuses more (413); here the
 * rule holds for imports too. */
#define INTAKE_MAX_BODY ((size_t)200 << 20)

/* Bytes of a body that goes through kore and the inbox; more is spooled. */
#define INTAKE_SMALL_BODY ((size_t)1 << 20)

/* Bytes after inflating: a spooled body may become as large as a plain one may
 * be.  A small one is inflated on kore's event loop, where 16 MiB cost about
 * 50 ms; a larger result belongs to a worker's child. */
#define INTAKE_MAX_INFLATED	  INTAKE_MAX_BODY
#define INTAKE_MAX_INFLATED_SMALL ((size_t)16 << 20)

/* Output bytes per input byte.  Deflate reaches 1032; a minidump of an idle
 * process with megabytes of zeroed stacks stays below 100.  Not applied to the
 * first INTAKE_RATIO_FREE bytes, where nothing can be gained. */
#define INTAKE_MAX_RATIO  250
#define INTAKE_RATIO_FREE ((size_t)4 << 20)

/* Parts of one body.  Crashpad sends one for each annotation; Chromium with
 * all its crash keys stays below 50. */
#define INTAKE_MAX_PARTS 64

/* Bytes of the headers of one part. */
#define INTAKE_MAX_PART_HEADER ((size_t)8 << 10)

/* Bytes of all fields (parts without a file, and the query): names and values
 * together. */
#define INTAKE_MAX_FIELDS ((size_t)64 << 10)

/* Characters of a boundary: RFC 2046 section 5.1.1. */
#define INTAKE_MAX_BOUNDARY 70

/* Pairs of a query string. */
#define INTAKE_MAX_QUERY_PAIRS 64

#endif
