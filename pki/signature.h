/*
 * One signature of a file: read first, so that it is known which digests of
 * the file are wanted, then judged.
 */
#ifndef PKI_SIGNATURE_H
#define PKI_SIGNATURE_H

#include "pki/authenticode.h"
#include "pki/cms.h"
#include "pki/spc.h"

/* What reading leaves for judging; borrows the file's bytes. */
struct signature_parts {
	bool readable;
	struct cms cms;
	struct spc_indirect indirect;
};

/* Fills name of the digest, signed digest, program name and bag.  Returns how
 * many bytes of blob the signature took, 0 when it is unreadable (with a
 * finding). */
size_t signature_read(struct signature *, struct signature_parts *,
    struct bytes blob, enum oid wanted_kind);
/* image: the file's digest with parts->indirect.digest. */
void signature_judge(struct signature *, const struct signature_parts *,
    const uint8_t *image, const struct signature_options *);
/* The chain alone, with what went before kept. */
void signature_judge_chain(struct signature *, const struct signature_options *);
void signature_clear(struct signature *);

#endif
