/* Sealed objects, readable from any record on; the layout is in seal.h. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "store/file.h"
#include "store/seal.h"

#define NONCE_LEN	16
#define SEALED_MAX_SIZE ((uint64_t)1 << 40) /* keeps sums of offsets in range */

/* Header, record number, last: what a record is bound to. */
#define AD_LEN (SEAL_HEADER_LEN + 8 + 1)

static const uint8_t magic[8] = {'C', 'S', 'S', 'E', 'A', 'L', '1', '\n'};

static void
put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void
header_make(uint8_t header[SEAL_HEADER_LEN], uint64_t size)
{
	memcpy(header, magic, sizeof(magic));
	put_u64(header + 8, SEAL_RECORD_SIZE); /* and the four zero bytes */
	put_u64(header + 16, size);
	randombytes_buf(header + 24, NONCE_LEN);
}

static uint64_t
records_of(uint64_t size)
{
	return size == 0 ? 1 : (size - 1) / SEAL_RECORD_SIZE + 1;
}

/* Plaintext bytes of record i. */
static size_t
record_len(uint64_t size, uint64_t i)
{
	uint64_t left = size - i * SEAL_RECORD_SIZE;

	return left < SEAL_RECORD_SIZE ? (size_t)left : SEAL_RECORD_SIZE;
}

/* Nonce and additional data of record i under this header. */
static void
record_binding(uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES],
    uint8_t ad[AD_LEN], const uint8_t header[SEAL_HEADER_LEN], uint64_t i,
    bool last)
{
	memcpy(nonce, header + 24, NONCE_LEN);
	put_u64(nonce + NONCE_LEN, i);
	memcpy(ad, header, SEAL_HEADER_LEN);
	put_u64(ad + SEAL_HEADER_LEN, i);
	ad[SEAL_HEADER_LEN + 8] = last ? 1 : 0;
}

enum store_error
sealed_write(int fd, struct bytes in, const uint8_t key[SEAL_KEY_LEN])
{
	uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
	uint8_t header[SEAL_HEADER_LEN], ad[AD_LEN];
	uint64_t num = records_of(in.len);
	enum store_error e;
	uint8_t *record;

	if (in.len > SEALED_MAX_SIZE)
		return STORE_RANGE;
	record = malloc(SEAL_RECORD_SIZE + SEAL_TAG_LEN);
	if (record == NULL)
		return STORE_NO_MEMORY;
	header_make(header, in.len);
	e = file_write_all(fd, header, sizeof(header));
	for (uint64_t i = 0; i < num && e == STORE_OK; i++) {
		size_t len = record_len(in.len, i);
		const uint8_t *plain =
		    in.len != 0 ? in.p + i * SEAL_RECORD_SIZE : NULL;

		record_binding(nonce, ad, header, i, i == num - 1);
		crypto_aead_xchacha20poly1305_ietf_encrypt(
		    record, NULL, plain, len, ad, sizeof(ad), NULL, nonce, key);
		e = file_write_all(fd, record, len + SEAL_TAG_LEN);
	}
	free(record);
	return e;
}

enum store_error
sealed_open(struct sealed *out, int fd, const uint8_t key[SEAL_KEY_LEN])
{
	struct bytes header = bytes_of(out->header, SEAL_HEADER_LEN);
	enum store_error e;
	uint64_t record_size;
	struct stat st;

	memset(out, 0, sizeof(*out));
	out->fd = fd;
	e = file_read_at(fd, out->header, SEAL_HEADER_LEN, 0);
	if (e != STORE_OK)
		return e;
	bytes_u64(header, 8, &record_size);
	bytes_u64(header, 16, &out->size);
	if (memcmp(out->header, magic, sizeof(magic)) != 0 ||
	    record_size != SEAL_RECORD_SIZE || out->size > SEALED_MAX_SIZE)
		return STORE_BAD_FORMAT;
	out->num_records = records_of(out->size);
	if (fstat(fd, &st) != 0)
		return store_error_of(errno);
	/* The records vouch for the header; this only says it sooner. */
	if ((uint64_t)st.st_size !=
	    SEAL_HEADER_LEN + out->size + out->num_records * SEAL_TAG_LEN)
		return STORE_TRUNCATED;
	memcpy(out->key, key, SEAL_KEY_LEN);
	return STORE_OK;
}

/* Record `index`, with `record` as room for its ciphertext. */
static enum store_error
read_record(const struct sealed *s, uint8_t *out, size_t *out_len, uint64_t index,
    uint8_t *record)
{
	uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
	uint8_t ad[AD_LEN];
	enum store_error e;
	size_t len;

	*out_len = 0;
	if (index >= s->num_records)
		return STORE_RANGE;
	len = record_len(s->size, index);
	e = file_read_at(s->fd, record, len + SEAL_TAG_LEN,
	    SEAL_HEADER_LEN + index * (SEAL_RECORD_SIZE + SEAL_TAG_LEN));
	if (e != STORE_OK)
		return e;
	record_binding(nonce, ad, s->header, index, index == s->num_records - 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, record,
		len + SEAL_TAG_LEN, ad, sizeof(ad), nonce, s->key) != 0)
		return STORE_TAMPERED;
	*out_len = len;
	return STORE_OK;
}

enum store_error
sealed_read_record(
    const struct sealed *s, uint8_t *out, size_t *out_len, uint64_t index)
{
	uint8_t record[SEAL_RECORD_SIZE + SEAL_TAG_LEN];

	return read_record(s, out, out_len, index, record);
}

enum store_error
sealed_read(const struct sealed *s, struct buf *out, uint64_t off, uint64_t len)
{
	uint8_t *plain, *record;
	enum store_error e = STORE_OK;
	size_t n, start = out->len;

	if (off > s->size || len > s->size - off)
		return STORE_RANGE;
	plain = malloc(SEAL_RECORD_SIZE);
	record = malloc(SEAL_RECORD_SIZE + SEAL_TAG_LEN);
	if (plain == NULL || record == NULL)
		e = STORE_NO_MEMORY;
	/* Of an empty object too one record is opened: it must be genuine. */
	for (bool first = true; e == STORE_OK && (len > 0 || first);
	     first = false) {
		uint64_t index = off / SEAL_RECORD_SIZE;
		size_t skip = (size_t)(off % SEAL_RECORD_SIZE), use;

		if (len == 0 && index >= s->num_records)
			break;
		e = read_record(s, plain, &n, index, record);
		if (e != STORE_OK)
			break;
		use = n - skip < len ? n - skip : (size_t)len;
		buf_append(out, plain + skip, use);
		if (!buf_ok(out))
			e = STORE_NO_MEMORY;
		off += use;
		len -= use;
	}
	/* Nothing of an object that did not open as a whole gets out. */
	if (e != STORE_OK && buf_ok(out))
		out->len = start;
	if (plain != NULL)
		sodium_memzero(plain, SEAL_RECORD_SIZE);
	free(plain);
	free(record);
	return e;
}

void
sealed_close(struct sealed *s)
{
	if (s != NULL)
		sodium_memzero(s, sizeof(*s));
}
