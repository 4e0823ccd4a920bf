/*
 * The challenge's cabinet, byte for byte: as it is issued, and as a signing
 * tool leaves it.  Internal to auth/challenge*.c.
 */
#ifndef AUTH_CHALLENGE_CABINET_H
#define AUTH_CHALLENGE_CABINET_H

#include "auth/challenge.h"

enum cabinet_match {
	CABINET_OTHER,	  /* not the bytes of this challenge */
	CABINET_UNSIGNED, /* exactly as issued */
	CABINET_SIGNED	  /* as issued, with a signature's reserve and signature */
};

/* The cabinet that signing makes of the issued one, up to the signature,
 * which is signature_len bytes long. */
void challenge_cabinet_signed(
    struct buf *out, const struct challenge *, uint32_t signature_len);
/* Every byte of the upload outside the signature, compared in constant time. */
enum cabinet_match challenge_cabinet_match(
    struct bytes upload, const struct challenge *);
/* The text inside a cabinet that is built like ours, whatever it says; empty
 * if there is none. */
struct bytes challenge_cabinet_text(struct bytes upload);

#endif
