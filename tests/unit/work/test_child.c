/*
 * The zygote and its children: what a job gets, and that nothing it does, on
 * purpose or not, harms more than itself.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "work/zygote.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#else
#define WITH_ASAN 0
#endif

static int prepared;

static void
prepare(void)
{
	prepared++;
}

/* ---- jobs ---- */

static enum child_result
run_echo(const struct bytes in[], size_t num, struct buf *out)
{
	for (size_t i = 0; i < num; i++)
		buf_append(out, in[i].p, in[i].len);
	return CHILD_RESULT_OK;
}

static enum child_result
run_prepared(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in;
	buf_printf(out, "%d %zu", prepared, num);
	return CHILD_RESULT_OK;
}

static enum child_result
run_refuse(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in, (void)num;
	buf_puts(out, "{\"error\":\"no\"}");
	return CHILD_RESULT_REFUSED;
}

static enum child_result
run_null(const struct bytes in[], size_t num, struct buf *out)
{
	volatile int *volatile nowhere = NULL;

	(void)in, (void)num;
	buf_puts(out, "half a resu");
	*nowhere = 1;
	return CHILD_RESULT_OK;
}

static enum child_result
run_abort(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in, (void)num, (void)out;
	abort();
}

static enum child_result
run_exit(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in, (void)num, (void)out;
	_exit(77);
}

static enum child_result
run_endless(const struct bytes in[], size_t num, struct buf *out)
{
	volatile unsigned n = 0;

	(void)in, (void)num, (void)out;
	for (;;)
		n++;
	return CHILD_RESULT_OK;
}

/* Waits without using the processor. */
static enum child_result
run_asleep(const struct bytes in[], size_t num, struct buf *out)
{
	static uint32_t word;

	(void)in, (void)num, (void)out;
	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return CHILD_RESULT_OK;
}

/* Through a pointer, or the compiler complains. */
static enum child_result (*volatile deeper)(
    const struct bytes in[], size_t num, struct buf *out);

static enum child_result
run_recursion(const struct bytes in[], size_t num, struct buf *out)
{
	volatile char room[4096];
	enum child_result result;

	deeper = run_recursion;
	room[0] = (char)num;
	result = deeper(in, num + 1, out);
	return room[0] != 0 ? CHILD_RESULT_OK : result;
}

/* Takes memory without end, and notices when it gets no more. */
static enum child_result
run_greedy(const struct bytes in[], size_t num, struct buf *out)
{
	size_t total = 0;

	(void)in, (void)num, (void)out;
	while (malloc((size_t)16 << 20) != NULL)
		if ((total += 16) > 4096)
			return CHILD_RESULT_OK;
	return CHILD_RESULT_NO_MEMORY;
}

/* Does not notice. */
static enum child_result
run_bomb(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in, (void)num, (void)out;
	for (int i = 0; i < 4096; i++) {
		volatile char *p = malloc((size_t)1 << 20);

		for (size_t j = 0; j < (size_t)1 << 20; j += 4096)
			p[j] = 1;
	}
	return CHILD_RESULT_OK;
}

static enum child_result
run_long_result(const struct bytes in[], size_t num, struct buf *out)
{
	(void)in, (void)num;
	for (size_t i = 0; i <= CHILD_MAX_RESULT / 16; i++)
		buf_puts(out, "0123456789abcdef");
	return CHILD_RESULT_OK;
}

/* As a child would that was taken over: writes past its buffer's maximum. */
static enum child_result
run_flood(const struct bytes in[], size_t num, struct buf *out)
{
	static char piece[65536];

	(void)in, (void)num, (void)out;
	for (;;)
		if (write(3, piece, sizeof(piece)) < 0)
			return CHILD_RESULT_OK;
}

