/*
 * Is this file signed, by whom, and does the signature hold? (Microsoft,
 * "Windows Authenticode Portable Executable Signature Format"; MS-CAB;
 * RFC 5652, RFC 3161.)  PE32, PE32+ and CAB.
 */
#ifndef PKI_AUTHENTICODE_H
#define PKI_AUTHENTICODE_H

#include "pki/certificate.h"
#include "pki/finding.h"
#include "pki/identity.h"
#include "pki/path.h"
#include "pki/trust.h"

struct json;

enum container { CONTAINER_NONE, CONTAINER_PE, CONTAINER_CAB };
enum verdict { VERDICT_REFUSED = 0, VERDICT_UNSIGNED, VERDICT_GENUINE };
enum timestamp_kind { TIMESTAMP_NONE, TIMESTAMP_RFC3161, TIMESTAMP_PKCS9 };

/* Signatures judged in one file, nested ones included. */
#define SIGNATURES_MAX	 32
#define PROGRAM_NAME_MAX 512

struct signature {
	unsigned index;
	bool nested;
	char digest[16]; /* "sha256" */
	bool digest_matches;
	uint8_t signed_digest[64];
	size_t signed_digest_len;
	char program_name[PROGRAM_NAME_MAX]; /* SpcSpOpusInfo, UTF-8, as is; "" if
						none */
	struct certificate *signer;	     /* reference held; NULL if not found */
	struct {
		enum timestamp_kind kind;
		int64_t time;
		bool valid;
	} timestamp;
	struct certificates bag; /* what the CMS carries */
	bool intact; /* digest and SignerInfo hold: the signer did sign this file */
	size_t num_own_findings; /* of findings: those before the chain's */
	struct certificates
	    pool; /* bag and intermediates: what path->url borrows */
	struct path path;
	struct identities identities;
	enum verdict verdict;
	struct findings findings;
};

struct signature_options {
	const struct trust_store *roots;
	const struct certificates *intermediates; /* may be NULL */
	int64_t at;		  /* now, for what has no valid timestamp */
	unsigned capability;	  /* CAPABILITY_BINARIES or _SIGN_IN */
	bool ignore_timestamp;	  /* a person is judged now (invariant 4) */
	bool sha1_with_timestamp; /* SHA-1 tolerated for a timestamped binary */
	/* Called, where not NULL, with every set of candidate certificates
	 * before a chain is built from it: a caller with many roots adds only
	 * those that can matter. */
	void (*before_chain)(void *context, const struct certificates *);
	void *context;
	/* Is this certificate, at this place of a valid path, revoked at the
	 * instant? NULL: revocation is not looked at. */
	bool (*revoked)(
	    void *context, const struct path *, size_t index, int64_t at);
};

struct signed_file {
	enum container container;
	uint8_t sha256[32], sha1[20];
	enum verdict verdict;
	struct findings findings; /* of the container */
	size_t num_signatures;
	struct signature *signature; /* owned array */
};

/* Examines the whole file in memory (map large ones; each byte is read once).
 * Never fails: what is wrong is a finding. signed_file_free() afterwards. */
void authenticode_examine(
    struct signed_file *out, struct bytes file, const struct signature_options *);
void signed_file_free(struct signed_file *);
/* Builds the chains of the signatures again, after the caller has found more
 * intermediates; the file's bytes are not needed any more, digests and
 * timestamps stay as they were judged. */
void authenticode_judge_again(
    struct signed_file *, const struct signature_options *);
/* enum finding_code of the file: the container's, else the first signature's. */
enum finding_code signed_file_reason(const struct signed_file *);
/* The object of design section 7; name is shown as "file". */
void signed_file_json(struct json *, const struct signed_file *, const char *name);
/* Its member "signatures" alone. */
void signed_file_signatures_json(struct json *, const struct signed_file *);

#endif
