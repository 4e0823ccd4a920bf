/* Boxes and keys; see seal.h.  The objects are in sealed.c. */
#include "store/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/buf.h"

_Static_assert(SEAL_KEY_LEN == crypto_box_PUBLICKEYBYTES, "box");
_Static_assert(SEAL_KEY_LEN == crypto_box_SECRETKEYBYTES, "box");
_Static_assert(SEAL_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "aead");
_Static_assert(SEAL_TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES, "aead");
_Static_assert(SEAL_WRAPPED_LEN ==
	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + SEAL_KEY_LEN + SEAL_TAG_LEN,
    "wrapped key");

enum store_error
seal_init(void)
{
	return sodium_init() < 0 ? STORE_IO : STORE_OK;
}

enum store_error
seal_box(struct buf *out, struct bytes in, const uint8_t public_key[SEAL_KEY_LEN])
{
	uint8_t *p = buf_extend(out, in.len + crypto_box_SEALBYTES);

	if (p == NULL)
		return STORE_NO_MEMORY;
	/* Fails on a public key of small order only. */
	if (crypto_box_seal(p, in.p, in.len, public_key) != 0) {
		out->len -= in.len + crypto_box_SEALBYTES;
		return STORE_KEY_BAD;
	}
	return STORE_OK;
}

enum store_error
seal_box_open(struct buf *out, struct bytes box,
    const uint8_t public_key[SEAL_KEY_LEN], const uint8_t secret_key[SEAL_KEY_LEN])
{
	size_t len;
	uint8_t *p;

	if (box.len < crypto_box_SEALBYTES)
		return STORE_TRUNCATED;
	len = box.len - crypto_box_SEALBYTES;
	p = buf_extend(out, len);
	if (p == NULL)
		return STORE_NO_MEMORY;
	if (crypto_box_seal_open(p, box.p, box.len, public_key, secret_key) != 0) {
		out->len -= len;
		return STORE_TAMPERED;
	}
	return STORE_OK;
}

void
seal_key_new(uint8_t out_key[SEAL_KEY_LEN])
{
	crypto_aead_xchacha20poly1305_ietf_keygen(out_key);
}

void
seal_key_wrap(uint8_t out_wrapped[SEAL_WRAPPED_LEN],
    const uint8_t key[SEAL_KEY_LEN], const uint8_t wrapping_key[SEAL_KEY_LEN],
    const char *object_id)
{
	uint8_t *nonce = out_wrapped;

	/* 24 random bytes do not repeat in the life of a wrapping key. */
	randombytes_buf(nonce, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
	    nonce + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, NULL, key,
	    SEAL_KEY_LEN, (const uint8_t *)object_id, strlen(object_id), NULL,
	    nonce, wrapping_key);
}

enum store_error
seal_key_unwrap(uint8_t out_key[SEAL_KEY_LEN], struct bytes wrapped,
    const uint8_t wrapping_key[SEAL_KEY_LEN], const char *object_id)
{
	const size_t nonce_len = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

	if (wrapped.len != SEAL_WRAPPED_LEN)
		return STORE_BAD_FORMAT;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out_key, NULL, NULL,
		wrapped.p + nonce_len, wrapped.len - nonce_len,
		(const uint8_t *)object_id, strlen(object_id), wrapped.p,
		wrapping_key) != 0) {
		sodium_memzero(out_key, SEAL_KEY_LEN);
		return STORE_TAMPERED;
	}
	return STORE_OK;
}

void
seal_key_erase(uint8_t key[SEAL_KEY_LEN])
{
	sodium_memzero(key, SEAL_KEY_LEN);
}
