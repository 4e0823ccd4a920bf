/*
 * The operator's roots file (conf/roots.conf says how it is written).
 */
#ifndef CMD_ROOTS_FILE_H
#define CMD_ROOTS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define ROOTS_FILE_MAX 512

struct certificate;

struct roots_entry {
	char section[128];
	char file[1024];
	char capabilities[128]; /* words of capability_by_text(), one space between
				 */
	char policies[1024];
	char issuing_keys[2200]; /* lower-case hex of 64, one space between */
	char reason[512];
	struct certificate *cert; /* owned */
};

struct roots_file {
	size_t num;
	struct roots_entry *entry; /* owned */
	char sha256[65];	   /* of the file's text */
	char error[512];	   /* what is wrong with it, and where */
};

/* False, with the sentence in error, when anything in it is wrong: a policy is
 * taken whole or not at all. roots_file_free() in both cases. */
bool roots_file_read(struct roots_file *out, const char *path);
void roots_file_free(struct roots_file *);

#endif
