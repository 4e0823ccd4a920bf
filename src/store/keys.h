/*
 * The keys of the store, as files of a directory of their own, 32 bytes each.
 *
 *	inbox.pub     everybody: seals what kore puts into the inbox
 *	inbox.key     worker: opens the inbox (X25519 secret key)
 *	download.key  worker and kore: wraps a dump's own key as it stands in the
 *	              database
 *
 * So kore cannot read the inbox; and it can read a dump only with the wrapped
 * key, which leaves the database through the one function that checks the
 * session and writes the audit row (design, invariant 7).  Deleting the row
 * that holds the wrapped key destroys the dump, in every copy of the object.
 *
 * Files are 0600 where they are secret.  An installation with a user for each
 * process gives inbox.key to the worker's, download.key to a group of both with
 *0640; files that others can read are refused.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/error.h"

#define STORE_KEY_LEN 32

struct store_keys {
	uint8_t inbox_public[STORE_KEY_LEN];
	uint8_t inbox_secret[STORE_KEY_LEN];
	uint8_t download_key[STORE_KEY_LEN];
	bool has_inbox_public;
	bool has_inbox_secret;
	bool has_download_key;
};

/* Reads the files that are there and that this process may open; which, say the
 * has_ members: a process checks for those that it needs.  STORE_KEY_BAD if a
 * file is not 32 bytes long, or a secret one is open to others; STORE_NOT_FOUND
 * if there is no such directory. */
enum store_error store_keys_load(struct store_keys *out, const char *dir)
    __attribute__((warn_unused_result));
/* For kore: inbox.pub and download.key only, so that the others never enter its
 * memory, whoever owns the files. */
enum store_error store_keys_load_web(struct store_keys *out, const char *dir)
    __attribute__((warn_unused_result));
/* Makes the directory (0700) and the files that are missing; existing ones are
 * never replaced.  inbox.pub is made anew from inbox.key when it is missing. */
enum store_error store_keys_create(const char *dir)
    __attribute__((warn_unused_result));
/* Erases the memory. */
void store_keys_erase(struct store_keys *);

#endif
