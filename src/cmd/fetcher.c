/*
 * countersign fetcher: the only process that goes out. It serves the queue of
 * wanted issuers until it is told to stop; it parses nothing but HTTP, holds no
 * key and can read no other table.
 */
#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/settings.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/conninfo.h"
#include "db/db.h"
#include "fetch/fetcher.h"
#include "work/log.h"

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

/* The database may start after us. */
static struct db *
open_database(const struct settings *settings)
{
	const char *why = NULL;
	struct db *db = NULL;
	struct buf conninfo;

	buf_init(&conninfo, 0);
	if (!db_conninfo(&conninfo, settings, "fetcher"))
		stopping = 1;
	while (!stopping &&
	    (db = db_open(buf_str(&conninfo), "fetcher", &why)) == NULL) {
		log_event("database-wait", "why=\"%s\"", why);
		poll(NULL, 0, 1000);
	}
	buf_free(&conninfo);
	if (db != NULL)
		(void)!db_listen(db, "countersign_fetch");
	return db;
}

static void
serve(struct db *db, const char *hosts)
{
	while (!stopping) {
		const char *code;
		char *url;
		enum db_error e = fetcher_next(db, hosts, &url, &code);

		if (e != DB_OK)
			log_event("database-error", "why=\"%s\"", db_message(db));
		else if (url != NULL)
			log_event("fetched", "url=\"%s\" outcome=%s", url, code);
		else
			db_wait(db, 1000, NULL);
		free(url);
		while (!stopping && !db_alive(db) && !db_reopen(db, 2))
			log_event("database-wait", "why=\"%s\"", db_message(db));
		if (e != DB_OK && db_alive(db))
			poll(NULL, 0, 500);
	}
}

int
cmd_fetcher(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_term};
	struct settings *settings;
	const char *hosts;
	struct db *db;

	(void)argv;
	if (argc != 1) {
		fputs("usage: countersign fetcher\n", stderr);
		return CMD_USAGE;
	}
	log_name("fetcher");
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	if ((settings = cmd_settings("fetcher")) == NULL)
		return CMD_REFUSED;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	hosts = settings_get(settings, "fetch.hosts");
	if ((db = open_database(settings)) != NULL) {
		log_event("ready", "pid=%d", (int)getpid());
		serve(db, hosts == NULL ? "" : hosts);
	}
	db_close(db);
	settings_free(settings);
	curl_global_cleanup();
	return CMD_DONE;
}
