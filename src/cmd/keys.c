/*
 * countersign keys: makes the store's keys below VAR/keys, those that are
 * missing.  Existing ones are never replaced: what they sealed would be lost.
 * Run as the user whose processes use them, or give them to that user after.
 */
#include <limits.h>
#include <stdio.h>

#include "base/settings.h"
#include "cmd/cmd.h"
#include "db/conninfo.h"
#include "store/keys.h"

int
cmd_keys(int argc, char **argv)
{
	const char *why;
	struct settings *s;
	char dir[PATH_MAX];
	enum store_error error;
	int n;

	(void)argv;
	if (argc != 1) {
		fputs("usage: countersign keys\n", stderr);
		return CMD_USAGE;
	}
	if ((s = settings_read(db_settings_path(), &why)) == NULL) {
		fprintf(stderr, "countersign keys: %s\n", why);
		return CMD_REFUSED;
	}
	n = snprintf(dir, sizeof(dir), "%s/keys", settings_string(s, "portal.var"));
	settings_free(s);
	if (n < 0 || (size_t)n >= sizeof(dir)) {
		fputs("countersign keys: portal.var is too long\n", stderr);
		return CMD_REFUSED;
	}
	if ((error = store_keys_create(dir)) != STORE_OK) {
		fprintf(stderr, "countersign keys: %s: %s\n", dir,
		    store_error_sentence(error));
		return CMD_REFUSED;
	}
	return CMD_DONE;
}
