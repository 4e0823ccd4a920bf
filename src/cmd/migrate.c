/*
 * countersign migrate [--database CONNINFO]: brings the database to the schema of
 * this program. Connects as [database] owner unless told otherwise.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/settings.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/conninfo.h"
#include "db/migrate.h"

static void
say(const char *sentence)
{
	printf("%s\n", sentence);
	fflush(stdout);
}

static int
run(const char *conninfo)
{
	const char *error;
	int n;

	if (!migrate_apply(conninfo, say, &n, &error)) {
		fprintf(stderr, "countersign migrate: %s\n", error);
		return CMD_REFUSED;
	}
	if (n == 0)
		printf("the schema is up to date (%04d)\n", num_migrations);
	return CMD_DONE;
}

int
cmd_migrate(int argc, char **argv)
{
	struct settings *s;
	struct buf b;
	int rc = CMD_REFUSED;

	if (argc == 3 && strcmp(argv[1], "--database") == 0)
		return run(argv[2]);
	if (argc != 1) {
		fputs("usage: countersign migrate [--database CONNINFO]\n", stderr);
		return CMD_USAGE;
	}
	if ((s = cmd_settings("migrate")) == NULL)
		return CMD_REFUSED;
	buf_init(&b, 0);
	if (db_conninfo(&b, s, "owner"))
		rc = run(buf_str(&b));
	buf_free(&b);
	settings_free(s);
	return rc;
}
