/* Values of a result row, in text format; see db.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/db.h"

static bool
present(const PGresult *r, int row, int col)
{
	return r != NULL && row >= 0 && row < PQntuples(r) && col >= 0 &&
	    col < PQnfields(r) && !PQgetisnull(r, row, col);
}

const char *
db_text(const PGresult *r, int row, int col)
{
	return present(r, row, col) ? PQgetvalue(r, row, col) : "";
}

int64_t
db_int(const PGresult *r, int row, int col)
{
	const char *text = db_text(r, row, col);
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' ? 0 : n;
}

bool
db_bool(const PGresult *r, int row, int col)
{
	return db_text(r, row, col)[0] == 't';
}

/* bytea_output is hex, as it has been since PostgreSQL 9.0: "\x" and digits. */
bool
db_bytes(const PGresult *r, int row, int col, struct buf *out)
{
	const char *text = db_text(r, row, col);
	size_t len;
	uint8_t *p;

	if (!present(r, row, col))
		return true;
	if (text[0] != '\\' || text[1] != 'x' || strlen(text) % 2 != 0)
		return false;
	len = strlen(text + 2) / 2;
	if (len == 0)
		return true;
	if ((p = buf_extend(out, len)) == NULL)
		return false;
	return text_unhex(p, len, text + 2);
}

int
db_col(const PGresult *r, const char *name)
{
	int col = PQfnumber(r, name);

	assert(col >= 0);
	return col;
}
