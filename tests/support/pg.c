/* A throw-away PostgreSQL for tests; see pg.h. */
#include "tests/support/pg.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIN "/usr/lib/postgresql/15/bin"

static char why[512];

/* Runs a program quietly, as postgres when we are root; its exit status. */
static int
run(const char *dir, char *const argv[])
{
	struct passwd *pw = NULL;
	int status, fd;
	char log[96];
	pid_t pid;

	if (geteuid() == 0)
		pw = getpwnam("postgres");
	if ((pid = fork()) != 0) {
		if (pid < 0)
			return -1;
		while (waitpid(pid, &status, 0) < 0)
			if (errno != EINTR)
				return -1;
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	snprintf(log, sizeof(log), "%s/setup.log", dir);
	if ((fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644)) >= 0) {
		dup2(fd, 1);
		dup2(fd, 2);
	}
	if ((fd = open("/dev/null", O_RDONLY)) >= 0)
		dup2(fd, 0);
	for (fd = 3; fd < 256; fd++)
		close(fd);
	if (pw != NULL && (setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0))
		_exit(126);
	if (chdir(dir) != 0)
		_exit(126);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("LD_PRELOAD");
	execv(argv[0], argv);
	_exit(127);
}

static int
ctl(const char *dir, const char *verb, const char *mode)
{
	char data[96], log[96], options[512];
	char *start[] = {BIN "/pg_ctl", "-D", data, "-w", "-t", "60", "-s", "-l",
	    log, "-o", options, "start", NULL};
	char *stop[] = {BIN "/pg_ctl", "-D", data, "-w", "-t", "60", "-s", "-m",
	    (char *)mode, "stop", NULL};

	snprintf(data, sizeof(data), "%s/data", dir);
	snprintf(log, sizeof(log), "%s/server.log", dir);
	snprintf(options, sizeof(options),
	    "-k %s -c listen_addresses= "
	    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
	    "-c shared_buffers=32MB -c max_connections=60 -c autovacuum=off "
	    "-c log_statement=none -c unix_socket_permissions=0777",
	    dir);
	return run(dir, strcmp(verb, "start") == 0 ? start : stop);
}

static bool
setup(const char *dir)
{
	char data[96];
	char *initdb[] = {BIN "/initdb", "-D", data, "-U", "postgres", "-A",
	    "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--no-instructions",
	    NULL};
	char *createdb[] = {BIN "/createdb", "-h", (char *)dir, "-U", "postgres",
	    "countersign", NULL};

	snprintf(data, sizeof(data), "%s/data", dir);
	return run(dir, initdb) == 0 && ctl(dir, "start", NULL) == 0 &&
	    run(dir, createdb) == 0;
}

/* Waits until the last holder of the lifeline's other end is gone. */
static void __attribute__((noreturn)) guard(const char *dir, int lifeline)
{
	char c, *rm[] = {"/bin/rm", "-rf", (char *)dir, NULL};

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (read(lifeline, &c, 1) < 0 && errno == EINTR)
		;
	ctl(dir, "stop", "immediate");
	if (run("/tmp", rm) == 0)
		_exit(0);
	execv(rm[0], rm); /* what root made in it */
	_exit(1);
}

static bool
refuse(struct pg *pg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	pg_stop(pg);
	return false;
}

bool
pg_start(struct pg *pg, const char **out_why)
{
	struct passwd *pw = geteuid() == 0 ? getpwnam("postgres") : NULL;
	int ends[2], null;

	*out_why = why;
	memset(pg, 0, sizeof(*pg));
	pg->lifeline = -1;
	if (access(BIN "/postgres", X_OK) != 0)
		return refuse(pg, "PostgreSQL 15 is not installed (%s)", BIN);
	if (geteuid() == 0 && pw == NULL)
		return refuse(pg, "there is no user postgres to run it as");
	/* Short: a socket's path has at most 107 bytes. */
	snprintf(pg->dir, sizeof(pg->dir), "/tmp/countersign-pg-XXXXXX");
	if (mkdtemp(pg->dir) == NULL) {
		pg->dir[0] = '\0';
		return refuse(pg, "no folder in /tmp: %s", strerror(errno));
	}
	if (pw != NULL && chown(pg->dir, pw->pw_uid, pw->pw_gid) != 0)
		return refuse(pg, "%s: %s", pg->dir, strerror(errno));
	/* Anybody may come to the socket: the tests run as several users. */
	if (chmod(pg->dir, 0755) != 0 || pipe2(ends, O_CLOEXEC) != 0)
		return refuse(pg, "%s: %s", pg->dir, strerror(errno));
	pg->lifeline = ends[1];
	fflush(NULL);
	if ((pg->guardian = fork()) == 0) {
		/* It holds nobody's terminal or pipe open. */
		close(ends[1]);
		if ((null = open("/dev/null", O_RDWR)) >= 0)
			for (int i = 0; i < 3; i++)
				dup2(null, i);
		guard(pg->dir, ends[0]);
	}
	close(ends[0]);
	if (pg->guardian < 0)
		return refuse(pg, "no process: %s", strerror(errno));
	if (!setup(pg->dir))
		return refuse(pg, "initdb, start or createdb failed");
	return true;
}

void
pg_stop(struct pg *pg)
{
	if (pg->lifeline >= 0)
		close(pg->lifeline);
	pg->lifeline = -1;
	if (pg->guardian > 0) {
		while (waitpid(pg->guardian, NULL, 0) < 0 && errno == EINTR)
			;
		pg->guardian = 0;
	} else if (pg->dir[0] != '\0') {
		rmdir(pg->dir);
	}
	pg->dir[0] = '\0';
}

bool
pg_restart(struct pg *pg, const char *mode)
{
	return ctl(pg->dir, "stop", mode) == 0 && ctl(pg->dir, "start", NULL) == 0;
}

void
pg_conninfo(const struct pg *pg, char *out, size_t out_len, const char *user)
{
	snprintf(out, out_len, "host=%s dbname=countersign user=%s", pg->dir, user);
}

PGconn *
pg_connect(const struct pg *pg, const char *user)
{
	char conninfo[256];
	PGconn *conn;

	pg_conninfo(pg, conninfo, sizeof(conninfo), user);
	conn = PQconnectdb(conninfo);
	if (PQstatus(conn) != CONNECTION_OK) {
		fprintf(stderr, "test: %s", PQerrorMessage(conn));
		abort();
	}
	return conn;
}

void
pg_publish(const struct pg *pg)
{
	setenv("COUNTERSIGN_TEST_PG", pg->dir, 1);
}

bool
pg_published(struct pg *pg)
{
	const char *dir = getenv("COUNTERSIGN_TEST_PG");

	memset(pg, 0, sizeof(*pg));
	pg->lifeline = -1;
	if (dir == NULL)
		return false;
	snprintf(pg->dir, sizeof(pg->dir), "%s", dir);
	return true;
}
