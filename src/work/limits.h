/*
 * What a child that reads a foreign file may use.
 */
#ifndef WORK_LIMITS_H
#define WORK_LIMITS_H

#include <stddef.h>

/* Address space in bytes (RLIMIT_AS).  The largest job reads an upload of
 * 200 MiB that is mapped, inflated into a buffer (256 MiB, buffers double) whose
 * dump part is compressed again (256 MiB); the program with its libraries maps
 * about 100 MiB.  Together 812. */
#define CHILD_MAX_MEMORY ((size_t)1 << 30)

/* Bytes of stack. */
#define CHILD_MAX_STACK ((size_t)8 << 20)

/* Bytes of the result.  A kernel dump with 2,000 modules makes 0.8 MiB. */
#define CHILD_MAX_RESULT ((size_t)4 << 20)

/* Milliseconds by the wall clock, for a caller that has no reason to take
 * another.  A dump of 200 MiB is read in under two seconds. */
#define CHILD_TIMEOUT_MS 30000

/* Milliseconds; more is taken for this. */
#define ZYGOTE_MAX_TIMEOUT_MS 3600000

/* Inputs of one job: dump, challenge, certificates ... */
#define CHILD_MAX_INPUTS 16

/* Milliseconds after its time limit that a job's zygote may be silent before
 * it is given up. */
#define ZYGOTE_GRACE_MS 5000

#endif
