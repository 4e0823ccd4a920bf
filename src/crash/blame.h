/*
 * Whose code is to blame (design, section 6): along the faulting stack, pass
 * over platform and library modules and take the first that is left.  The
 * trail says for each frame what was decided, so that a page can show it.
 */
#ifndef CRASH_BLAME_H
#define CRASH_BLAME_H

#include "crash/report.h"

/* Fills blame of a report whose frames are walked. */
void blame_decide(struct crash_report *, const struct crash_rules *);

#endif
