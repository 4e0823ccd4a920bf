/*
 * The zygote: a small process, forked at the very start of the worker, before it
 * has read a setting or a key, opened a connection or allocated much.  From it
 * one child is forked for each job, so that a child costs a third of a
 * millisecond and inherits nothing worth stealing.  It parses nothing: requests
 * come from the worker, results go from the child to the worker, past it.
 *
 * One zygote belongs to one worker process and runs one job at a time;
 * zygote_run() blocks and is not for several threads.  A worker that wants jobs
 * side by side is several processes.
 *
 * When the worker dies, the zygote kills the child and ends.  When the zygote
 * dies, jobs end in CHILD_ZYGOTE_GONE: a new one cannot be had, because by now
 * the worker holds keys and a connection; so the worker ends its loop, exits,
 * and its supervisor starts it again.  The job in hand was not tried: give it
 * back to the queue without counting the attempt.
 */
#ifndef WORK_ZYGOTE_H
#define WORK_ZYGOTE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "work/child.h"
#include "work/limits.h"

struct buf;
struct zygote;

enum child_outcome {
	CHILD_OK = 0,
	CHILD_REFUSED, /* run() said so, or its result was too large */
	CHILD_CRASHED, /* *out_signal; SIGSYS: a system call that it may not */
	CHILD_TIMEOUT,
	CHILD_MEMORY,	 /* wanted more than it may have */
	CHILD_UNSTARTED, /* our fault: no such task, fork, mapping or sandbox failed
			  */
	CHILD_ZYGOTE_GONE
};

/* The stable code: "ok", "child-crashed", ... */
const char *child_outcome_text(enum child_outcome);
/* Appends what happened, as "the process that read this file crashed (SIGSEGV)".
 */
void child_outcome_sentence(struct buf *out, enum child_outcome, int signal);

/* Forks it.  Call first in main(): the process must still have one thread.  The
 * table stays borrowed.  NULL and errno on failure. */
struct zygote *zygote_start(const struct child_task *table, size_t num_tasks);
/* Ends it and waits for it; NULL is fine. */
void zygote_stop(struct zygote *);
/* Its process id, for the log. */
pid_t zygote_pid(const struct zygote *);

/* Runs table[kind] on the inputs, each a descriptor of a regular file or memfd
 * (borrowed; read from offset 0 to the end; a file must not shrink meanwhile).
 * out is emptied first; after CHILD_OK it holds the result (at most
 * CHILD_MAX_RESULT), after CHILD_REFUSED what run() had written, else nothing.
 * *out_signal (may be NULL): the signal that ended a crashed child, else 0. */
enum child_outcome zygote_run(struct zygote *, unsigned kind, const int *fds,
    size_t num_fds, struct buf *out, unsigned timeout_ms, int *out_signal)
    __attribute__((warn_unused_result));
/* The same with inputs in memory, which are copied into memfds. */
enum child_outcome zygote_run_bytes(struct zygote *, unsigned kind,
    const struct bytes *inputs, size_t num_inputs, struct buf *out,
    unsigned timeout_ms, int *out_signal) __attribute__((warn_unused_result));

#endif
