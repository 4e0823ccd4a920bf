/*
 * Which crashes are one failure (design, section 6).  The problem class, the
 * blamed module and its frame make the bucket; the normalised label and the
 * modules that could be blamed make the atom, under which counts are kept, so
 * that other rules can sort the same atoms anew.
 */
#ifndef CRASH_BUCKET_H
#define CRASH_BUCKET_H

#include "crash/report.h"

/* Fills bucket and atom of a report with label and blame.  False without
 * memory. */
bool bucket_make(struct crash_report *, const struct crash_rules *);

/* problem.c: "null-read", "read of null" and so on; static. */
void problem_class(
    const struct crash_report *, const char **out_id, const char **out_text);

#endif
