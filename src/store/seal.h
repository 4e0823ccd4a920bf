/*
 * Encryption of what is kept (libsodium).  Two forms:
 *
 * A *box* is for the inbox: whoever has the public key can make one, only the
 * worker can open it (crypto_box_seal).
 *
 * A *sealed object* is a dump, encrypted so that any part can be read without
 * the rest (Range), and so that every change is noticed.  Layout, numbers
 * little-endian:
 *
 *	0   8   "CSSEAL1\n"
 *	8   4   plaintext bytes of a record, 65536
 *	12  4   zero
 *	16  8   plaintext bytes of the object
 *	24  16  random nonce of the object
 *	40  ..  records: ciphertext, then a tag of 16 bytes
 *
 * Every record but the last holds 65536 bytes of plaintext; an empty object has
 * one empty record.  Record i is XChaCha20-Poly1305 (IETF) under the object's
 * own random key with the nonce (object nonce, i as 8 bytes) and, as additional
 * data, the whole header, i as 8 bytes, and one byte that is 1 for the last
 * record and else 0.  So a record that was cut off, moved, doubled or taken from
 * another object does not open, nor one under an altered header.
 *
 * The key is made for the object and never written into it: it is wrapped with
 * a key of store/keys.h and stands in the database.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/error.h"

struct buf;

#define SEAL_KEY_LEN	 32
#define SEAL_RECORD_SIZE ((size_t)65536) /* plaintext bytes */
#define SEAL_TAG_LEN	 16
#define SEAL_HEADER_LEN	 40
/* A wrapped key: nonce 24, key 32, tag 16. */
#define SEAL_WRAPPED_LEN 72

/* Once at start, before anything else here; also before zygotes are made. */
enum store_error seal_init(void) __attribute__((warn_unused_result));

/* Appends the box to out (48 bytes longer than in). */
enum store_error seal_box(struct buf *out, struct bytes in,
    const uint8_t public_key[SEAL_KEY_LEN]) __attribute__((warn_unused_result));
/* Appends the content to out.  STORE_TAMPERED if it does not open. */
enum store_error seal_box_open(struct buf *out, struct bytes box,
    const uint8_t public_key[SEAL_KEY_LEN], const uint8_t secret_key[SEAL_KEY_LEN])
    __attribute__((warn_unused_result));

/* A fresh key for one object. */
void seal_key_new(uint8_t out_key[SEAL_KEY_LEN]);
/* Wraps key with wrapping_key, bound to the object's id, so that the wrapped
 * keys of two rows cannot be exchanged. */
void seal_key_wrap(uint8_t out_wrapped[SEAL_WRAPPED_LEN],
    const uint8_t key[SEAL_KEY_LEN], const uint8_t wrapping_key[SEAL_KEY_LEN],
    const char *object_id);
enum store_error seal_key_unwrap(uint8_t out_key[SEAL_KEY_LEN],
    struct bytes wrapped, const uint8_t wrapping_key[SEAL_KEY_LEN],
    const char *object_id) __attribute__((warn_unused_result));
/* Erases a key (sodium_memzero). */
void seal_key_erase(uint8_t key[SEAL_KEY_LEN]);

/* Writes the sealed object of `in` to fd, from fd's position on.  The memory it
 * needs is one record. */
enum store_error sealed_write(int fd, struct bytes in,
    const uint8_t key[SEAL_KEY_LEN]) __attribute__((warn_unused_result));

/* An object that is open for reading.  Holds the key until sealed_close(). */
struct sealed {
	int fd;		      /* borrowed */
	uint64_t size;	      /* plaintext bytes */
	uint64_t num_records; /* at least 1 */
	uint8_t header[SEAL_HEADER_LEN];
	uint8_t key[SEAL_KEY_LEN];
};

/* Reads the header at offset 0 of fd and compares the file's length with it.
 * The key is checked with the first record that is read. */
enum store_error sealed_open(struct sealed *out, int fd,
    const uint8_t key[SEAL_KEY_LEN]) __attribute__((warn_unused_result));
/* Record `index` into out, which has room for SEAL_RECORD_SIZE.  Plaintext
 * offset of the record: index * SEAL_RECORD_SIZE. */
enum store_error sealed_read_record(const struct sealed *, uint8_t *out,
    size_t *out_len, uint64_t index) __attribute__((warn_unused_result));
/* Appends the plaintext [off, off + len) to out.  STORE_RANGE if any of it lies
 * outside.  For streaming take one record after the other instead. */
enum store_error sealed_read(const struct sealed *, struct buf *out, uint64_t off,
    uint64_t len) __attribute__((warn_unused_result));
/* Erases the key; the descriptor stays open. */
void sealed_close(struct sealed *);

#endif