static enum child_result
run_library(const struct bytes in[], size_t num, struct buf *out)
{
	time_t t = 0;
	struct tm tm;
	char text[64];
	char *p;

	(void)in, (void)num;
	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y", &tm);
	p = malloc((size_t)32 << 20);
	if (p == NULL)
		return CHILD_RESULT_NO_MEMORY;
	memset(p, 'x', (size_t)32 << 20);
	p = realloc(p, (size_t)64 << 20);
	buf_printf(out, "%s %.1f %c", text, strtod("1.5", NULL), p[100]);
	free(p);
	return CHILD_RESULT_OK;
}

/* ---- attempts at the world outside ---- */

#define ATTEMPT(name, statement)                                  \
	static enum child_result run_##name(                      \
	    const struct bytes in[], size_t num, struct buf *out) \
	{                                                         \
		(void)in, (void)num;                              \
		long rc = (long)(statement);                      \
		buf_printf(out, "%ld", rc);                       \
		return CHILD_RESULT_OK;                           \
	}

ATTEMPT(open, syscall(SYS_open, "/etc/hostname", O_RDONLY))
ATTEMPT(openat, syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY))
ATTEMPT(socket, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0))
ATTEMPT(ptrace, syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0))
ATTEMPT(execve, syscall(SYS_execve, "/bin/true", NULL, NULL))
ATTEMPT(fork, syscall(SYS_fork))
ATTEMPT(kill, syscall(SYS_kill, 1, 0))
ATTEMPT(read_stdin, syscall(SYS_read, 0, out, 0))
ATTEMPT(write_elsewhere, syscall(SYS_write, 5, "x", 1))
ATTEMPT(executable_memory,
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
	MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
ATTEMPT(map_a_file, syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0))
ATTEMPT(signal_others, syscall(SYS_tgkill, 1, 1, 0))

enum kind {
	ECHO_,
	PREPARED,
	REFUSE,
	NULL_,
	ABORT,
	EXIT,
	ENDLESS,
	ASLEEP,
	RECURSION,
	GREEDY,
	BOMB,
	LONG_RESULT,
	FLOOD,
	LIBRARY,
	SIGNAL_OTHERS,
	FIRST_ATTEMPT
};

static const struct child_task table[] = {
    {"echo", run_echo, NULL},
    {"prepared", run_prepared, prepare},
    {"refuse", run_refuse, NULL},
    {"null", run_null, NULL},
    {"abort", run_abort, NULL},
    {"exit", run_exit, NULL},
    {"endless", run_endless, NULL},
    {"asleep", run_asleep, NULL},
    {"recursion", run_recursion, NULL},
    {"greedy", run_greedy, NULL},
    {"bomb", run_bomb, NULL},
    {"long_result", run_long_result, NULL},
    {"flood", run_flood, NULL},
    {"library", run_library, NULL},
    {"signal_others", run_signal_others, NULL},
    {"open", run_open, NULL},
    {"openat", run_openat, NULL},
    {"socket", run_socket, NULL},
    {"ptrace", run_ptrace, NULL},
    {"execve", run_execve, NULL},
    {"fork", run_fork, NULL},
    {"kill", run_kill, NULL},
    {"read_stdin", run_read_stdin, NULL},
    {"write_elsewhere", run_write_elsewhere, NULL},
    {"executable_memory", run_executable_memory, NULL},
    {"map_a_file", run_map_a_file, NULL},
};

#define NUM_TASKS (sizeof(table) / sizeof(table[0]))

static struct zygote *zygote;
static struct buf out;
static int sig;

static void
start(void)
{
	buf_init(&out, 0);
	zygote = zygote_start(table, NUM_TASKS);
	cr_assert_not_null(zygote);
}

static void
stop(void)
{
	zygote_stop(zygote);
	buf_free(&out);
}

static enum child_outcome
run(unsigned kind, unsigned timeout_ms)
{
	struct bytes in = bytes_of("input", 5);

	return zygote_run_bytes(zygote, kind, &in, 1, &out, timeout_ms, &sig);
}

/* After whatever happened, the next job is done as if nothing had. */
static void
still_works(void)
{
	cr_assert_eq(run(ECHO_, 10000), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "input");
	cr_assert_eq(sig, 0);
}

TestSuite(child, .init = start, .fini = stop);

