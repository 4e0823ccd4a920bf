/*
 * countersign VERB: finds the verb in verbs.def and calls it.  Whatever a verb
 * needs (settings, a database) it opens itself, so that one that needs nothing
 * starts at once.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct verb verbs[] = {
#define VERB(name, function, help) {name, function, help},
#include "cmd/verbs.def"
#undef VERB
};

#define NUM_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void
usage(FILE *to)
{
	fputs("usage: countersign VERB [ARGUMENT...]\n", to);
	for (size_t i = 0; i < NUM_VERBS; i++)
		fprintf(to, "  %-12s%s\n", verbs[i].name, verbs[i].help);
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (name == NULL) {
		usage(stderr);
		return CMD_USAGE;
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0) {
		usage(stdout);
		return CMD_DONE;
	}
	for (size_t i = 0; i < NUM_VERBS; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "countersign: there is no verb \"%s\"\n", name);
	usage(stderr);
	return CMD_USAGE;
}
