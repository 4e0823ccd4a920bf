/*
 * A small portal for one test; see site.h.
 */
#include "tests/work/site.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/signing.h"

/* The folder of this build. */
static const char *
built(const char *name)
{
	static char path[2][600];
	static unsigned next;
	char self[512], *p = path[next++ % 2];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	cr_assert(len > 0);
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(p, sizeof(path[0]), "%s/%s", self, name);
	return p;
}

static const char *
program(void)
{
	return built("../countersign");
}

void
site_set(const char *section, const char *key, const char *value)
{
	FILE *f = fopen(signing_path("settings.ini"), "a");

	cr_assert_not_null(f);
	fprintf(f, "[%s]\n%s = %s\n", section, key, value);
	fclose(f);
}

static void
write_settings(const struct site *s)
{
	static const char *const roles[] = {"worker", "operator", "fetcher"};
	char info[256], user[64];

	site_set("portal", "host", "portal.test");
	site_set("portal", "var", signing_path("var"));
	cr_assert_eq(mkdir(signing_path("var"), 0700), 0);
	pg_conninfo(&s->pg, info, sizeof(info), "postgres");
	site_set("database", "owner", info);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		snprintf(user, sizeof(user), "countersign_%s", roles[i]);
		pg_conninfo(&s->pg, info, sizeof(info), user);
		site_set("database", roles[i], info);
	}
	setenv("COUNTERSIGN_SETTINGS", signing_path("settings.ini"), 1);
}

static void
write_roots(void)
{
	FILE *f = fopen(signing_path("roots.conf"), "w");

	cr_assert_not_null(f);
	fprintf(f,
	    "[a]\nfile = %s\ncapabilities = binaries sign-in "
	    "registration\nreason = test\n"
	    "[b]\nfile = %s\ncapabilities = binaries sign-in "
	    "subscriber\nreason = test\n",
	    signing_pki("root-a.pem"), signing_pki("root-b.pem"));
	fclose(f);
}

bool
site_start(struct site *s)
{
	const char *why;

	memset(s, 0, sizeof(*s));
	if (!signing_possible())
		return false;
	if (!pg_start(&s->pg, &why)) {
		cr_log_warn("skipped: %s", why);
		return false;
	}
	write_settings(s);
	site_run(0, "migrate");
	site_run(0, "keys");
	write_roots();
	site_run(0, "operator trust '%s'", signing_path("roots.conf"));
	s->conn = pg_connect(&s->pg, "postgres");
	return true;
}

void
site_stop(struct site *s)
{
	if (s->worker > 0)
		site_worker_stop(s);
	if (s->fetcher > 0) {
		kill(s->fetcher, SIGTERM);
		waitpid(s->fetcher, NULL, 0);
	}
	PQfinish(s->conn);
	pg_stop(&s->pg);
}

void
site_run(int status, const char *format, ...)
{
	char command[4096], all[6000];
	va_list args;
	int rc;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	snprintf(all, sizeof(all), "%s %s > '%s' 2>&1", program(), command,
	    signing_path("out"));
	rc = system(all);
	if (!WIFEXITED(rc) || WEXITSTATUS(rc) != status) {
		struct bytes out = signing_read("out");

		cr_assert_fail("%s: exit %d\n%.*s", command, WEXITSTATUS(rc),
		    (int)out.len, (const char *)out.p);
	}
}

static pid_t
spawn(const char *verb)
{
	char log[600];
	pid_t pid;

	snprintf(log, sizeof(log), "%s.log", verb);
	snprintf(log, sizeof(log), "%s", signing_path(log));
	cr_assert_geq(pid = fork(), 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		cr_assert_not_null(freopen(log, "a", stderr));
		execl(program(), "countersign", verb, (char *)NULL);
		_exit(127);
	}
	return pid;
}

void
site_worker(struct site *s)
{
	s->worker = spawn("worker");
}

void
site_fetcher(struct site *s)
{
	s->fetcher = spawn("fetcher");
}

