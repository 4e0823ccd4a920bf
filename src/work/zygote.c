/*
 * The worker's side of the zygote; see zygote.h.  A job is one message there,
 * one pipe for the result, one message back.
 */
#include "work/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "work/zygote_proto.h"

struct zygote {
	pid_t pid;
	int sock; /* -1 when it is gone */
	size_t num_tasks;
};

static const char *const outcome_codes[] = {
    [CHILD_OK] = "ok",
    [CHILD_REFUSED] = "child-refused",
    [CHILD_CRASHED] = "child-crashed",
    [CHILD_TIMEOUT] = "child-timeout",
    [CHILD_MEMORY] = "child-memory",
    [CHILD_UNSTARTED] = "child-unstarted",
    [CHILD_ZYGOTE_GONE] = "zygote-gone",
};

const char *
child_outcome_text(enum child_outcome o)
{
	size_t i = (size_t)o;

	return i < sizeof(outcome_codes) / sizeof(outcome_codes[0])
	    ? outcome_codes[i]
	    : "child-unstarted";
}

void
child_outcome_sentence(struct buf *out, enum child_outcome o, int sig)
{
	const char *name = sig > 0 ? sigabbrev_np(sig) : NULL;

	switch (o) {
	case CHILD_OK:
		buf_puts(out, "The process that read this file finished.");
		break;
	case CHILD_REFUSED:
		buf_puts(out,
		    "The process that read this file gave no result that "
		    "can be taken.");
		break;
	case CHILD_CRASHED:
		if (sig == SIGSYS)
			buf_puts(out,
			    "The process that read this file was killed "
			    "because it made a forbidden system call "
			    "(SIGSYS).");
		else
			buf_printf(out,
			    "The process that read this file crashed (%s%s).",
			    name != NULL ? "SIG" : "",
			    name != NULL ? name : "exit");
		break;
	case CHILD_TIMEOUT:
		buf_puts(out,
		    "The process that read this file was killed because it "
		    "took too long.");
		break;
	case CHILD_MEMORY:
		buf_puts(out,
		    "The process that read this file wanted more memory "
		    "than it may have.");
		break;
	case CHILD_UNSTARTED:
		buf_puts(out,
		    "The process that reads this file could not be started; "
		    "the file was not looked at.");
		break;
	case CHILD_ZYGOTE_GONE:
		buf_puts(out,
		    "The process that starts readers has ended; the worker "
		    "starts anew and tries again.");
		break;
	}
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether fd has something to read, or its end, before `end`. */
static bool
wait_readable(int fd, int64_t end)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = end - now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		return n > 0;
	}
}

static bool
receive_reply(int sock, struct zygote_reply *out, int64_t end)
{
	ssize_t n;

	if (!wait_readable(sock, end))
		return false;
	do
		n = recv(sock, out, sizeof(*out), 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*out);
}

/* Gives it up for good. */
static void
gone(struct zygote *z)
{
	if (z->sock < 0)
		return;
	close(z->sock);
	z->sock = -1;
	kill(z->pid, SIGKILL);
	while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

struct zygote *
zygote_start(const struct child_task *table, size_t num_tasks)
{
	struct zygote_reply ready;
	struct zygote *z;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return NULL;
	z = calloc(1, sizeof(*z));
	if (z != NULL)
		z->pid = fork();
	if (z == NULL || z->pid < 0) {
		close(pair[0]);
		close(pair[1]);
		free(z);
		return NULL;
	}
	if (z->pid == 0)
		zygote_main(pair[1], table, num_tasks);
	close(pair[1]);
	z->sock = pair[0];
	z->num_tasks = num_tasks;
	if (!receive_reply(z->sock, &ready, now_ms() + ZYGOTE_GRACE_MS)) {
		gone(z);
		free(z);
		errno = ECHILD;
		return NULL;
	}
	return z;
}

void
zygote_stop(struct zygote *z)
{
	if (z == NULL)
		return;
	if (z->sock >= 0) {
		/* It ends when it reads the end, between two jobs: always, here. */
		close(z->sock);
		while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(z);
}

pid_t
zygote_pid(const struct zygote *z)
{
	return z->pid;
}

static bool
send_request(
    int sock, const struct zygote_request *request, const int *fds, size_t num_fds)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * ZYGOTE_MAX_FDS)];
	} control;
	struct iovec iov = {
	    .iov_base = (void *)(uintptr_t)request, .iov_len = sizeof(*request)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = CMSG_SPACE(sizeof(int) * num_fds)};
	struct cmsghdr *c;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * num_fds);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * num_fds);
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*request);
}

/* Reads the result to its end.  False if it does not end in time; *too_large if
 * it is more than may be, and then no more of it is read. */
static bool
read_result(int fd, struct buf *out, int64_t end, bool *too_large)
{
	uint8_t piece[16384];
	ssize_t n;

	*too_large = false;
	for (;;) {
		if (!wait_readable(fd, end))
			return false;
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		if ((size_t)n > CHILD_MAX_RESULT - out->len) {
			*too_large = true;
			return true;
		}
		buf_append(out, piece, (size_t)n);
		if (!buf_ok(out))
			return true;
	}
}

