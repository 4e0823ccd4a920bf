/*
 * Values of a result; see pg.h.
 */
#include "web/pg.h"

#include <stdlib.h>

int
pg_rows(const PGresult *r)
{
	return r == NULL ? 0 : PQntuples(r);
}

bool
pg_null(const PGresult *r, int row, int col)
{
	return row >= pg_rows(r) || col >= PQnfields(r) || PQgetisnull(r, row, col);
}

const char *
pg_text(const PGresult *r, int row, int col)
{
	return pg_null(r, row, col) ? "" : PQgetvalue(r, row, col);
}

int64_t
pg_int(const PGresult *r, int row, int col)
{
	return strtoll(pg_text(r, row, col), NULL, 10);
}

bool
pg_bool(const PGresult *r, int row, int col)
{
	return *pg_text(r, row, col) == 't';
}
