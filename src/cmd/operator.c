/*
 * countersign operator: what the operator decides.
 *	trust FILE                       the roots, from a file, whole
 *	shared add KIND VALUE REASON     a signer who signs other people's code
 *	shared list
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/settings.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "cmd/roots_file.h"
#include "db/db.h"
#include "pki/certificate.h"
#include "work/trust_load.h"

static int
usage(void)
{
	fputs("usage: countersign operator trust FILE\n"
	      "       countersign operator shared add "
	      "subject|key|registration|subscriber "
	      "VALUE REASON\n"
	      "       countersign operator shared list\n",
	    stderr);
	return CMD_USAGE;
}

static enum db_error
audit(struct db *db, const char *action, const char *object)
{
	struct db_args args;

	db_args_init(&args);
	db_arg_text(&args, "operator");
	db_arg_text(&args, action);
	db_arg_text(&args, object);
	db_arg_null(&args);
	db_arg_text(&args, "{}");
	return db_run(db, QUERY_AUDIT_APPEND, &args, NULL);
}

/* ---- trust
 * ------------------------------------------------------------------------ */

static enum db_error
new_version(struct db *db, const char *reason, const char *sha256, int64_t *out)
{
	struct db_args args;
	enum db_error e;
	PGresult *r;

	db_args_init(&args);
	db_arg_text(&args, reason);
	db_arg_text(&args, sha256);
	if ((e = db_run_one(db, QUERY_POLICY_ADD, &args, &r)) == DB_OK)
		*out = db_int(r, 0, 0);
	PQclear(r);
	return e;
}

static enum db_error
put_root(struct db *db, const struct roots_entry *e, int64_t version)
{
	const struct certificate *c = e->cert;
	char sha256[65], spki[65];
	struct db_args args;
	enum db_error err;

	text_hex(sha256, c->sha256, 32);
	text_hex(spki, c->spki_sha256, 32);
	db_args_init(&args);
	db_arg_text(&args, sha256);
	db_arg_bytes(&args, bytes_of(c->der, c->der_len));
	db_arg_text(&args, c->subject);
	db_arg_text(&args, c->issuer);
	db_arg_text(&args, c->serial);
	db_arg_text(&args, spki);
	db_arg_int(&args, c->not_before);
	db_arg_int(&args, c->not_after);
	if ((err = db_run(db, QUERY_CERTIFICATE_PUT, &args, NULL)) != DB_OK)
		return err;
	db_args_init(&args);
	db_arg_text(&args, sha256);
	db_arg_text(&args, e->capabilities);
	db_arg_text(&args, e->policies);
	db_arg_text(&args, e->issuing_keys);
	db_arg_text(&args, e->reason);
	db_arg_int(&args, version);
	return db_run(db, QUERY_TRUST_ROOT_PUT, &args, NULL);
}

static enum db_error
load(struct db *db, const struct roots_file *f, int64_t *version, int *withdrawn)
{
	struct db_args args;
	enum db_error e;
	char object[64];
	PGresult *r;

	if ((e = db_begin(db)) != DB_OK ||
	    (e = new_version(db, "roots file", f->sha256, version)) != DB_OK)
		return e;
	for (size_t i = 0; i < f->num; i++)
		if ((e = put_root(db, &f->entry[i], *version)) != DB_OK)
			return e;
	db_args_init(&args);
	db_arg_int(&args, *version);
	if ((e = db_run(db, QUERY_TRUST_ROOT_WITHDRAW_OTHERS, &args, &r)) != DB_OK)
		return e;
	*withdrawn = PQntuples(r);
	PQclear(r);
	snprintf(object, sizeof(object), "policy %lld", (long long)*version);
	if ((e = audit(db, "roots loaded", object)) != DB_OK)
		return e;
	return db_commit(db);
}

static int
trust(struct db *db, const char *path)
{
	struct roots_file file;
	int64_t version = 0;
	int withdrawn = 0, rc = CMD_REFUSED;

	if (!roots_file_read(&file, path))
		fprintf(stderr, "countersign operator trust: %s\n", file.error);
	else if (load(db, &file, &version, &withdrawn) != DB_OK) {
		fprintf(stderr, "countersign operator trust: %s\n", db_message(db));
		db_rollback(db);
	} else {
		printf("policy %lld: %zu roots, %d withdrawn\n", (long long)version,
		    file.num, withdrawn);
		rc = CMD_DONE;
	}
	roots_file_free(&file);
	return rc;
}

/* ---- shared
 * ------------------------------------------------------------------------- */

static int
shared_add(struct db *db, const char *kind, const char *value, const char *reason)
{
	static const char *const kinds[] = {
	    "subject", "key", "registration", "subscriber"};
	struct db_args args;
	bool known = false;
	char none[65] = "";
	int64_t version;
	enum db_error e;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known = known || strcmp(kind, kinds[i]) == 0;
	if (!known || value[0] == '\0' || reason[0] == '\0')
		return usage();
	memset(none, '0', 64);
	if ((e = db_begin(db)) == DB_OK)
		e = new_version(db, "shared signer", none, &version);
	if (e == DB_OK) {
		db_args_init(&args);
		db_arg_text(&args, kind);
		db_arg_text(&args, value);
		db_arg_text(&args, reason);
		db_arg_int(&args, version);
		e = db_run(db, QUERY_SHARED_PUT, &args, NULL);
	}
	if (e == DB_OK)
		e = audit(db, "shared signer", value);
	if (e == DB_OK)
		e = db_commit(db);
	if (e == DB_OK)
		return CMD_DONE;
	fprintf(stderr, "countersign operator shared: %s\n", db_message(db));
	db_rollback(db);
	return CMD_REFUSED;
}

static int
shared_list(struct db *db)
{
	struct buf out;
	PGresult *r;

	if (db_run(db, QUERY_SHARED_LIST, NULL, &r) != DB_OK) {
		fprintf(
		    stderr, "countersign operator shared: %s\n", db_message(db));
		return CMD_REFUSED;
	}
	buf_init(&out, 0);
	for (int i = 0; i < PQntuples(r); i++) {
		buf_printf(&out, "%-13s", db_text(r, i, 0));
		text_visible(
		    &out, bytes_of(db_text(r, i, 1), strlen(db_text(r, i, 1))));
		buf_puts(&out, "  ");
		text_visible(
		    &out, bytes_of(db_text(r, i, 2), strlen(db_text(r, i, 2))));
		buf_putc(&out, '\n');
	}
	fputs(buf_str(&out), stdout);
	buf_free(&out);
	PQclear(r);
	return CMD_DONE;
}

int
cmd_operator(int argc, char **argv)
{
	bool is_trust = argc == 3 && strcmp(argv[1], "trust") == 0;
	bool is_add = argc == 6 && strcmp(argv[1], "shared") == 0 &&
	    strcmp(argv[2], "add") == 0;
	bool is_list = argc == 3 && strcmp(argv[1], "shared") == 0 &&
	    strcmp(argv[2], "list") == 0;
	struct settings *settings;
	struct db *db = NULL;
	int rc = CMD_REFUSED;

	if (!is_trust && !is_add && !is_list)
		return usage();
	if ((settings = cmd_settings("operator")) != NULL &&
	    (db = cmd_connect("operator", settings, "operator")) != NULL)
		rc = is_trust ? trust(db, argv[2])
		    : is_add  ? shared_add(db, argv[3], argv[4], argv[5])
			      : shared_list(db);
	db_close(db);
	settings_free(settings);
	return rc;
}