Test(child, gets_its_inputs_in_order_and_answers)
{
	struct bytes in[3] = {
	    bytes_of("one ", 4), bytes_of(NULL, 0), bytes_of("three", 5)};

	cr_assert_eq(
	    zygote_run_bytes(zygote, ECHO_, in, 3, &out, 10000, &sig), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "one three");
	cr_assert_eq(
	    zygote_run(zygote, ECHO_, NULL, 0, &out, 10000, &sig), CHILD_OK);
	cr_assert_eq(out.len, 0);
}

Test(child, reads_a_file_from_its_start_wherever_the_descriptor_stands)
{
	FILE *f = tmpfile();
	int fd = fileno(f);

	cr_assert_eq(write(fd, "content", 7), 7);
	cr_assert_eq(
	    zygote_run(zygote, ECHO_, &fd, 1, &out, 10000, NULL), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "content");
	fclose(f);
}

Test(child, is_prepared_once_in_the_zygote)
{
	cr_assert_eq(run(PREPARED, 10000), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "1 1");
	cr_assert_eq(run(PREPARED, 10000), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "1 1");
	cr_assert_eq(prepared, 0);
}

Test(child, may_use_the_library_and_memory)
{
	cr_assert_eq(run(LIBRARY, 10000), CHILD_OK, "%s signal %d",
	    child_outcome_text(run(LIBRARY, 10000)), sig);
	cr_assert_str_eq(buf_str(&out), "1970 1.5 x");
}

Test(child, refusal_keeps_what_it_said)
{
	cr_assert_eq(run(REFUSE, 10000), CHILD_REFUSED);
	cr_assert_str_eq(buf_str(&out), "{\"error\":\"no\"}");
	still_works();
}

Test(child, crash_is_its_own)
{
	cr_assert_eq(run(NULL_, 10000), CHILD_CRASHED);
	if (!WITH_ASAN)
		cr_assert_eq(sig, SIGSEGV);
	cr_assert_eq(out.len, 0);
	cr_assert_eq(run(ABORT, 10000), CHILD_CRASHED);
	cr_assert_eq(run(EXIT, 10000), CHILD_CRASHED);
	cr_assert_eq(sig, 0);
	cr_assert_eq(run(RECURSION, 10000), CHILD_CRASHED);
	still_works();
}

Test(child, endless_loop_ends_at_the_time_limit)
{
	cr_assert_eq(run(ENDLESS, 200), CHILD_TIMEOUT);
	cr_assert_eq(out.len, 0);
	cr_assert_eq(run(ASLEEP, 200), CHILD_TIMEOUT);
	still_works();
}

Test(child, memory_is_limited)
{
	if (WITH_ASAN)
		cr_skip_test(
		    "skipped: AddressSanitizer reserves more than the limit");
	cr_assert_eq(run(GREEDY, 30000), CHILD_MEMORY);
	cr_assert_eq(run(BOMB, 30000), CHILD_MEMORY);
	cr_assert_eq(sig, 0);
	still_works();
}

Test(child, result_is_limited)
{
	cr_assert_eq(run(LONG_RESULT, 10000), CHILD_REFUSED);
	cr_assert_eq(out.len, 0);
	cr_assert_eq(run(FLOOD, 10000), CHILD_REFUSED);
	cr_assert_eq(out.len, 0);
	still_works();
}

Test(child, attempt_at_the_world_outside_is_killed)
{
	for (unsigned k = FIRST_ATTEMPT; k < NUM_TASKS; k++) {
		cr_expect_eq(run(k, 10000), CHILD_CRASHED, "%s: %s", table[k].name,
		    buf_str(&out));
		cr_expect_eq(sig, SIGSYS, "%s: signal %d", table[k].name, sig);
	}
	still_works();
}

Test(child, signals_nobody)
{
	cr_assert_eq(run(SIGNAL_OTHERS, 10000), CHILD_OK);
	cr_assert_str_eq(buf_str(&out), "-1");
}

