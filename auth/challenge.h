/*
 * The challenge that a vendor signs to sign in (design section 5, "Signing in
 * shows intent"): a cabinet with one text file, made anew from its code
 * whenever it is needed, so that nothing but the code's hash is stored.
 * Pure: random bytes and the time come from the caller.
 */
#ifndef AUTH_CHALLENGE_H
#define AUTH_CHALLENGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "pki/authenticode.h"

struct buf;
struct json;

/* 32 random bytes as RFC 4648 base32, lower case, without padding: 52 letters
 * and a NUL. It is a secret until it is used. */
#define CHALLENGE_SECRET_LEN 32
#define CHALLENGE_CODE_LEN   53
/* Seconds that a challenge is good for. */
#define CHALLENGE_LIFETIME 600
/* A signed challenge is a few kilobytes; with many intermediates and a
 * timestamp some tens. */
#define CHALLENGE_UPLOAD_MAX (256 * 1024)

struct challenge {
	char
	    host[256]; /* as vendors see it: "portal.example" or "127.0.0.1:8443" */
	char code[CHALLENGE_CODE_LEN];
	int64_t expires_at; /* whole seconds; part of the text */
};

void challenge_code(
    char out[CHALLENGE_CODE_LEN], const uint8_t secret[CHALLENGE_SECRET_LEN]);
/* 52 letters of the alphabet? */
bool challenge_code_valid(const char *);
/* What the database keeps: SHA-256 of the code's text. */
void challenge_hash(uint8_t out[32], const char *code);
/* "countersign HOST CODE", what signtool /d, osslsigncode -n, jsign --name must
 * say. */
void challenge_program_name(struct buf *out, const struct challenge *);
/* The text file inside. */
void challenge_text(struct buf *out, const struct challenge *);
/* The cabinet to download. The same bytes for the same challenge, always. */
void challenge_cabinet(struct buf *out, const struct challenge *);

/* Judges a signed upload against the challenge that it must answer. The
 * signature's options are set here (sign-in capability, judged now, no SHA-1,
 * no timestamp). file is filled as by authenticode_examine(); every way in
 * which it is not the answer is a finding in *findings, in the order of the
 * steps below, and steps_done says how far it came: the step that failed, or
 * STEP_NUM. True only if nothing refused. */
enum challenge_step {
	STEP_FILE, /* a cabinet, of sensible size, every byte outside the signature
		      ours */
	STEP_DIGEST,	/* the signature matches the file; SHA-256 or better; one
			   signer */
	STEP_CHALLENGE, /* the program name is ours, host and code are right */
	STEP_CHAIN,	/* issuers found, purpose right, valid now */
	STEP_ROOT,	/* root accepted for signing in */
	STEP_IDENTITY,	/* at least one identity */
	STEP_NUM
};
bool challenge_verify(struct signed_file *out_file, struct findings *,
    enum challenge_step *out_steps_done, struct bytes upload,
    const struct challenge *, const struct trust_store *roots,
    const struct certificates *intermediates, int64_t now);
/* {"verdict":"accepted"|"refused","reason":CODE|null,
 *  "steps":[{"step":"file"|"digest"|"challenge"|"chain"|"root"|"identity",
 *            "state":"done"|"failed"|"pending","detail":TEXT|null}],
 *  "certificate":{"subject","issuer","name","organisation","serial","sha256",
 *                 "spki_sha256","not_before","not_after"}|null,
 *  "program_name":TEXT|null,"signatures":[...as section 7...],
 *  "findings":[{"code","severity","certificate","detail"}]} */
void challenge_verdict_json(struct json *, const struct signed_file *,
    const struct findings *, enum challenge_step steps_done);

#endif
