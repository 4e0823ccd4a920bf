/*
 * Starts the worker's processes, each by exec of this program so that it begins
 * small and its zygote with it; starts again whichever ends, and ends them all
 * when asked. It reads nothing foreign and opens no connection.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work/log.h"
#include "work/worker.h"

#define PROCESSES_MAX 64
/* A process that lived shorter waits this long (seconds) before the next. */
#define TOO_SHORT 2

struct slot {
	pid_t pid; /* 0: none */
	int hand_fd;
	time_t started;
	time_t not_before;
};

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

static void
on_child(int sig)
{
	(void)sig; /* ends the pause */
}

static void
spawn(struct slot *s, unsigned number)
{
	char num[16], fd[16];
	char *argv[] = {
	    "countersign", "worker", "--process", num, "--hand", fd, NULL};

	snprintf(num, sizeof(num), "%u", number);
	snprintf(fd, sizeof(fd), "%d", s->hand_fd);
	s->started = time(NULL);
	s->pid = fork();
	if (s->pid < 0) {
		s->pid = 0;
		s->not_before = s->started + TOO_SHORT;
		log_event("fork-failed", "number=%u", number);
	}
	if (s->pid == 0 && s->not_before <= s->started) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
}

static void
reap(struct slot *slots, unsigned num)
{
	time_t now = time(NULL);
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < num; i++) {
			if (slots[i].pid != pid)
				continue;
			slots[i].pid = 0;
			slots[i].not_before = now - slots[i].started < TOO_SHORT
			    ? now + TOO_SHORT
			    : now;
			if (!stopping)
				log_event("process-ended",
				    "number=%u pid=%d signal=%d status=%d", i,
				    (int)pid,
				    WIFSIGNALED(status) ? WTERMSIG(status) : 0,
				    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		}
}

static unsigned
alive(const struct slot *slots, unsigned num)
{
	unsigned n = 0;

	for (unsigned i = 0; i < num; i++)
		n += slots[i].pid > 0;
	return n;
}

static bool
make_slots(struct slot *slots, unsigned num)
{
	for (unsigned i = 0; i < num; i++) {
		slots[i] = (struct slot){.hand_fd = memfd_create("hand", 0)};
		if (slots[i].hand_fd < 0 ||
		    ftruncate(slots[i].hand_fd, sizeof(struct hand)) != 0)
			return false;
	}
	return true;
}

int
supervisor_run(unsigned num)
{
	struct sigaction term = {.sa_handler = on_term},
			 child = {.sa_handler = on_child};
	struct timespec tick = {.tv_sec = 1};
	struct slot slots[PROCESSES_MAX];
	sigset_t blocked, open;
	bool told = false;

	log_name("worker");
	if (num < 1 || num > PROCESSES_MAX || !make_slots(slots, num))
		return 1;
	/* Signals are taken in ppoll's stead only, so none is missed. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	sigaction(SIGCHLD, &child, NULL);
	for (;;) {
		reap(slots, num);
		for (unsigned i = 0; i < num; i++) {
			if (stopping && !told && slots[i].pid > 0)
				kill(slots[i].pid, SIGTERM);
			if (!stopping && slots[i].pid == 0 &&
			    slots[i].not_before <= time(NULL))
				spawn(&slots[i], i);
		}
		told = stopping;
		if (stopping && alive(slots, num) == 0)
			return 0;
		pselect(0, NULL, NULL, NULL, &tick, &open);
	}
}
