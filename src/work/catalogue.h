/*
 * Filling the catalogue: a file is examined in a child and becomes rows.
 */
#ifndef WORK_CATALOGUE_H
#define WORK_CATALOGUE_H

#include "work/binary.h"
#include "work/zygote.h"

struct catalogue {
	struct db *db;	       /* borrowed; role operator or worker */
	struct zygote *zygote; /* borrowed */
	int trust_fd;	       /* owned; -1 before the first file */
	int64_t policy;
	const char *added_by; /* "operator" */
	unsigned timeout_ms;
	bool ask_fetcher; /* for issuers that a file left out */
};

enum catalogue_outcome {
	CATALOGUE_STORED,
	CATALOGUE_NOT_PE,	 /* nothing was stored */
	CATALOGUE_UNREADABLE,	 /* the file cannot be opened or read; errno */
	CATALOGUE_UNPROCESSABLE, /* its child failed; note says how */
	CATALOGUE_NO_POLICY,	 /* no roots were ever loaded */
	CATALOGUE_DATABASE	 /* db_message() says */
};

struct catalogue_entry {
	char name[256]; /* as stored, lower case */
	char sha256[65], sha1[41];
	int64_t size;
	struct binary binary;
	struct binary_standing judged;
	char standing[16]; /* as it stands in the database now */
	bool kept;	   /* somebody held it before: nothing moved */
	bool rival;	   /* and that is not this file's signer */
	char note[256];
};

/* Examines and stores one file, in one transaction. catalogue_entry_free()
 * whatever is returned; allocate the entry, it is large. */
enum catalogue_outcome catalogue_add(
    struct catalogue *, struct catalogue_entry *out, const char *path);
void catalogue_entry_free(struct catalogue_entry *);
void catalogue_close(struct catalogue *);

#endif
