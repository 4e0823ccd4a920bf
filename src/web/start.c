/*
 * The beginning; see start.h.
 */
#include "web/start.h"

#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/settings.h"
#include "db/conninfo.h"
#include "store/seal.h"
#include "web/log.h"
#include "web/server.h"

struct web_server web = {.syncer = -1};

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "countersign: %s: %s\n", what, why);
	exit(2);
}

static void
path_in(char *out, size_t len, const struct web_server *w, const char *name)
{
	if ((size_t)snprintf(out, len, "%s/%s",
		settings_string(w->settings, "portal.var"), name) >= len)
		die("portal.var", "the path is too long");
}

/* Receipts are derived from request ids with this key: 32 bytes, made by
 * whoever comes first, like the others of the directory. */
static bool
receipt_key(struct web_server *w, const char *keys)
{
	char path[4096 + 16];
	uint8_t fresh[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%.4096s/web.key", keys);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		randombytes_buf(fresh, sizeof(fresh));
		n = write(fd, fresh, sizeof(fresh));
		if (n != (ssize_t)sizeof(fresh) || fsync(fd) != 0)
			unlink(path);
		close(fd);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, w->receipt_key, sizeof(w->receipt_key));
	close(fd);
	return n == (ssize_t)sizeof(w->receipt_key);
}

void
start_read(struct web_server *w)
{
	const char *error = NULL, *instance = getenv("COUNTERSIGN_INSTANCE");
	char path[4096];
	enum store_error e;

	w->settings = settings_read(db_settings_path(), &error);
	if (w->settings == NULL)
		die(db_settings_path(), error);
	w->host = settings_string(w->settings, "portal.host");
	w->challenge_lifetime = settings_number(w->settings, "challenge.lifetime");
	w->small_body = (size_t)settings_number(w->settings, "intake.small");
	w->max_body = (size_t)settings_number(w->settings, "intake.max");
	snprintf(w->teller, sizeof(w->teller), "web-%s-%d",
	    instance == NULL ? "1" : instance, (int)getpid());
	if (seal_init() != STORE_OK)
		die("libsodium", "does not start");
	path_in(path, sizeof(path), w, "dumps");
	if ((e = local_open(&w->dumps, path)) != STORE_OK)
		die(path, store_error_sentence(e));
	path_in(path, sizeof(path), w, "spool");
	if ((e = spool_open(&w->spool, path)) != STORE_OK)
		die(path, store_error_sentence(e));
	path_in(path, sizeof(path), w, "keys");
	e = store_keys_load_web(&w->keys, path);
	w->has_keys = e == STORE_OK && w->keys.has_inbox_public &&
	    w->keys.has_download_key && receipt_key(w, path);
	if (!w->has_keys)
		web_log("keys-missing", "directory=%s error=%s", path,
		    store_error_text(e));
}

/* ---- the syncer ------------------------------------------------------------ */

static void __attribute__((noreturn)) syncer_main(struct web_server *w, int fd)
{
	char message[64];
	ssize_t n;
	enum store_error e;

	prctl(PR_SET_NAME, "cs-syncer");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	store_keys_erase(&w->keys);
	sodium_memzero(w->receipt_key, sizeof(w->receipt_key));
	for (;;) {
		n = recv(fd, message, sizeof(message) - 1, 0);
		if (n <= 2)
			_exit(0); /* everybody has gone */
		message[n] = '\0';
		e = message[0] == 'S' ? spool_sync(&w->spool, message + 2)
				      : spool_unlink(&w->spool, message + 2);
		message[0] = e == STORE_OK ? 'K' : 'E';
		if (send(fd, message, (size_t)n, MSG_NOSIGNAL) < 0)
			_exit(0);
	}
}

void
start_syncer(struct web_server *w)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		die("syncer", "no socket pair");
	pid = fork();
	if (pid < 0)
		die("syncer", "no process");
	if (pid == 0) {
		close(pair[0]);
		syncer_main(w, pair[1]);
	}
	close(pair[1]);
	if (fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0)
		die("syncer", "no non-blocking socket");
	w->syncer = pair[0];
}
