/* Walking the audit chain; see audit.h. */
#include "db/audit.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Rows of one page: a few hundred bytes each. */
#define PAGE_ROWS 1000
/* A detail has some kilobytes at most; a row beyond this is not ours. */
#define ROW_MAX ((size_t)16 << 20)

static const struct {
	const char *code;
	const char *sentence;
} verdicts[] = {
    [AUDIT_WHOLE] = {"whole", "the chain is whole"},
    [AUDIT_GAP] = {"gap", "a row is missing before this one"},
    [AUDIT_UNLINKED] = {"unlinked", "this row does not continue the one before it"},
    [AUDIT_CHANGED] = {"changed", "this row was changed after it was written"},
    [AUDIT_OTHER] = {"other-head",
	"this row is not the one that the given head names"},
    [AUDIT_SHORT] = {"short", "the chain ends before the given head"},
};

const char *
audit_code(enum audit_verdict v)
{
	return verdicts[v].code;
}

const char *
audit_sentence(enum audit_verdict v)
{
	return verdicts[v].sentence;
}

bool
audit_parse_head(struct audit_head *out, const char *text)
{
	char *end;

	errno = 0;
	out->seq = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == ':' && out->seq > 0 &&
	    text_unhex(out->hash, AUDIT_HASH_LEN, end + 1);
}

/* What a row's hash covers: prev, then each field behind its length. */
static bool
row_hash(uint8_t out[AUDIT_HASH_LEN], const struct audit_head *prev,
    const PGresult *r, int row)
{
	static const char *const fields[] = {
	    "seq", "micros", "actor", "action", "object", "vendor", "detail"};
	struct buf b;
	bool ok;

	buf_init(&b, ROW_MAX);
	if (prev->seq > 0)
		buf_append(&b, prev->hash, AUDIT_HASH_LEN);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *value = db_text(r, row, db_col(r, fields[i]));

		buf_printf(&b, "%zu:", strlen(value));
		buf_puts(&b, value);
	}
	ok = buf_ok(&b);
	if (ok)
		crypto_hash_sha256(out, b.data, b.len);
	buf_free(&b);
	return ok;
}

/* Whether a bytea column is exactly this. */
static bool
column_is(
    const PGresult *r, int row, const char *name, const uint8_t *want, size_t len)
{
	struct buf b;
	bool same;

	buf_init(&b, 4096);
	same = db_bytes(r, row, db_col(r, name), &b) && b.len == len &&
	    (len == 0 || memcmp(b.data, want, len) == 0);
	buf_free(&b);
	return same;
}

static enum audit_verdict
check_row(struct audit_head *out_head, const struct audit_head *prev,
    const struct audit_head *expected, const PGresult *r, int row)
{
	out_head->seq = db_int(r, row, db_col(r, "seq"));
	if (out_head->seq != prev->seq + 1)
		return AUDIT_GAP;
	if (!column_is(
		r, row, "prev", prev->hash, prev->seq > 0 ? AUDIT_HASH_LEN : 0))
		return AUDIT_UNLINKED;
	if (!row_hash(out_head->hash, prev, r, row) ||
	    !column_is(r, row, "hash", out_head->hash, AUDIT_HASH_LEN))
		return AUDIT_CHANGED;
	if (expected != NULL && expected->seq == out_head->seq &&
	    memcmp(expected->hash, out_head->hash, AUDIT_HASH_LEN) != 0)
		return AUDIT_OTHER;
	return AUDIT_WHOLE;
}

enum db_error
audit_verify(
    struct db *d, struct audit_report *out, const struct audit_head *expected)
{
	struct db_args args;
	enum db_error e;
	PGresult *r;
	int n = PAGE_ROWS;

	memset(out, 0, sizeof(*out));
	while (out->verdict == AUDIT_WHOLE && n == PAGE_ROWS) {
		db_args_init(&args);
		/* One before the next: a row 0 or -1 would be a surprise to see. */
		db_arg_int(&args, out->num_rows == 0 ? INT64_MIN : out->head.seq);
		db_arg_int(&args, PAGE_ROWS);
		if ((e = db_run(d, QUERY_AUDIT_PAGE, &args, &r)) != DB_OK)
			return e;
		n = PQntuples(r);
		for (int i = 0; i < n && out->verdict == AUDIT_WHOLE; i++) {
			struct audit_head head;

			out->verdict = check_row(&head, &out->head, expected, r, i);
			if (out->verdict == AUDIT_WHOLE) {
				out->head = head;
				out->num_rows++;
			} else {
				out->seq = head.seq;
			}
		}
		PQclear(r);
	}
	if (out->verdict == AUDIT_WHOLE && expected != NULL &&
	    expected->seq > out->head.seq) {
		out->verdict = AUDIT_SHORT;
		out->seq = out->head.seq;
	}
	return DB_OK;
}
