/* Signing in tests; see signing.h. */
#include "signing.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/tsa.h"

#define PATHS 8

static const char script[] = "tests/data/pki/make-pki.sh";
static char folder[256], pki[256];

static const char *
temporary(void)
{
	return getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
}

static void
remove_folder(void)
{
	char command[512];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s stays behind\n", folder);
}

static void
make_folder(void)
{
	if (folder[0] != '\0')
		return;
	snprintf(
	    folder, sizeof(folder), "%s/countersign-signing-XXXXXX", temporary());
	cr_assert_not_null(mkdtemp(folder));
	atexit(remove_folder);
}

/* One directory for each state of the script, under a lock, since every test
 * is a process of its own. */
static void
make_pki(void)
{
	char command[1024], mark[300];
	struct stat st;
	int lock;

	if (pki[0] != '\0')
		return;
	cr_assert_eq(stat(script, &st), 0, "run from the repository's root");
	snprintf(pki, sizeof(pki), "%s/countersign-test-pki-%u-%llx", temporary(),
	    (unsigned)getuid(),
	    (unsigned long long)st.st_mtim.tv_sec * 1000 +
		(unsigned long long)st.st_size);
	mkdir(pki, 0700);
	cr_assert_eq(lstat(pki, &st), 0);
	cr_assert(
	    S_ISDIR(st.st_mode) && st.st_uid == getuid(), "%s is not ours", pki);
	lock = open(pki, O_RDONLY | O_DIRECTORY);
	cr_assert(lock >= 0 && flock(lock, LOCK_EX) == 0);
	snprintf(mark, sizeof(mark), "%s/done", pki);
	if (access(mark, F_OK) != 0) {
		snprintf(command, sizeof(command),
		    "%s '%s/pki' http://aia.example.test && touch '%s'", script,
		    pki, mark);
		cr_assert_eq(system(command), 0);
	}
	close(lock);
	snprintf(pki + strlen(pki), sizeof(pki) - strlen(pki), "/pki");
}

static const char *
path_in(const char *dir, const char *name)
{
	static char path[PATHS][512];
	static unsigned next;
	char *p = path[next++ % PATHS];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

const char *
signing_pki(const char *name)
{
	make_pki();
	return path_in(pki, name);
}

const char *
signing_path(const char *name)
{
	make_folder();
	return path_in(folder, name);
}

bool
signing_possible(void)
{
	if (system("command -v osslsigncode > /dev/null") == 0)
		return true;
	cr_log_warn("skipped: osslsigncode is not installed");
	return false;
}

void
signing_run(const char *format, ...)
{
	char command[4096], all[4800];
	va_list args;

	make_folder();
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	snprintf(all, sizeof(all),
	    "{ %s; } > '%s/log' 2>&1 || { cat '%s/log' >&2; false; }", command,
	    folder, folder);
	cr_assert_eq(system(all), 0, "%s", command);
}

void
signing_sign(const char *in, const char *out, const char *signer, const char *key,
    const char *options)
{
	char chain[64], key_name[64];

	snprintf(chain, sizeof(chain), "%s.chain.pem", signer);
	if (access(signing_pki(chain), R_OK) != 0)
		snprintf(chain, sizeof(chain), "%s.pem", signer);
	snprintf(key_name, sizeof(key_name), "%s.key", key != NULL ? key : signer);
	unlink(signing_path(out));
	signing_run("osslsigncode sign -certs '%s' -key '%s' %s -in '%s' -out '%s'",
	    signing_pki(chain), signing_pki(key_name), options, signing_path(in),
	    signing_path(out));
}

const char *
signing_stamp(int64_t at)
{
	static char options[PATHS][80];
	static unsigned next;
	static uint16_t port;
	char url[64], *p = options[next++ % PATHS];

	if (port == 0)
		port =
		    tsa_start(signing_pki("tsa.chain.pem"), signing_pki("tsa.key"));
	cr_assert_neq(port, 0);
	tsa_url(url, sizeof(url), port, at);
	snprintf(p, sizeof(options[0]), "-ts %s", url);
	return p;
}

/* The generator lies beside the test's own program. */
void
signing_make_pe(const char *name, const char *options)
{
	char self[512], *slash;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	cr_assert(len > 0);
	self[len] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	signing_run("'%s/make_pe' %s '%s'", self, options, signing_path(name));
}

/* What was read, so that a test need not free it. */
static struct kept {
	struct kept *before;
} * kept;

static void
free_kept(void)
{
	struct kept *block;

	while ((block = kept) != NULL) {
		kept = block->before;
		free(block);
	}
}

struct bytes
signing_read(const char *name)
{
	FILE *f = fopen(signing_path(name), "rb");
	struct kept *block;
	struct stat st;
	uint8_t *data;

	cr_assert_not_null(f, "%s", name);
	cr_assert_eq(fstat(fileno(f), &st), 0);
	block = malloc(sizeof(*block) + (size_t)st.st_size);
	cr_assert_not_null(block);
	if (kept == NULL)
		atexit(free_kept);
	block->before = kept;
	kept = block;
	data = (uint8_t *)(block + 1);
	cr_assert_eq(fread(data, 1, (size_t)st.st_size, f), (size_t)st.st_size);
	fclose(f);
	return bytes_of(data, (size_t)st.st_size);
}

void
signing_write(const char *name, struct bytes data)
{
	FILE *f = fopen(signing_path(name), "wb");

	cr_assert_not_null(f, "%s", name);
	cr_assert_eq(fwrite(data.p, 1, data.len, f), data.len);
	fclose(f);
}
