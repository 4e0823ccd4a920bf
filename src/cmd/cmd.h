/*
 * The command line: one verb a file, each a function that is called as main()
 * would be, with its own name in argv[0].  To add one, write src/cmd/NAME.c
 * with `int cmd_NAME(int argc, char **argv)` and add a line to verbs.def.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/* What a verb returns, and with what the process ends (design, section 7). */
enum cmd_exit {
	CMD_DONE = 0,
	CMD_REFUSED = 1, /* refused or failed */
	CMD_USAGE = 2
};

#define VERB(name, function, help) int function(int argc, char **argv);
#include "cmd/verbs.def"
#undef VERB

#endif
