/*
 * countersign vendor list: who has an account, what it rests on, how much it
 * sees.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/db.h"

static void
row_json(struct buf *out, const PGresult *r, int i)
{
	struct json j;

	json_init(&j, out);
	json_begin_object(&j);
	json_kv_int(&j, "vendor", db_int(r, i, db_col(r, "id")));
	json_kv_string(&j, "name", db_text(r, i, db_col(r, "name")));
	json_kv_string(&j, "assurance", db_text(r, i, db_col(r, "assurance")));
	json_kv_string(&j, "created_at", db_text(r, i, db_col(r, "created_at")));
	json_kv_string(&j, "last_proof", db_text(r, i, db_col(r, "last_proof")));
	json_kv_int(&j, "signers", db_int(r, i, db_col(r, "signers")));
	json_kv_int(&j, "hits", db_int(r, i, db_col(r, "hits")));
	json_end_object(&j);
}

static void
row_text(struct buf *out, const PGresult *r, int i)
{
	const char *name = db_text(r, i, db_col(r, "name"));

	buf_printf(out, "%6lld  %-13s%3lld signers%10lld hits  ",
	    (long long)db_int(r, i, db_col(r, "id")),
	    db_text(r, i, db_col(r, "assurance")),
	    (long long)db_int(r, i, db_col(r, "signers")),
	    (long long)db_int(r, i, db_col(r, "hits")));
	text_visible(out, bytes_of(name, strlen(name)));
}

static int
list(struct db *db, bool json)
{
	struct buf out;
	PGresult *r;

	if (db_run(db, QUERY_VENDOR_LIST, NULL, &r) != DB_OK) {
		fprintf(stderr, "countersign vendor: %s\n", db_message(db));
		return CMD_REFUSED;
	}
	buf_init(&out, 0);
	for (int i = 0; i < PQntuples(r); i++) {
		if (json)
			row_json(&out, r, i);
		else
			row_text(&out, r, i);
		buf_putc(&out, '\n');
	}
	fputs(buf_str(&out), stdout);
	buf_free(&out);
	PQclear(r);
	return CMD_DONE;
}

int
cmd_vendor(int argc, char **argv)
{
	bool json = argc == 3 && strcmp(argv[2], "--json") == 0;
	struct settings *settings;
	struct db *db = NULL;
	int rc = CMD_REFUSED;

	if (argc < 2 || argc > 3 || strcmp(argv[1], "list") != 0 ||
	    (argc == 3 && !json)) {
		fputs("usage: countersign vendor list [--json]\n", stderr);
		return CMD_USAGE;
	}
	if ((settings = cmd_settings("vendor")) != NULL &&
	    (db = cmd_connect("vendor", settings, "operator")) != NULL)
		rc = list(db, json);
	db_close(db);
	settings_free(settings);
	return rc;
}
