/*
 * The child: one job on foreign bytes, in a process that can do nothing but
 * compute and answer.  What is in this header is for those who write the jobs;
 * work/zygote.h runs them.
 */
#ifndef WORK_CHILD_H
#define WORK_CHILD_H

#include <stddef.h>

#include "base/bytes.h"

struct buf;
struct sandbox;

/* What a task's run() returns. */
enum child_result {
	CHILD_RESULT_OK = 0,
	CHILD_RESULT_REFUSED = 1,  /* gives CHILD_REFUSED, with what is in out */
	CHILD_RESULT_NO_MEMORY = 2 /* gives CHILD_MEMORY */
};

/* A kind of job.  Static; the kind's number is its index in the table. */
struct child_task {
	const char *name;
	/* Runs in the sandbox: no file can be opened, nothing but the result can
	 * be written.  Inputs are read-only views that last as long as the
	 * process.  Writes its JSON into out (maximum CHILD_MAX_RESULT).  A
	 * foreign file that is broken is a result, too: write it into the JSON
	 * and return CHILD_RESULT_OK.  Need not free. */
	enum child_result (*run)(
	    const struct bytes inputs[], size_t num_inputs, struct buf *out);
	/* Called once in the zygote, before the first job; NULL if not needed.
	 * For libraries that open files when first used (OpenSSL reads its
	 * configuration): let them do it here.  Parses nothing foreign. */
	void (*prepare)(void);
};

/* How the child ends; private to child.c and zygote.c. */
enum child_exit {
	CHILD_EXIT_OK = 0,
	CHILD_EXIT_REFUSED = 1,
	CHILD_EXIT_NO_MEMORY = 2,
	CHILD_EXIT_RESULT_TOO_LARGE = 3,
	CHILD_EXIT_SETUP = 4 /* no sandbox, so nothing was run */
};

/* The life of a child, from behind fork() to _exit().  Takes result_fd (a pipe)
 * and the inputs, which it maps read-only; closes every other descriptor;
 * enters the sandbox; only then runs the task. */
_Noreturn void child_main(const struct child_task *, const struct sandbox *,
    const int *input_fds, size_t num_inputs, int result_fd, unsigned timeout_ms);

#endif
