/*
 * The challenge: its code, its words, and the judgement on what comes back.
 */
#include <string.h>
#include <openssl/evp.h>

#include "auth/challenge.h"
#include "auth/challenge_cabinet.h"
#include "base/buf.h"
#include "base/instant.h"
#include "pki/cab.h"
#include "pki/pe.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

#define TITLE "Countersign: sign in with a code-signing certificate\r\n"

void
challenge_code(
    char out[CHALLENGE_CODE_LEN], const uint8_t secret[CHALLENGE_SECRET_LEN])
{
	uint32_t bits = 0;
	int num_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < CHALLENGE_SECRET_LEN; i++) {
		bits = (bits << 8 | secret[i]) & 0xffff;
		for (num_bits += 8; num_bits >= 5; num_bits -= 5)
			out[n++] = alphabet[bits >> (num_bits - 5) & 31];
	}
	if (num_bits > 0)
		out[n++] = alphabet[bits << (5 - num_bits) & 31];
	out[n] = '\0';
}

bool
challenge_code_valid(const char *code)
{
	size_t len = strlen(code);

	/* the last letter carries one bit: "a" or "q" */
	return len == CHALLENGE_CODE_LEN - 1 && strspn(code, alphabet) == len &&
	    (code[len - 1] == 'a' || code[len - 1] == 'q');
}

void
challenge_hash(uint8_t out[32], const char *code)
{
	if (EVP_Digest(code, strlen(code), out, NULL, EVP_sha256(), NULL) != 1)
		memset(out, 0, 32);
}

void
challenge_program_name(struct buf *out, const struct challenge *challenge)
{
	buf_printf(out, "countersign %s %s", challenge->host, challenge->code);
}

void
challenge_text(struct buf *out, const struct challenge *challenge)
{
	char until[INSTANT_TEXT_LEN];

	instant_text(until, challenge->expires_at);
	buf_puts(out, TITLE "\r\n");
	buf_printf(out, "Host: %s\r\n", challenge->host);
	buf_printf(out, "Code: %s\r\n", challenge->code);
	buf_printf(out, "Valid until: %s (UTC)\r\n\r\n", until);
	buf_printf(out,
	    "Whoever signs this cabinet with a code-signing certificate and the\r\n"
	    "program name\r\n\r\n"
	    "    countersign %s %s\r\n\r\n"
	    "shows the host above that they hold the certificate's key. The "
	    "browser\r\n"
	    "that downloaded this file is then signed in there as the "
	    "certificate's\r\n"
	    "owner, and sees the crash reports of the programs that were signed "
	    "with\r\n"
	    "it.\r\n\r\n",
	    challenge->host, challenge->code);
	buf_puts(out,
	    "The signature does nothing else: it approves no program, agrees "
	    "to no\r\n"
	    "terms, and is worthless at any other host, for any other "
	    "browser, and\r\n"
	    "after the time above.\r\n\r\n"
	    "If you did not download this file yourself, do not sign it.\r\n");
}

/* ---- judging an upload ------------------------------------------------------ */

struct judgement {
	struct findings *findings;
	enum challenge_step *steps_done;
	enum challenge_step now; /* the step whose findings are being added */
};

/* The first error stops the count of steps done. */
static void
refuse(struct judgement *j, enum finding_code code, int certificate,
    const char *detail)
{
	if (finding_reason(j->findings) == FINDING_OK)
		*j->steps_done = j->now;
	if (detail != NULL && detail[0] != '\0')
		finding_add(
		    j->findings, code, SEVERITY_ERROR, certificate, "%s", detail);
	else
		finding_add(j->findings, code, SEVERITY_ERROR, certificate, NULL);
}

static void
take_over(struct judgement *j, const struct finding *f)
{
	if (f->severity == SEVERITY_ERROR)
		refuse(j, f->code, f->certificate, f->detail);
	else
		finding_add(j->findings, f->code, f->severity, f->certificate, "%s",
		    f->detail);
}

/* What stands behind "Name: " in the text, up to the line's end. */
static bool
read_line(char *out, size_t size, struct bytes text, const char *name)
{
	const char *at = memmem(text.p, text.len, name, strlen(name)), *end;
	size_t left;

	if (at == NULL)
		return false;
	at += strlen(name);
	left = text.len - (size_t)((const uint8_t *)at - text.p);
	end = memchr(at, '\r', left);
	if (end == NULL || (size_t)(end - at) >= size)
		return false;
	memcpy(out, at, (size_t)(end - at));
	out[end - at] = '\0';
	return strlen(out) == (size_t)(end - at);
}

/* A cabinet that is not this challenge's: an altered one, another one's, or
 * something else?  Another one's is rebuilt from what its text says. */
static void
explain_other(
    struct judgement *j, struct bytes upload, const struct challenge *ours)
{
	struct bytes text = challenge_cabinet_text(upload);
	struct challenge theirs = {0};
	char until[64], *space;

