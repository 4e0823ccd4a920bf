/* Parameters of one statement; see args.h. */
#include "db/args.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
db_args_init(struct db_args *a)
{
	a->num = 0;
}

static int
next(struct db_args *a, const char *value, int length, int format)
{
	int i = a->num;

	if (i >= DB_ARGS_MAX) {
		fprintf(stderr, "db: more than %d parameters\n", DB_ARGS_MAX);
		abort();
	}
	a->value[i] = value;
	a->length[i] = length;
	a->format[i] = format;
	a->num++;
	return i;
}

void
db_arg_text(struct db_args *a, const char *value)
{
	next(a, value, 0, 0);
}

void
db_arg_bytes(struct db_args *a, struct bytes value)
{
	/* An empty value is no NULL, whatever its pointer. */
	const char *p = value.len == 0 ? "" : (const char *)value.p;

	/* PostgreSQL takes a gigabyte at most; an upload has 200 MB. */
	if (value.len > INT32_MAX / 2) {
		fprintf(stderr, "db: a parameter of %zu bytes\n", value.len);
		abort();
	}
	next(a, p, (int)value.len, 1);
}

void
db_arg_int(struct db_args *a, int64_t value)
{
	int i = next(a, NULL, 0, 0);

	snprintf(a->number[i], sizeof(a->number[i]), "%" PRId64, value);
	a->value[i] = a->number[i];
}

void
db_arg_bool(struct db_args *a, bool value)
{
	next(a, value ? "t" : "f", 0, 0);
}

void
db_arg_null(struct db_args *a)
{
	next(a, NULL, 0, 0);
}
