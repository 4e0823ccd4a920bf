/*
 * countersign import: dumps from files, into the same inbox that uploads go to.
 * The dump is the whole body (application/x-minidump); it is sealed for the
 * worker here, and read by nobody but the worker's child.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/db.h"
#include "store/keys.h"
#include "store/seal.h"

/* Bytes of one dump; a larger one goes through /submit, which spools it. */
#define IMPORT_MAX ((size_t)64 << 20)
/* One transaction: dumps and bytes. */
#define BATCH_JOBS  100
#define BATCH_BYTES ((size_t)4 << 20)

struct import {
	struct db *db;
	struct store_keys keys;
	bool received_dump, wait;
	unsigned num, failed, in_batch;
	size_t batch_bytes;
	struct buf ids; /* JSON: request ids, for --wait */
	struct json ids_json;
	struct buf receipts; /* likewise: hashes of receipts */
	struct json receipts_json;
};

static int
usage(void)
{
	fputs("usage: countersign import [--received dump] [--wait] FILE|DIR...\n"
	      "  --received dump  take the time of arrival from the dump (at most "
	      "60 days back)\n"
	      "  --wait           until all are processed\n",
	    stderr);
	return CMD_USAGE;
}

static bool
read_dump(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char part[65536];
	size_t n;
	bool ok;

	buf_init(out, IMPORT_MAX);
	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_append(out, part, n);
	ok = !ferror(f) && buf_ok(out);
	if (ok && out->len == 0) {
		errno = ENODATA;
		ok = false;
	} else if (!buf_ok(out))
		errno = EFBIG;
	fclose(f);
	return ok;
}

/* MINIDUMP_HEADER.TimeDateStamp; 0 for another kind of dump. */
static int64_t
time_of(struct bytes dump)
{
	uint32_t mark, at;

	if (!bytes_u32(dump, 0, &mark) || mark != 0x504d444d ||
	    !bytes_u32(dump, 20, &at))
		return 0;
	return at;
}

static enum db_error
commit_batch(struct import *im)
{
	struct db_args args;
	enum db_error e;
	PGresult *r;

	if (im->in_batch == 0)
		return DB_OK;
	db_args_init(&args);
	db_arg_text(&args, "import");
	if ((e = db_run_one(im->db, QUERY_INBOX_COMMIT, &args, &r)) != DB_OK)
		return e;
	PQclear(r);
	im->in_batch = 0;
	im->batch_bytes = 0;
	return db_commit(im->db);
}

static enum db_error
put(struct import *im, struct bytes dump, struct bytes box)
{
	uint8_t raw[16], receipt[32], md[32];
	char id[33], receipt_hex[65];
	struct db_args args;
	enum db_error e;
	PGresult *r;

	randombytes_buf(raw, sizeof(raw));
	randombytes_buf(receipt, sizeof(receipt));
	crypto_hash_sha256(md, receipt, sizeof(receipt));
	text_hex(id, raw, sizeof(raw));
	text_hex(receipt_hex, md, sizeof(md));
	if (im->in_batch == 0 && (e = db_begin(im->db)) != DB_OK)
		return e;
	db_args_init(&args);
	db_arg_text(&args, id);
	db_arg_text(&args, receipt_hex);
	db_arg_text(&args, "application/x-minidump");
	db_arg_text(&args, "");
	db_arg_text(&args, "");
	db_arg_int(&args, (int64_t)dump.len);
	db_arg_bytes(&args, box);
	db_arg_null(&args);
	if ((e = db_run_one(im->db, QUERY_INBOX_PUT, &args, &r)) != DB_OK)
		return e;
	PQclear(r);
	if (im->received_dump && time_of(dump) > 0) {
		db_args_init(&args);
		db_arg_text(&args, id);
		db_arg_int(&args, time_of(dump));
		if ((e = db_run(im->db, QUERY_INBOX_SET_RECEIVED, &args, NULL)) !=
		    DB_OK)
			return e;
	}
	json_text(&im->ids_json, id);
	json_text(&im->receipts_json, receipt_hex);
	im->in_batch++;
	im->batch_bytes += dump.len;
	if (im->in_batch >= BATCH_JOBS || im->batch_bytes >= BATCH_BYTES)
		return commit_batch(im);
	return DB_OK;
}

