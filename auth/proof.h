/*
 * What a vendor has shown, and what that opens (design, section 5): the words
 * of the child that judged a signature are read here, with every field checked,
 * and become certificate, signers, proof, grants and session rows.
 */
#ifndef AUTH_PROOF_H
#define AUTH_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "db/db.h"

#define PROOF_MAX_IDENTITIES 8
#define PROOF_MAX_TEXT	     512
#define PROOF_MAX_URLS	     5
/* Bytes of the child's answer that are looked at. */
#define PROOF_MAX_ANSWER ((size_t)1 << 20)

struct proof_identity {
	char kind[16]; /* "subscriber", "registration", "key" */
	char value[PROOF_MAX_TEXT];
	char display[PROOF_MAX_TEXT];
};

/* The certificate that signed. */
struct proof_signer {
	bool present;
	struct buf der;
	char sha256[65]; /* of der, computed here */
	char subject[PROOF_MAX_TEXT], issuer[PROOF_MAX_TEXT];
	char common_name[PROOF_MAX_TEXT], organisation[PROOF_MAX_TEXT];
	char serial[128];
	char spki_sha256[65];
	int64_t not_before, not_after;
	bool self_signed;
	size_t num_identities; /* strongest first */
	struct proof_identity identity[PROOF_MAX_IDENTITIES];
};

struct proof {
	bool accepted;
	char reason[64]; /* stable code; "" when accepted */
	char *result;	 /* owned: JSON for attempt.result */
	struct proof_signer signer;
	size_t num_wanted;
	char *wanted[PROOF_MAX_URLS]; /* owned: where issuers may be found */
	size_t num_used;
	char *
	    used[PROOF_MAX_URLS]; /* owned: whence issuers came that proved right */
};

/* {"signer":{..}|null,"identities":[..]} of a JSON object that a child wrote.
 * False if a field that is there is not of its form; *out is to be freed in
 * both cases. */
bool proof_signer_read(struct proof_signer *out, const void *jansson_object);
void proof_signer_free(struct proof_signer *);
/* TASK_PROOF's answer. False if it is not of its form: then nothing of it
 * counts. proof_free() in both cases. */
bool proof_read(struct proof *out, struct bytes answer);
void proof_free(struct proof *);
/* "wanted" or "used" of an answer: addresses of at most 1,024 bytes, five. */
size_t proof_urls_read(
    char *out[PROOF_MAX_URLS], const void *jansson_object, const char *key);

/* What may be said beside a name: "registration", "organisation", "key",
 * "claimed"; of one identity, and of the whole signer (its strongest). */
const char *proof_identity_assurance(
    const struct proof_signer *, const struct proof_identity *);
const char *proof_assurance(const struct proof_signer *);
/* The name to show: O where a CA checked it, else CN, else the subject. */
const char *proof_name(const struct proof_signer *);

/* [{"kind","value"}], strongest first. */
void proof_identities_json(struct buf *out, const struct proof_signer *);

/* Writes the certificate, and signer rows for its identities; their ids, in the
 * same order, to out_signers. */
enum db_error proof_signer_store(struct db *, const struct proof_signer *,
    int64_t out_signers[PROOF_MAX_IDENTITIES]);
/* Does it sign other people's code? */
enum db_error proof_shared(
    struct db *, const struct proof_signer *, bool *out_shared);

/* An attempt that a child has judged. */
struct proof_attempt {
	int64_t id;
	const char *challenge;	  /* id */
	const char *session_hash; /* hex; "" when none waits */
	int64_t policy;		  /* version it was judged under */
	int64_t lifetime;	  /* seconds of the session */
};

/* Makes an accepted proof a session, within the caller's transaction: finds or
 * makes the vendor, stores proof and grants, writes the audit row. The proof
 * turns into a refusal (accepted false, reason set) when the signer is shared;
 * nothing has been granted then. */
enum db_error proof_accept(
    struct db *, struct proof *, const struct proof_attempt *, int64_t *out_vendor);
/* The audit row of a refusal. */
enum db_error proof_refused(
    struct db *, const struct proof *, const struct proof_attempt *);

#endif
