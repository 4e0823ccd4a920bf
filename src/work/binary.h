/*
 * What TASK_BINARY's child said about a file, every field checked, and whose
 * that makes it (design, section 5, "From crash to signer").
 */
#ifndef WORK_BINARY_H
#define WORK_BINARY_H

#include "auth/proof.h"

#define BINARY_MAX_SIGNATURES 32

struct binary_signature {
	bool nested, genuine;
	char reason[64];
	bool has_time; /* a valid timestamp: */
	int64_t signed_at;
	char timestamp[16]; /* "rfc3161", "pkcs9", "" */
	struct proof_signer signer;
	bool shared; /* filled in by the caller */
};

struct binary {
	bool pe;
	char code_id[24], debug_id[48], version[32]; /* ids upper case */
	char stripped[65];
	char verdict[16], reason[64];
	char *signature; /* owned: design section 7's object */
	size_t num_signatures;
	struct binary_signature signatures[BINARY_MAX_SIGNATURES];
	size_t num_wanted, num_used;
	char *wanted[PROOF_MAX_URLS], *used[PROOF_MAX_URLS]; /* owned */
};

/* False if the answer is not of its form. binary_free() in both cases; the
 * struct is large: allocate it. */
bool binary_read(struct binary *out, struct bytes answer);
void binary_free(struct binary *);

/* What an operator's import makes of it. signature is -1 for unowned. */
struct binary_standing {
	int signature;
	const char *standing; /* "firm", "provisional", "unowned" */
	const char *evidence;
};
struct binary_standing binary_judge(const struct binary *);

#endif
