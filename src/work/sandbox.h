/*
 * Resource limits and the system call filter of a child.  The filter program is
 * made once, in the zygote, and installed in each child: making it costs as much
 * as all the rest of a child.
 */
#ifndef WORK_SANDBOX_H
#define WORK_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct sock_filter;

/* The only descriptor that a child can write to. */
#define SANDBOX_RESULT_FD 3

struct sandbox {
	struct sock_filter *program; /* owned */
	unsigned short num_insns;
};

/* Compiles the filter (libseccomp).  False and errno on failure. */
bool sandbox_prepare(struct sandbox *out) __attribute__((warn_unused_result));
void sandbox_free(struct sandbox *);

/* Puts this process under the limits of work/limits.h and the filter; there is
 * no way back.  cpu_seconds: RLIMIT_CPU.  False if any of it failed: then exit
 * without reading a byte. */
bool sandbox_enter(const struct sandbox *, unsigned cpu_seconds)
    __attribute__((warn_unused_result));

#endif
