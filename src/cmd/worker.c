/*
 * countersign worker: the queue's processes (work/worker.h). --process is what
 * the supervisor calls itself with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "cmd/cmd.h"
#include "db/conninfo.h"
#include "work/worker.h"

static int
usage(void)
{
	fputs("usage: countersign worker\n", stderr);
	return CMD_USAGE;
}

int
cmd_worker(int argc, char **argv)
{
	struct settings *settings;
	const char *error = NULL;
	int64_t num;

	if (argc == 5 && strcmp(argv[1], "--process") == 0 &&
	    strcmp(argv[3], "--hand") == 0)
		return worker_process((unsigned)strtoul(argv[2], NULL, 10),
		    (int)strtol(argv[4], NULL, 10));
	if (argc != 1)
		return usage();
	if ((settings = settings_read(db_settings_path(), &error)) == NULL) {
		fprintf(stderr, "countersign worker: %s\n", error);
		return CMD_REFUSED;
	}
	num = settings_number(settings, "worker.processes");
	settings_free(settings);
	if (num < 1 || num > 64) {
		fputs("countersign worker: worker.processes is a number from 1 to "
		      "64\n",
		    stderr);
		return CMD_USAGE;
	}
	return supervisor_run((unsigned)num);
}
