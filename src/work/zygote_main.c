/*
 * The zygote's own process: takes a request, forks the child, watches the clock
 * and the worker, says how it ended.  It looks at no byte of any input and of
 * any result.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work/child.h"
#include "work/sandbox.h"
#include "work/zygote_proto.h"

/* What a request brought along. */
struct job {
	struct zygote_request request;
	int fds[ZYGOTE_MAX_FDS];
	size_t num_fds;
};

static void
job_close(struct job *job)
{
	for (size_t i = 0; i < job->num_fds; i++)
		close(job->fds[i]);
	job->num_fds = 0;
}

/* Takes the next request.  False when the worker is gone. */
static bool
receive(int sock, struct job *job)
{
	_Alignas(
	    struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * ZYGOTE_MAX_FDS)];
	struct iovec iov = {
	    .iov_base = &job->request, .iov_len = sizeof(job->request)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ssize_t n;

	job->num_fds = 0;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); n > 0 && c != NULL;
	     c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		job->num_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(job->fds, CMSG_DATA(c), job->num_fds * sizeof(int));
	}
	return n == (ssize_t)sizeof(job->request);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for the child, at most until its time is up.  False when the worker went
 * away meanwhile. */
static bool
watch(
    int sock, pid_t pid, int pidfd, unsigned timeout_ms, struct zygote_reply *reply)
{
	struct pollfd p[2] = {
	    {.fd = pidfd, .events = POLLIN},
	    {.fd = sock, .events = 0}, /* POLLHUP comes unasked */
	};
	int64_t end = now_ms() + timeout_ms;
	bool worker_there = true;
	struct rusage usage;
	int status;

	for (;;) {
		int64_t left = end - now_ms();
		int n = poll(p, 2, left > 0 ? (int)left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && p[0].revents != 0)
			break;
		worker_there = p[1].revents == 0;
		reply->timed_out = n == 0;
		kill(pid, SIGKILL); /* ours until it is waited for */
		break;
	}
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	reply->status = status;
	reply->peak_kib = (uint32_t)usage.ru_maxrss;
	return worker_there;
}

/* One job.  False when the worker is gone. */
static bool
serve(int sock, struct job *job, const struct sandbox *sandbox,
    const struct child_task *table, size_t num_tasks)
{
	const struct zygote_request *r = &job->request;
	struct zygote_reply reply = {0};
	bool go_on = true;
	pid_t pid = -1, self = getpid();
	int pidfd;

	if (r->kind < num_tasks && job->num_fds >= 1 &&
	    job->num_fds == r->num_inputs + 1u)
		pid = fork();
	if (pid == 0) {
		/* A child does not outlive its zygote. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
		    getppid() != self)
			_exit(CHILD_EXIT_SETUP);
		child_main(&table[r->kind], sandbox, job->fds + 1, r->num_inputs,
		    job->fds[0], r->timeout_ms);
	}
	job_close(job);
	if (pid > 0) {
		pidfd = pidfd_open(pid, 0);
		reply.started = 1;
		/* Without a pidfd poll() sees the clock and the worker only. */
		go_on = watch(sock, pid, pidfd, r->timeout_ms, &reply);
		if (pidfd >= 0)
			close(pidfd);
	}
	return go_on &&
	    send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) == sizeof(reply);
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 1);
}

/* Lets the C library do here what it does once and with files or system calls
 * that a child may not have: read the time zone, ask for the size of memory
 * before it sorts. */
static void
warm_up(void)
{
	static unsigned char sorted[4096];

	tzset();
	qsort(sorted, sizeof(sorted), 1, compare_bytes);
}

/* Keeps the socket, and nothing else that the worker had open. */
static int
settle(int sock)
{
	int null;

	/* Out of the way, wherever it lies. */
	sock = fcntl(sock, F_DUPFD_CLOEXEC, 64);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sock < 0 || null < 0)
		return -1;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
#if !defined(__SANITIZE_ADDRESS__)
	dup2(null, STDERR_FILENO);
#endif
	if (close_range(3, (unsigned)sock - 1, 0) != 0 ||
	    close_range((unsigned)sock + 1, ~0U, 0) != 0)
		return -1;
	return sock;
}

_Noreturn void
zygote_main(int sock, const struct child_task *table, size_t num_tasks)
{
	/* Who ends the worker sends its signals to the whole group; a job in hand
	 * is finished all the same.  The end of the worker is the end of this. */
	static const int ignored[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
	struct zygote_reply ready = {.started = 1};
	struct sandbox sandbox;
	struct job job;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sock = settle(sock);
	if (sock < 0 || !sandbox_prepare(&sandbox))
		_exit(1);
	warm_up();
	for (size_t i = 0; i < num_tasks; i++)
		if (table[i].prepare != NULL)
			table[i].prepare();
	if (send(sock, &ready, sizeof(ready), MSG_NOSIGNAL) != sizeof(ready))
		_exit(1);
	while (receive(sock, &job))
		if (!serve(sock, &job, &sandbox, table, num_tasks))
			break;
	_exit(0);
}