void
site_worker_stop(struct site *s)
{
	int status = -1;

	kill(s->worker, SIGTERM);
	cr_assert_eq(waitpid(s->worker, &status, 0), s->worker);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "worker: status %x", status);
	s->worker = 0;
}

pid_t
site_process(const struct site *s)
{
	char command[128];
	long pid = 0;
	FILE *f;

	snprintf(
	    command, sizeof(command), "pgrep -P %d | head -n 1", (int)s->worker);
	cr_assert_not_null(f = popen(command, "r"));
	if (fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	pclose(f);
	return (pid_t)pid;
}

int64_t
site_number(const struct site *s, const char *sql)
{
	PGresult *r = PQexec(s->conn, sql);
	int64_t n = -1;

	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", sql,
	    PQerrorMessage(s->conn));
	if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
		n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

void
site_sql(const struct site *s, const char *sql)
{
	PGresult *r = PQexec(s->conn, sql);

	cr_assert(PQresultStatus(r) == PGRES_TUPLES_OK ||
		PQresultStatus(r) == PGRES_COMMAND_OK,
	    "%s: %s", sql, PQerrorMessage(s->conn));
	PQclear(r);
}

void
site_wait(const struct site *s, const char *sql, int64_t value, unsigned seconds)
{
	int64_t seen = -1;

	for (unsigned i = 0; i < seconds * 20; i++) {
		if ((seen = site_number(s, sql)) == value)
			return;
		usleep(50000);
	}
	cr_assert_fail(
	    "%s: %lld, and not %lld", sql, (long long)seen, (long long)value);
}

/* ---- material -------------------------------------------------------------------
 */

static const struct material {
	const char *name, *signer, *version, *guid;
	unsigned long long base;
	unsigned timestamp, size;
} material[] = {
    {"host.exe", "subscriber", "4.2.0.17", "10000000000000000000000000000001",
	0x140000000, 1741684364, 0x64000},
    {"meter.dll", "ev", "2.1.0.14", "20000000000000000000000000000002", 0x180000000,
	1743602431, 0x2a000},
    {"reverb.dll", "ov", "1.3.0.221", "30000000000000000000000000000003",
	0x190000000, 1743602432, 0x31000},
};
#define NUM_MATERIAL (sizeof(material) / sizeof(material[0]))

void
site_catalogue(void)
{
	char options[256];

	for (size_t i = 0; i < NUM_MATERIAL; i++) {
		const struct material *m = &material[i];

		snprintf(options, sizeof(options),
		    "--name %s --version %s --timestamp %u --image-size %u "
		    "--pdb %s.pdb "
		    "--guid %s --age 1",
		    m->name, m->version, m->timestamp, m->size, m->name, m->guid);
		signing_make_pe("unsigned", options);
		signing_sign("unsigned", m->name, m->signer, NULL, "-h sha256");
		site_run(0, "catalogue add --no-fetch '%s'", signing_path(m->name));
	}
}

void
site_dump(const char *name, const char *module, unsigned offset, unsigned number)
{
	char modules[1024] = "", file[128];
	unsigned long long base = 0;
	size_t used = 0;

	for (size_t i = 0; i < NUM_MATERIAL; i++) {
		const struct material *m = &material[i];

		used += (size_t)snprintf(modules + used, sizeof(modules) - used,
		    "--module %s,0x%llx,%u,%u,0,%s,%s.pdb,%s,1 ", m->name, m->base,
		    m->size, m->timestamp, m->version, m->name, m->guid);
		if (strcmp(m->name, module) == 0)
			base = m->base;
	}
	snprintf(file, sizeof(file), "%s.dmp", name);
	signing_run("'%s' %s --time %u --exception 0xc0000005,0x%llx,0,0x18 "
		    "--frames 0x140002000 '%s'",
	    built("make_minidump"), modules, 1780000000 + number, base + offset,
	    signing_path(file));
}
