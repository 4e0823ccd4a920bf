/*
 * Runs a command while a time-stamp authority of tests/support/tsa.c stands
 * ready, and tells it where: every TSA-URL among the arguments becomes the
 * authority's URL.
 *
 *	with_tsa CERT KEY COMMAND [ARGUMENT...]
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/tsa.h"

int
main(int argc, char **argv)
{
	char url[64];
	uint16_t port;

	if (argc < 4) {
		fprintf(stderr, "usage: with_tsa CERT KEY COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if ((port = tsa_start(argv[1], argv[2])) == 0)
		return 1;
	tsa_url(url, sizeof(url), port, 0);
	for (int i = 4; i < argc; i++)
		if (strcmp(argv[i], "TSA-URL") == 0)
			argv[i] = url;
	/* the authority ends with this process, which becomes the command */
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 1;
}