Test(child, what_cannot_be_started_is_our_fault)
{
	int pipe_fds[2];

	cr_assert_eq(run(NUM_TASKS, 10000), CHILD_UNSTARTED);
	/* A pipe cannot be mapped. */
	cr_assert_eq(pipe(pipe_fds), 0);
	cr_assert_eq(zygote_run(zygote, ECHO_, pipe_fds, 1, &out, 10000, &sig),
	    CHILD_UNSTARTED);
	pipe_fds[0] = 9999;
	cr_assert_eq(zygote_run(zygote, ECHO_, pipe_fds, 1, &out, 10000, &sig),
	    CHILD_UNSTARTED);
	still_works();
}

Test(child, dead_zygote_is_told_not_waited_for)
{
	kill(zygote_pid(zygote), SIGKILL);
	cr_assert_eq(run(ECHO_, 10000), CHILD_ZYGOTE_GONE);
	cr_assert_eq(run(ECHO_, 10000), CHILD_ZYGOTE_GONE);
}

Test(child, zygote_dies_in_the_middle_of_a_job)
{
	pid_t killer = fork();

	if (killer == 0) {
		usleep(200000);
		kill(zygote_pid(zygote), SIGKILL);
		_exit(0);
	}
	cr_assert_eq(run(ENDLESS, 60000), CHILD_ZYGOTE_GONE);
	waitpid(killer, NULL, 0);
}

Test(child, zygote_outlives_the_signals_of_the_terminal)
{
	kill(zygote_pid(zygote), SIGINT);
	kill(zygote_pid(zygote), SIGTERM);
	kill(zygote_pid(zygote), SIGHUP);
	still_works();
}

Test(child, keeps_no_descriptor_of_jobs)
{
	for (int i = 0; i < 1500; i++)
		cr_assert_eq(run(i % 100 == 0 ? REFUSE : ECHO_, 10000),
		    i % 100 == 0 ? CHILD_REFUSED : CHILD_OK);
	still_works();
}

/* The only child of a process; 0 if it has none or the kernel does not say. */
static pid_t
child_of(pid_t pid)
{
	char path[64], line[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	return (pid_t)strtol(line, NULL, 10);
}

/* Whether it ends within two seconds; a zombie has ended. */
static bool
ends(pid_t pid)
{
	char path[64], state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 100; i++) {
		FILE *f = fopen(path, "r");
		int got;

		if (f == NULL)
			return true;
		state = 'Z';
		got = fscanf(f, "%*d %*s %c", &state);
		fclose(f);
		if (got != 1 || state == 'Z')
			return true;
		usleep(20000);
	}
	return false;
}

Test(child, nothing_outlives_the_worker)
{
	pid_t worker = fork(), its_zygote = 0, its_child = 0;

	if (worker == 0) {
		struct zygote *own = zygote_start(table, NUM_TASKS);

		(void)!zygote_run(own, ENDLESS, NULL, 0, &out, 60000, NULL);
		_exit(0);
	}
	for (int i = 0; i < 100 && its_child == 0; i++) {
		usleep(20000);
		its_zygote = child_of(worker);
		its_child = its_zygote != 0 ? child_of(its_zygote) : 0;
	}
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	if (its_child == 0)
		cr_skip_test("skipped: the kernel does not list children");
	cr_assert(ends(its_zygote));
	cr_assert(ends(its_child));
}

Test(child_text, every_outcome_has_code_and_sentence)
{
	struct buf b;

	buf_init(&b, 0);
	for (int o = CHILD_OK; o <= CHILD_ZYGOTE_GONE; o++) {
		buf_reset(&b);
		child_outcome_sentence(&b, (enum child_outcome)o, SIGSEGV);
		cr_assert_gt(b.len, 20);
		cr_assert_gt(strlen(child_outcome_text((enum child_outcome)o)), 1);
	}
	buf_reset(&b);
	child_outcome_sentence(&b, CHILD_CRASHED, SIGSEGV);
	cr_assert_not_null(strstr(buf_str(&b), "SIGSEGV"));
	buf_free(&b);
}
