/*
 * The limits and the filter of a child; see sandbox.h.  What is allowed is what
 * computing and answering take: memory, the clock, randomness, one descriptor.
 * Everything else kills the process, not the thread: a killed thread would leave
 * a process that waits for it.
 */
#include "work/sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work/limits.h"

/* AddressSanitizer reserves terabytes of addresses and reports to standard
 * error. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#else
#define WITH_ASAN 0
#endif

/* Calls allowed whatever their arguments: none of them reaches outside the
 * process.  rt_sigaction and rt_sigprocmask are abort()'s; getpid is how OpenSSL
 * notices a fork; sysinfo is what glibc's qsort() asks before it allocates. */
static const int allowed[] = {
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sysinfo),
    SCMP_SYS(close),
};

static int
add_rules(scmp_filter_ctx ctx)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	/* The answer. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
		    SCMP_A0(SCMP_CMP_EQ, SANDBOX_RESULT_FD));
	if (rc == 0 && WITH_ASAN)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
		    SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
	if (rc == 0 && WITH_ASAN) /* before every function that does not return */
		rc =
		    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sigaltstack), 0);
	/* Memory that is not a file and never becomes code. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() sends itself a signal.  A filter that is made once cannot know
	 * the child's own id, and may not let it signal others; so the call
	 * fails, and abort() goes on to its illegal instruction. */
	if (rc == 0)
		rc = seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 0);
	return rc;
}

/* The program that libseccomp made, as the kernel takes it. */
static bool
export_program(struct sandbox *out, scmp_filter_ctx ctx)
{
	struct stat st;
	ssize_t n;
	bool ok = false;
	int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0)
		return false;
	if (seccomp_export_bpf(ctx, fd) == 0 && fstat(fd, &st) == 0 &&
	    st.st_size > 0 && st.st_size % (off_t)sizeof(struct sock_filter) == 0 &&
	    st.st_size / (off_t)sizeof(struct sock_filter) <= BPF_MAXINSNS) {
		out->program = malloc((size_t)st.st_size);
		n = out->program == NULL
		    ? -1
		    : pread(fd, out->program, (size_t)st.st_size, 0);
		ok = n == st.st_size;
		out->num_insns = (unsigned short)(st.st_size /
		    (off_t)sizeof(struct sock_filter));
	}
	close(fd);
	return ok;
}

bool
sandbox_prepare(struct sandbox *out)
{
	scmp_filter_ctx ctx;
	bool ok;
	int rc;

	*out = (struct sandbox){0};
	ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (ctx == NULL) {
		errno = ENOMEM;
		return false;
	}
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = add_rules(ctx);
	ok = rc == 0 && export_program(out, ctx);
	if (!ok) {
		errno = rc != 0 ? -rc : ENOMEM;
		sandbox_free(out);
	}
	seccomp_release(ctx);
	return ok;
}

void
sandbox_free(struct sandbox *s)
{
	if (s == NULL)
		return;
	free(s->program);
	*s = (struct sandbox){0};
}

static bool
limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit r = {.rlim_cur = soft, .rlim_max = hard};

	return setrlimit(resource, &r) == 0;
}

bool
sandbox_enter(const struct sandbox *s, unsigned cpu_seconds)
{
	struct sock_fprog program = {.len = s->num_insns, .filter = s->program};

	if (s->program == NULL || s->num_insns == 0)
		return false;
	if (!WITH_ASAN && !limit(RLIMIT_AS, CHILD_MAX_MEMORY, CHILD_MAX_MEMORY))
		return false;
	if (!limit(RLIMIT_STACK, CHILD_MAX_STACK, CHILD_MAX_STACK) ||
	    !limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1) ||
	    !limit(RLIMIT_CORE, 0, 0) || !limit(RLIMIT_FSIZE, 0, 0) ||
	    !limit(RLIMIT_NOFILE, 0, 0) || !limit(RLIMIT_NPROC, 0, 0) ||
	    !limit(RLIMIT_MEMLOCK, 0, 0))
		return false;
	/* Not dumpable: what was read here is personal data. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
