/*
 * What Windows Error Reporting would call a crash: event APPCRASH with P1..P8
 * (application name, version, timestamp; module name, version, timestamp;
 * exception code; offset).  For other systems the same fields, type "CRASH".
 */
#ifndef CRASH_LABEL_H
#define CRASH_LABEL_H

#include "crash/report.h"

/* Fills label of a report with modules, exception and faulting place.  False
 * without memory. */
bool label_make(struct crash_report *);

#endif
