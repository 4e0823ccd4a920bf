/*
 * The log of worker and fetcher: one line an event on standard error,
 * time, name, event, then key=value pairs. Never a secret; controls and bidi
 * marks in what is inserted are shown as escapes.
 */
#ifndef WORK_LOG_H
#define WORK_LOG_H

/* Who writes: "worker-0". Copied. */
void log_name(const char *);
/* fmt gives the key=value pairs; beyond 1,023 bytes they are cut. */
void log_event(const char *event, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