/* How a child ended.  Whether a crash was for want of memory is a guess: an
 * allocation that nobody checked makes a null pointer, and by then the process
 * is large. */
static enum child_outcome
outcome_of(const struct zygote_reply *r, int *sig)
{
	int status = r->status;

	if (!r->started)
		return CHILD_UNSTARTED;
	if (r->timed_out)
		return CHILD_TIMEOUT;
	if (WIFEXITED(status)) {
		switch (WEXITSTATUS(status)) {
		case CHILD_EXIT_OK:
			return CHILD_OK;
		case CHILD_EXIT_REFUSED:
		case CHILD_EXIT_RESULT_TOO_LARGE:
			return CHILD_REFUSED;
		case CHILD_EXIT_NO_MEMORY:
			return CHILD_MEMORY;
		case CHILD_EXIT_SETUP:
			return CHILD_UNSTARTED;
		default:
			return CHILD_CRASHED; /* somebody called exit() */
		}
	}
	if (WTERMSIG(status) == SIGXCPU)
		return CHILD_TIMEOUT;
	if (WTERMSIG(status) == SIGKILL) /* not by us: the system ran short */
		return CHILD_MEMORY;
	if (WTERMSIG(status) != SIGSYS && r->peak_kib > CHILD_MAX_MEMORY / 1024 / 2)
		return CHILD_MEMORY;
	*sig = WTERMSIG(status);
	return CHILD_CRASHED;
}

/* Sends the job off; the reading end of its pipe, or -1. */
static int
begin(struct zygote *z, const struct zygote_request *request, const int *fds)
{
	int all[ZYGOTE_MAX_FDS], pipe_fds[2];
	bool sent;

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return -1;
	all[0] = pipe_fds[1];
	for (size_t i = 0; i < request->num_inputs; i++)
		all[1 + i] = fds[i];
	sent = send_request(z->sock, request, all, 1 + request->num_inputs);
	close(pipe_fds[1]);
	if (!sent) {
		/* A full table of descriptors or a bad one is our fault; a broken
		 * pipe means that there is nobody. */
		int saved = errno;

		close(pipe_fds[0]);
		if (saved == EPIPE || saved == ECONNRESET || saved == ENOTCONN)
			gone(z);
		return -1;
	}
	return pipe_fds[0];
}

enum child_outcome
zygote_run(struct zygote *z, unsigned kind, const int *fds, size_t num_fds,
    struct buf *out, unsigned timeout_ms, int *out_signal)
{
	struct zygote_request request = {.kind = kind,
	    .timeout_ms = timeout_ms < ZYGOTE_MAX_TIMEOUT_MS
		? timeout_ms
		: ZYGOTE_MAX_TIMEOUT_MS,
	    .num_inputs = (uint32_t)num_fds};
	int64_t end = now_ms() + request.timeout_ms + ZYGOTE_GRACE_MS;
	struct zygote_reply reply;
	enum child_outcome outcome;
	bool too_large, ok;
	int sig = 0, result;

	buf_reset(out);
	if (out_signal != NULL)
		*out_signal = 0;
	if (z->sock < 0)
		return CHILD_ZYGOTE_GONE;
	if (kind >= z->num_tasks || num_fds > CHILD_MAX_INPUTS)
		return CHILD_UNSTARTED;
	result = begin(z, &request, fds);
	if (result < 0)
		return z->sock < 0 ? CHILD_ZYGOTE_GONE : CHILD_UNSTARTED;
	ok = read_result(result, out, end, &too_large);
	close(result);
	ok = ok && receive_reply(z->sock, &reply, end);
	if (!ok) {
		gone(z);
		buf_reset(out);
		return CHILD_ZYGOTE_GONE;
	}
	outcome = outcome_of(&reply, &sig);
	if (too_large)
		outcome = CHILD_REFUSED, sig = 0;
	else if (!buf_ok(out) && outcome == CHILD_OK)
		outcome = CHILD_UNSTARTED; /* this process has no memory */
	if (too_large || (outcome != CHILD_OK && outcome != CHILD_REFUSED))
		buf_reset(out);
	if (out_signal != NULL)
		*out_signal = sig;
	return outcome;
}

/* A memfd that holds these bytes and can change no more; -1 and errno. */
static int
memfd_of(struct bytes in)
{
	int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return -1;
	while (done < in.len) {
		ssize_t n = write(fd, in.p + done, in.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

enum child_outcome
zygote_run_bytes(struct zygote *z, unsigned kind, const struct bytes *inputs,
    size_t num_inputs, struct buf *out, unsigned timeout_ms, int *out_signal)
{
	enum child_outcome outcome = CHILD_UNSTARTED;
	int fds[CHILD_MAX_INPUTS];
	size_t num = 0;

	buf_reset(out);
	if (out_signal != NULL)
		*out_signal = 0;
	if (num_inputs > CHILD_MAX_INPUTS)
		return CHILD_UNSTARTED;
	while (num < num_inputs && (fds[num] = memfd_of(inputs[num])) >= 0)
		num++;
	if (num == num_inputs)
		outcome =
		    zygote_run(z, kind, fds, num, out, timeout_ms, out_signal);
	for (size_t i = 0; i < num; i++)
		close(fds[i]);
	return outcome;
}
