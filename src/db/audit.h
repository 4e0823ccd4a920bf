/*
 * Walking the audit chain (invariant 8): every row's hash is computed again from
 * its fields and the hash before it, as countersign.audit_hash() in
 * migrations/0006_audit.sql does.
 *
 * A chain that was cut off at its end is whole in itself. Only a head that was
 * noted elsewhere before shows it: give that as the expected one.
 */
#ifndef DB_AUDIT_H
#define DB_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

#define AUDIT_HASH_LEN 32

/* A row's number and hash; a head of the chain when it is the last. */
struct audit_head {
	int64_t seq; /* 0: no row */
	uint8_t hash[AUDIT_HASH_LEN];
};

enum audit_verdict {
	AUDIT_WHOLE = 0,
	AUDIT_GAP,	/* a row is missing, or one is there twice */
	AUDIT_UNLINKED, /* its prev is not the hash before it */
	AUDIT_CHANGED,	/* its hash is not that of its fields */
	AUDIT_OTHER,	/* the expected head's row has another hash */
	AUDIT_SHORT	/* the chain ends before the expected head */
};

struct audit_report {
	enum audit_verdict verdict;
	int64_t num_rows;	/* that were found right */
	int64_t seq;		/* where it breaks; 0 when whole */
	struct audit_head head; /* the last right row */
};

/* Reads the whole chain, some rows at a time, in the operator's connection.
 * expected may be NULL. DB_OK fills *out, whatever the verdict is. */
enum db_error audit_verify(struct db *, struct audit_report *out,
    const struct audit_head *expected) __attribute__((warn_unused_result));
/* A stable code ("changed") and a sentence. Static. */
const char *audit_code(enum audit_verdict);
const char *audit_sentence(enum audit_verdict);
/* "SEQ:HASH" as `countersign audit verify` prints it, hash in 64 hex digits. */
bool audit_parse_head(struct audit_head *out, const char *text);

#endif
