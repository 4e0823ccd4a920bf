/* Settings and a connection for a verb; see connect.h. */
#include "cmd/connect.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/settings.h"
#include "db/conninfo.h"
#include "db/db.h"

struct settings *
cmd_settings(const char *verb)
{
	const char *error;
	struct settings *s = settings_read(db_settings_path(), &error);

	if (s == NULL)
		fprintf(stderr, "countersign %s: %s\n", verb, error);
	return s;
}

struct db *
cmd_connect(const char *verb, const struct settings *s, const char *role)
{
	const char *error = "no connection string";
	struct db *d = NULL;
	struct buf b;

	buf_init(&b, 0);
	if (db_conninfo(&b, s, role))
		d = db_open(buf_str(&b), role, &error);
	buf_free(&b);
	if (d == NULL)
		fprintf(stderr, "countersign %s: the database: %s\n", verb, error);
	return d;
}
