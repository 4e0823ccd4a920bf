/* Connection strings from the settings; see conninfo.h. */
#include "db/conninfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/settings.h"

#define PATH_LEN 4096

const char *
db_settings_path(void)
{
	const char *path = getenv("COUNTERSIGN_CONF");

	return path != NULL && *path != '\0' ? path : "conf/countersign.ini";
}

/* A value as libpq's parser reads it: in quotes, with ' and \ escaped. */
static void
put_value(struct buf *out, const char *key, const char *dir, const char *rest)
{
	buf_printf(out, "%s%s='", out->len > 0 ? " " : "", key);
	for (int part = 0; part < 2; part++) {
		for (const char *p = part == 0 ? dir : rest; *p != '\0'; p++) {
			if (*p == '\'' || *p == '\\')
				buf_putc(out, '\\');
			buf_putc(out, *p);
		}
	}
	buf_putc(out, '\'');
}

static bool
absolute(char out[PATH_LEN], const char *path)
{
	char cwd[PATH_LEN];
	int n;

	if (path[0] == '/')
		n = snprintf(out, PATH_LEN, "%s", path);
	else if (getcwd(cwd, sizeof(cwd)) == NULL)
		return false;
	else
		n = snprintf(out, PATH_LEN, "%s/%s", cwd, path);
	return n > 0 && n < PATH_LEN;
}

static bool
is_role(const char *role)
{
	static const char *const roles[] = {
	    "web", "worker", "operator", "fetcher", "owner"};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(role, roles[i]) == 0)
			return true;
	return false;
}

bool
db_conninfo(struct buf *out, const struct settings *s, const char *role)
{
	char key[64], user[64], rest[64], var[PATH_LEN];
	const char *given;

	if (!is_role(role))
		return false;
	snprintf(key, sizeof(key), "database.%s", role);
	given = settings_string(s, key);
	if (*given != '\0') {
		buf_puts(out, given);
		return buf_ok(out);
	}
	if (!absolute(var, settings_string(s, "portal.var")))
		return false;
	if (strcmp(role, "owner") == 0)
		snprintf(user, sizeof(user), "postgres");
	else
		snprintf(user, sizeof(user), "countersign_%s", role);
	snprintf(rest, sizeof(rest), "/keys/%s.pgpass", role);
	put_value(out, "host", var, "/run/pg");
	put_value(out, "dbname", "", settings_string(s, "database.name"));
	put_value(out, "user", "", user);
	put_value(out, "passfile", var, rest);
	return buf_ok(out);
}
