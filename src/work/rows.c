/*
 * JSON arrays as parameters.
 */
#include "work/rows.h"

/* A batch's examinations at their largest, and room. */
#define ROWS_MAX ((size_t)200 << 20)

void
rows_begin(struct rows *r)
{
	r->num = 0;
	buf_init(&r->buf, ROWS_MAX);
	json_init(&r->json, &r->buf);
	json_begin_array(&r->json);
}

enum db_error
rows_run(
    struct rows *r, enum db_error e, struct db *db, enum query q, PGresult **out)
{
	struct db_args args;

	if (out != NULL)
		*out = NULL;
	json_end_array(&r->json);
	if (e == DB_OK && r->num > 0) {
		const char *text = buf_str(&r->buf);

		db_args_init(&args);
		db_arg_text(&args, text);
		e = buf_ok(&r->buf) ? db_run(db, q, &args, out) : DB_FAILED;
	}
	buf_free(&r->buf);
	return e;
}

void
rows_raw(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	buf_puts(j->out, text);
	j->after_key = false;
}
