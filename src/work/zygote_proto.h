/*
 * What worker and zygote say to each other, over a socket pair that keeps
 * message borders (SOCK_SEQPACKET).  Both are the same program, so these are
 * plain structs.  Private to zygote.c and zygote_main.c.
 */
#ifndef WORK_ZYGOTE_PROTO_H
#define WORK_ZYGOTE_PROTO_H

#include <stddef.h>
#include <stdint.h>

#include "work/limits.h"

struct child_task;

/* With it come the descriptors: the pipe for the result, then the inputs. */
struct zygote_request {
	uint32_t kind;
	uint32_t timeout_ms;
	uint32_t num_inputs;
};

#define ZYGOTE_MAX_FDS (1 + CHILD_MAX_INPUTS)

/* Sent once with started 1 when the zygote is ready, then for each request. */
struct zygote_reply {
	uint32_t started;   /* 0: there was no child */
	uint32_t timed_out; /* it was killed at its time limit */
	int32_t status;	    /* as wait4() gives it */
	uint32_t peak_kib;  /* resident */
};

/* The zygote's life, behind fork(). */
_Noreturn void zygote_main(
    int sock, const struct child_task *table, size_t num_tasks);

#endif
