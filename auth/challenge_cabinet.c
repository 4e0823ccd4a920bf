/*
 * Writing the challenge's cabinet ([MS-CAB] section 2) and knowing it again
 * after it was signed.
 *
 * It is issued without a reserve, since not every tool signs a cabinet that
 * has one.  Signing inserts 24 bytes behind the fixed header, moves every
 * offset by as much, sets the flag, and puts the signature behind the cabinet.
 * Observed with osslsigncode 2.5 and 2.9, which write the same bytes and pad
 * the signature with zeros to a multiple of eight; another tool may leave the
 * padding out.  So the header of the signed file is known but for the
 * signature's length, and is made anew here instead of being understood: a
 * tool that wrote another one would be refused, never misread.
 */
#include <sodium.h>

#include "auth/challenge_cabinet.h"
#include "base/buf.h"
#include "pki/cab.h"

#define FILE_NAME "countersign-challenge.txt"

#define HEADER_LEN 36
#define FOLDER_LEN 8
#define ENTRY_LEN  16 /* CFFILE without its name */
#define BLOCK_LEN  8  /* CFDATA without its data */
#define FILES_AT   (HEADER_LEN + FOLDER_LEN)
#define BLOCK_AT   (FILES_AT + ENTRY_LEN + sizeof(FILE_NAME))
#define TEXT_AT	   (BLOCK_AT + BLOCK_LEN)

/* 2000-01-01 00:00, since the same challenge is the same bytes always. */
#define DOS_DATE	       ((20 << 9) | (1 << 5) | 1)
#define ATTRIBUTE_READ_ONLY    0x01
#define ATTRIBUTE_NAME_IS_UTF8 0x80

static void
put16(struct buf *out, unsigned v)
{
	const uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	buf_append(out, b, sizeof(b));
}

static void
put32(struct buf *out, uint32_t v)
{
	put16(out, v & 0xffff);
	put16(out, v >> 16);
}

/* The checksum of section 2.6 over data, continued from seed: 32-bit words
 * XORed; the one to three bytes that are left count as a big-endian number. */
static uint32_t
checksum(const uint8_t *p, size_t len, uint32_t seed)
{
	uint32_t last = 0;

	for (; len >= 4; p += 4, len -= 4)
		seed ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	for (; len > 0; p++, len--)
		last = last << 8 | *p;
	return seed ^ last;
}

/* The cabinet; with a reserve when signature_len is not 0. */
static void
write_cabinet(
    struct buf *out, const struct challenge *challenge, uint32_t signature_len)
{
	uint32_t shift = signature_len != 0 ? CAB_RESERVE_LEN : 0, size;
	uint8_t lengths[4];
	struct buf text;

	buf_init(&text, 0x8000 - 1); /* one CFDATA block holds 32 KiB */
	challenge_text(&text, challenge);
	size = (uint32_t)(TEXT_AT + text.len) + shift;
	buf_append(out, "MSCF\0\0\0\0", 8);
	put32(out, size);
	put32(out, 0);
	put32(out, FILES_AT + shift);
	put32(out, 0);
	put16(out, 0x0103); /* version 1.3 */
	put16(out, 1);	    /* folders */
	put16(out, 1);	    /* files */
	put16(out, signature_len != 0 ? 0x0004 : 0);
	put32(out, 0); /* set id, index in the set */
	if (signature_len != 0) {
		put32(out, CAB_RESERVE_LEN - 4);
		put32(out, 0x00100000); /* nobody else's bytes; 16 of our own */
		put32(out, size);
		put32(out, signature_len);
		put32(out, 0);
		put32(out, 0);
	}
	put32(out, (uint32_t)BLOCK_AT + shift);
	put16(out, 1); /* data blocks */
	put16(out, 0); /* not compressed */
	put32(out, (uint32_t)text.len);
	put32(out, 0);
	put16(out, 0);
	put16(out, DOS_DATE);
	put16(out, 0);
	put16(out, ATTRIBUTE_READ_ONLY | ATTRIBUTE_NAME_IS_UTF8);
	buf_append(out, FILE_NAME, sizeof(FILE_NAME));
	lengths[0] = lengths[2] = (uint8_t)text.len;
	lengths[1] = lengths[3] = (uint8_t)(text.len >> 8);
	put32(out, checksum(lengths, 4, checksum(text.data, text.len, 0)));
	buf_append(out, lengths, sizeof(lengths));
	buf_append(out, text.data, text.len);
	if (!buf_ok(&text))
		out->failed = true;
	buf_free(&text);
}

void
challenge_cabinet(struct buf *out, const struct challenge *challenge)
{
	write_cabinet(out, challenge, 0);
}

void
challenge_cabinet_signed(
    struct buf *out, const struct challenge *challenge, uint32_t signature_len)
{
	write_cabinet(out, challenge, signature_len);
}

enum cabinet_match
challenge_cabinet_match(struct bytes upload, const struct challenge *challenge)
{
	struct buf expected;
	uint32_t signature_len;
	enum cabinet_match match = CABINET_OTHER;

	buf_init(&expected, 0);
	challenge_cabinet(&expected, challenge);
	if (buf_ok(&expected) && upload.len == expected.len &&
	    sodium_memcmp(upload.p, expected.data, expected.len) == 0) {
		match = CABINET_UNSIGNED;
	} else if (bytes_u32(upload, 48, &signature_len) && signature_len != 0) {
		buf_reset(&expected);
		challenge_cabinet_signed(&expected, challenge, signature_len);
		/* where the signature ends, and what may follow it, is
		 * cab_parse()'s to judge */
		if (buf_ok(&expected) && upload.len > expected.len &&
		    sodium_memcmp(upload.p, expected.data, expected.len) == 0)
			match = CABINET_SIGNED;
	}
	buf_free(&expected);
	return match;
}

struct bytes
challenge_cabinet_text(struct bytes upload)
{
	struct bytes text;
	uint16_t flags, len;
	uint32_t shift;

	if (!cab_is(upload) || !bytes_u16(upload, 30, &flags))
		return bytes_of(NULL, 0);
	shift = flags & 4 ? CAB_RESERVE_LEN : 0;
	if (!bytes_u16(upload, TEXT_AT + shift - 4, &len) ||
	    !bytes_slice(upload, TEXT_AT + shift, len, &text))
		return bytes_of(NULL, 0);
	return text;
}