/* False: no use to go on. */
static bool
import_file(struct import *im, const char *path)
{
	enum db_error e = DB_OK;
	struct buf dump, box;

	buf_init(&box, 0);
	if (!read_dump(&dump, path)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		im->failed++;
	} else if (seal_box(&box, bytes_of(dump.data, dump.len),
		       im->keys.inbox_public) != STORE_OK) {
		fprintf(stderr, "%s: cannot be sealed\n", path);
		im->failed++;
	} else {
		e = put(
		    im, bytes_of(dump.data, dump.len), bytes_of(box.data, box.len));
		im->num += e == DB_OK;
	}
	buf_free(&dump);
	buf_free(&box);
	return e == DB_OK;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
import_all(struct import *im, char **paths)
{
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	bool go_on = fts != NULL;
	FTSENT *f;

	while (go_on && (f = fts_read(fts)) != NULL) {
		/* Of a folder only dumps; a file that was named is one. */
		size_t len = strlen(f->fts_name);
		bool dump = len > 4 &&
		    (strcmp(f->fts_name + len - 4, ".dmp") == 0 ||
			strcmp(f->fts_name + len - 5, ".mdmp") == 0);

		if (f->fts_info == FTS_F && (f->fts_level == 0 || dump))
			go_on = import_file(im, f->fts_path);
		else if (f->fts_info == FTS_NS || f->fts_info == FTS_DNR ||
		    f->fts_info == FTS_ERR) {
			fprintf(stderr, "%s: %s\n", f->fts_path,
			    strerror(f->fts_errno));
			im->failed++;
		}
	}
	if (fts != NULL)
		fts_close(fts);
	return go_on && commit_batch(im) == DB_OK;
}

static int64_t
ask(struct import *im, enum query q, struct buf *json)
{
	struct db_args args;
	int64_t n = -1;
	PGresult *r;

	db_args_init(&args);
	db_arg_text(&args, buf_str(json));
	if (db_run_one(im->db, q, &args, &r) == DB_OK)
		n = db_int(r, 0, 0);
	PQclear(r);
	return n;
}

/* Progress on standard error; false if the database went. */
static bool
wait_all(struct import *im)
{
	int64_t left, before = -1, lost;

	while ((left = ask(im, QUERY_INBOX_LEFT, &im->ids)) > 0) {
		if (left != before)
			fprintf(stderr, "%lld to be processed\n", (long long)left);
		before = left;
		usleep(250000);
	}
	lost = ask(im, QUERY_FAILURES_OF, &im->receipts);
	if (left < 0 || lost < 0)
		return false;
	if (lost > 0)
		fprintf(stderr, "%lld could not be processed\n", (long long)lost);
	im->failed += (unsigned)lost;
	return true;
}

static bool
open_all(struct import *im, const struct settings *settings)
{
	char path[4096];

	snprintf(
	    path, sizeof(path), "%s/keys", settings_string(settings, "portal.var"));
	if (seal_init() != STORE_OK ||
	    store_keys_load(&im->keys, path) != STORE_OK ||
	    !im->keys.has_inbox_public) {
		fprintf(stderr,
		    "countersign import: %s/inbox.pub: cannot be read\n", path);
		return false;
	}
	im->db = cmd_connect("import", settings, "operator");
	return im->db != NULL;
}

static int
run(struct import *im, char **paths)
{
	bool ok;

	buf_init(&im->ids, 0);
	buf_init(&im->receipts, 0);
	json_init(&im->ids_json, &im->ids);
	json_init(&im->receipts_json, &im->receipts);
	json_begin_array(&im->ids_json);
	json_begin_array(&im->receipts_json);
	ok = import_all(im, paths);
	json_end_array(&im->ids_json);
	json_end_array(&im->receipts_json);
	if (ok && im->wait)
		ok = wait_all(im);
	if (!ok)
		fprintf(stderr, "countersign import: %s\n", db_message(im->db));
	db_rollback(im->db);
	printf("%u dumps taken\n", im->num);
	buf_free(&im->ids);
	buf_free(&im->receipts);
	return ok && im->failed == 0 ? CMD_DONE : CMD_REFUSED;
}

int
cmd_import(int argc, char **argv)
{
	struct import im = {0};
	struct settings *settings;
	int rc = CMD_REFUSED, num = 0;

	/* options may stand anywhere; what is left are paths */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			im.wait = true;
		else if (strcmp(argv[i], "--received") == 0 && i + 1 < argc &&
		    strcmp(argv[i + 1], "dump") == 0) {
			im.received_dump = true;
			i++;
		} else if (strncmp(argv[i], "--", 2) == 0)
			return usage();
		else
			argv[num++] = argv[i];
	}
	if (num == 0)
		return usage();
	argv[num] = NULL;
	if ((settings = cmd_settings("import")) != NULL && open_all(&im, settings))
		rc = run(&im, argv);
	store_keys_erase(&im.keys);
	db_close(im.db);
	settings_free(settings);
	return rc;
}
