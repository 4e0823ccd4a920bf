/*
 * Asking for issuers, and handing them on.
 */
#include "work/issuers.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "work/memfd.h"

void
issuers_json(struct buf *out, char *const *urls, size_t num)
{
	struct json j;

	json_init(&j, out);
	json_begin_array(&j);
	for (size_t i = 0; i < num; i++)
		json_text(&j, urls[i]);
	json_end_array(&j);
}

static enum db_error
run(struct db *db, enum query q, const char *json, PGresult **out)
{
	struct db_args args;

	db_args_init(&args);
	db_arg_text(&args, json);
	return db_run(db, q, &args, out);
}

enum db_error
issuers_want(struct db *db, const char *urls_json)
{
	return run(db, QUERY_ISSUERS_WANT, urls_json, NULL);
}

enum db_error
issuers_used(struct db *db, char *const *urls, size_t num)
{
	enum db_error e;
	struct buf json;

	buf_init(&json, 0);
	issuers_json(&json, urls, num);
	e = run(db, QUERY_ISSUERS_USED, buf_str(&json), NULL);
	buf_free(&json);
	return e;
}

static void
fetched_json(struct buf *out, const PGresult *r)
{
	struct buf raw, text;
	struct json j;

	json_init(&j, out);
	json_begin_array(&j);
	for (int i = 0; r != NULL && i < PQntuples(r); i++) {
		buf_init(&raw, 0);
		buf_init(&text, 0);
		db_bytes(r, i, 1, &raw);
		text_base64(&text, bytes_of(raw.data, raw.len));
		json_begin_object(&j);
		json_kv_string(&j, "url", db_text(r, i, 0));
		json_kv_string(&j, "bytes", buf_str(&text));
		json_end_object(&j);
		buf_free(&raw);
		buf_free(&text);
	}
	json_end_array(&j);
}

enum db_error
issuers_memfd(int *out_fd, struct db *db, const char *urls_json)
{
	enum db_error e = DB_OK;
	PGresult *r = NULL;
	struct buf blob;

	*out_fd = -1;
	if (strcmp(urls_json, "[]") != 0)
		e = run(db, QUERY_ISSUERS_FETCHED, urls_json, &r);
	if (e != DB_OK)
		return e;
	buf_init(&blob, 0);
	fetched_json(&blob, r);
	PQclear(r);
	if (buf_ok(&blob))
		*out_fd = memfd_with(bytes_of(blob.data, blob.len));
	buf_free(&blob);
	return *out_fd < 0 ? DB_FAILED : DB_OK;
}