	if (text.len == 0 ||
	    memmem(text.p, text.len, TITLE, strlen(TITLE)) == NULL) {
		refuse(j, FINDING_CHALLENGE_NOT_OURS, -1,
		    pe_is(upload) ? "it is a Windows program" : NULL);
		return;
	}
	if (!read_line(theirs.host, sizeof(theirs.host), text, "\r\nHost: ") ||
	    !read_line(theirs.code, sizeof(theirs.code), text, "\r\nCode: ") ||
	    !read_line(until, sizeof(until), text, "\r\nValid until: ") ||
	    (space = strchr(until, ' ')) == NULL) {
		refuse(j, FINDING_CHALLENGE_ALTERED, -1, NULL);
		return;
	}
	*space = '\0';
	if (!instant_parse(&theirs.expires_at, until) ||
	    challenge_cabinet_match(upload, &theirs) == CABINET_OTHER ||
	    (strcmp(theirs.host, ours->host) == 0 &&
		strcmp(theirs.code, ours->code) == 0))
		refuse(j, FINDING_CHALLENGE_ALTERED, -1, NULL);
	else if (strcmp(theirs.host, ours->host) != 0)
		refuse(j, FINDING_CHALLENGE_FOREIGN, -1, "it names another host");
	else
		refuse(j, FINDING_CHALLENGE_FOREIGN, -1,
		    "it was issued for another browser or earlier for this one");
}

/* False when there is nothing more to judge. */
static bool
judge_file(struct judgement *j, const struct signed_file *file, struct bytes upload,
    const struct challenge *challenge)
{
	j->now = STEP_FILE;
	switch (challenge_cabinet_match(upload, challenge)) {
	case CABINET_OTHER:
		explain_other(j, upload, challenge);
		break;
	case CABINET_UNSIGNED:
		refuse(j, FINDING_NOT_SIGNED, -1,
		    "it is the challenge as it was downloaded");
		return false;
	case CABINET_SIGNED:
		break;
	}
	if (file->container != CONTAINER_CAB)
		return false;
	for (size_t i = 0; i < file->findings.num; i++)
		take_over(j, &file->findings.item[i]);
	return file->num_signatures > 0;
}

/* The signature's own findings, before the chain's, and the digest's age. */
static void
judge_digest(struct judgement *j, const struct signed_file *file)
{
	const struct signature *sig = &file->signature[0];

	j->now = STEP_DIGEST;
	if (file->num_signatures != 1)
		refuse(j, FINDING_SEVERAL_SIGNERS, -1, NULL);
	for (size_t i = 0; i < sig->findings.num; i++)
		if (i < sig->num_own_findings ||
		    sig->findings.item[i].code == FINDING_DIGEST_WEAK)
			take_over(j, &sig->findings.item[i]);
}

static void
judge_challenge(struct judgement *j, const struct signature *sig,
    const struct challenge *challenge, int64_t now)
{
	struct buf name;
	char until[INSTANT_TEXT_LEN];

	j->now = STEP_CHALLENGE;
	if (now >= challenge->expires_at) {
		instant_text(until, challenge->expires_at);
		refuse(j, FINDING_CHALLENGE_EXPIRED, -1, until);
	}
	buf_init(&name, 0);
	challenge_program_name(&name, challenge);
	if (sig->program_name[0] == '\0')
		refuse(j, FINDING_PROGRAM_NAME_MISSING, -1, NULL);
	else if (!buf_ok(&name) || strcmp(sig->program_name, buf_str(&name)) != 0)
		refuse(j, FINDING_PROGRAM_NAME_WRONG, -1, sig->program_name);
	buf_free(&name);
}

/* What is wrong with the root is a step of its own on the page. */
static bool
is_root_finding(enum finding_code code)
{
	return code == FINDING_ROOT_NOT_ACCEPTED || code == FINDING_SELF_SIGNED;
}

static void
judge_chain(struct judgement *j, const struct signature *sig)
{
	for (j->now = STEP_CHAIN; j->now <= STEP_ROOT; j->now++)
		for (size_t i = sig->num_own_findings; i < sig->findings.num; i++) {
			const struct finding *f = &sig->findings.item[i];

			if (f->code != FINDING_DIGEST_WEAK &&
			    is_root_finding(f->code) == (j->now == STEP_ROOT))
				take_over(j, f);
		}
	j->now = STEP_IDENTITY;
	if (sig->identities.num == 0)
		refuse(j, FINDING_NO_IDENTITY, -1, NULL);
}

bool
challenge_verify(struct signed_file *out_file, struct findings *findings,
    enum challenge_step *out_steps_done, struct bytes upload,
    const struct challenge *challenge, const struct trust_store *roots,
    const struct certificates *intermediates, int64_t now)
{
	const struct signature_options options = {.roots = roots,
	    .intermediates = intermediates,
	    .at = now,
	    .capability = CAPABILITY_SIGN_IN,
	    .ignore_timestamp = true};
	struct judgement j = {.findings = findings, .steps_done = out_steps_done};

	memset(out_file, 0, sizeof(*out_file));
	*findings = (struct findings){0};
	*out_steps_done = STEP_NUM;
	if (upload.len == 0) {
		refuse(&j, FINDING_UPLOAD_EMPTY, -1, NULL);
		return false;
	}
	if (upload.len > CHALLENGE_UPLOAD_MAX) {
		refuse(&j, FINDING_UPLOAD_TOO_LARGE, -1, NULL);
		return false;
	}
	authenticode_examine(out_file, upload, &options);
	if (judge_file(&j, out_file, upload, challenge)) {
		judge_digest(&j, out_file);
		judge_challenge(&j, &out_file->signature[0], challenge, now);
		judge_chain(&j, &out_file->signature[0]);
		/* refused until the signature says otherwise itself */
		if (out_file->verdict != VERDICT_GENUINE &&
		    finding_reason(findings) == FINDING_OK)
			refuse(&j, FINDING_SIGNATURE_INVALID, -1, NULL);
	}
	return *out_steps_done == STEP_NUM &&
	    finding_reason(findings) == FINDING_OK;
}
