/* store/seal: what was sealed opens, and nothing else does. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/seal.h"

#define STEP (SEAL_RECORD_SIZE + SEAL_TAG_LEN)

static uint8_t key[SEAL_KEY_LEN];
static struct buf out;
static struct sealed s;

static void
start(void)
{
	cr_assert_eq(seal_init(), STORE_OK);
	seal_key_new(key);
	buf_init(&out, 0);
}

static void
stop(void)
{
	sealed_close(&s);
	buf_free(&out);
}

/* Every 8 bytes differ, so no two records are alike. */
static uint8_t *
sample(size_t len)
{
	uint8_t *p = malloc(len + 8);

	cr_assert_not_null(p);
	for (size_t i = 0; i < len; i += 8)
		memcpy(p + i, &i, sizeof(i));
	return p;
}

static int
sealed_file(const uint8_t *plain, size_t len)
{
	int fd = memfd_create("object", 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(sealed_write(fd, bytes_of(plain, len), key), STORE_OK);
	return fd;
}

static enum store_error
read_all(int fd)
{
	enum store_error e = sealed_open(&s, fd, key);

	buf_reset(&out);
	return e != STORE_OK ? e : sealed_read(&s, &out, 0, s.size);
}

/* Exchanges one byte of the file. */
static void
flip(int fd, off_t at)
{
	uint8_t c;

	cr_assert_eq(pread(fd, &c, 1, at), 1);
	c ^= 0x20;
	cr_assert_eq(pwrite(fd, &c, 1, at), 1);
}

static void
copy_record(int to, off_t to_index, int from, off_t from_index)
{
	static uint8_t record[STEP];

	cr_assert_eq(
	    pread(from, record, STEP, SEAL_HEADER_LEN + from_index * STEP), STEP);
	cr_assert_eq(
	    pwrite(to, record, STEP, SEAL_HEADER_LEN + to_index * STEP), STEP);
}

TestSuite(seal, .init = start, .fini = stop);

Test(seal, box_opens_with_its_key_only)
{
	uint8_t pub[32], sec[32], pub2[32], sec2[32];
	struct buf box;

	buf_init(&box, 0);
	crypto_box_keypair(pub, sec);
	crypto_box_keypair(pub2, sec2);
	cr_assert_eq(seal_box(&box, bytes_of("secret", 6), pub), STORE_OK);
	cr_assert_null(memmem(box.data, box.len, "secret", 6));
	cr_assert_eq(
	    seal_box_open(&out, bytes_of(box.data, box.len), pub, sec), STORE_OK);
	cr_assert_str_eq(buf_str(&out), "secret");
	buf_reset(&out);
	cr_assert_eq(seal_box_open(&out, bytes_of(box.data, box.len), pub2, sec2),
	    STORE_TAMPERED);
	box.data[box.len - 1] ^= 1;
	cr_assert_eq(seal_box_open(&out, bytes_of(box.data, box.len), pub, sec),
	    STORE_TAMPERED);
	cr_assert_eq(
	    seal_box_open(&out, bytes_of(box.data, 47), pub, sec), STORE_TRUNCATED);
	cr_assert_eq(out.len, 0);
	buf_free(&box);
}

Test(seal, wrapped_key_is_bound_to_its_object)
{
	uint8_t wrapping[SEAL_KEY_LEN], wrapped[SEAL_WRAPPED_LEN],
	    got[SEAL_KEY_LEN];
	uint8_t zero[SEAL_KEY_LEN] = {0};

	seal_key_new(wrapping);
	seal_key_wrap(wrapped, key, wrapping, "object-1");
	cr_assert_eq(seal_key_unwrap(got, bytes_of(wrapped, sizeof(wrapped)),
			 wrapping, "object-1"),
	    STORE_OK);
	cr_assert_eq(memcmp(got, key, sizeof(key)), 0);
	cr_assert_eq(seal_key_unwrap(got, bytes_of(wrapped, sizeof(wrapped)),
			 wrapping, "object-2"),
	    STORE_TAMPERED);
	cr_assert_eq(memcmp(got, zero, sizeof(zero)), 0);
	cr_assert_eq(seal_key_unwrap(
			 got, bytes_of(wrapped, sizeof(wrapped)), key, "object-1"),
	    STORE_TAMPERED);
	cr_assert_eq(
	    seal_key_unwrap(got, bytes_of(wrapped, 71), wrapping, "object-1"),
	    STORE_BAD_FORMAT);
}

Test(seal, object_of_every_size_around_the_border_comes_back)
{
	const size_t r = SEAL_RECORD_SIZE;
	const size_t sizes[] = {0, 1, r - 1, r, r + 1, 2 * r, 3 * r + 7};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *plain = sample(sizes[i]);
		int fd = sealed_file(plain, sizes[i]);

		cr_expect_eq(read_all(fd), STORE_OK, "%zu", sizes[i]);
		cr_expect_eq(s.size, sizes[i]);
		cr_expect_eq(out.len, sizes[i]);
		cr_expect(bytes_equal(
		    bytes_of(out.data, out.len), bytes_of(plain, sizes[i])));
		close(fd);
		free(plain);
	}
}

Test(seal, any_range_can_be_read)
{
	const size_t r = SEAL_RECORD_SIZE, size = 2 * r + 100;
	const size_t offs[] = {0, 1, r - 1, r, r + 1, 2 * r, size - 1, size};
	uint8_t *plain = sample(size);
	int fd = sealed_file(plain, size);

	cr_assert_eq(sealed_open(&s, fd, key), STORE_OK);
	for (size_t i = 0; i < 8; i++)
		for (size_t j = i; j < 8; j++) {
			buf_reset(&out);
			cr_expect_eq(
			    sealed_read(&s, &out, offs[i], offs[j] - offs[i]),
			    STORE_OK);
			cr_expect(bytes_equal(bytes_of(out.data, out.len),
			    bytes_of(plain + offs[i], offs[j] - offs[i])));
		}
	cr_assert_eq(sealed_read(&s, &out, 0, size + 1), STORE_RANGE);
	cr_assert_eq(sealed_read(&s, &out, size + 1, 0), STORE_RANGE);
	cr_assert_eq(sealed_read(&s, &out, 1, UINT64_MAX), STORE_RANGE);
	close(fd);
	free(plain);
}

Test(seal, one_record_at_a_time)
{
	const size_t r = SEAL_RECORD_SIZE;
	uint8_t *plain = sample(r + 5), *got = malloc(r);
	int fd = sealed_file(plain, r + 5);
	size_t len;

	cr_assert_eq(sealed_open(&s, fd, key), STORE_OK);
	cr_assert_eq(s.num_records, 2);
	cr_assert_eq(sealed_read_record(&s, got, &len, 1), STORE_OK);
	cr_assert_eq(len, 5);
	cr_assert_eq(memcmp(got, plain + r, 5), 0);
	cr_assert_eq(sealed_read_record(&s, got, &len, 2), STORE_RANGE);
	cr_assert_eq(len, 0);
	close(fd);
	free(plain);
	free(got);
}

Test(seal, every_altered_byte_is_noticed)
{
	int fd = sealed_file((const uint8_t *)"content", 7);
	off_t size = lseek(fd, 0, SEEK_END);

	for (off_t i = 0; i < size; i++) {
		flip(fd, i);
		cr_expect_neq(read_all(fd), STORE_OK, "byte %ld", (long)i);
		cr_expect_eq(out.len, 0);
		flip(fd, i);
	}
	cr_assert_eq(read_all(fd), STORE_OK);
	key[0] ^= 1;
	cr_assert_eq(read_all(fd), STORE_TAMPERED);
	close(fd);
}

Test(seal, truncation_is_noticed_also_with_a_fitting_header)
{
	const size_t r = SEAL_RECORD_SIZE;
	uint8_t *plain = sample(3 * r), size_field[8] = {0};
	int fd = sealed_file(plain, 3 * r);

	cr_assert_eq(ftruncate(fd, SEAL_HEADER_LEN + 2 * (off_t)STEP), 0);
	cr_assert_eq(read_all(fd), STORE_TRUNCATED);
	size_field[2] = 2; /* 2 * 65536 */
	cr_assert_eq(pwrite(fd, size_field, 8, 16), 8);
	cr_assert_eq(read_all(fd), STORE_TAMPERED);
	cr_assert_eq(ftruncate(fd, 10), 0);
	cr_assert_eq(read_all(fd), STORE_TRUNCATED);
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(read_all(fd), STORE_TRUNCATED);
	close(fd);
	free(plain);
}

Test(seal, reordered_doubled_and_foreign_records_are_noticed)
{
	const size_t r = SEAL_RECORD_SIZE;
	uint8_t *plain = sample(3 * r);
	int a = sealed_file(plain, 3 * r), b = sealed_file(plain, 3 * r);
	int before = sealed_file(plain, 3 * r);

	/* Same key, same content, same place; another object. */
	copy_record(a, 1, b, 1);
	cr_assert_eq(read_all(a), STORE_TAMPERED);
	cr_assert_eq(out.len, 0);
	copy_record(b, 1, before, 1);
	cr_assert_eq(read_all(b), STORE_TAMPERED);
	copy_record(before, 0, before, 1);
	cr_assert_eq(read_all(before), STORE_TAMPERED);
	close(a);
	close(b);
	close(before);
	free(plain);
}

Test(seal, last_record_is_only_last)
{
	const size_t r = SEAL_RECORD_SIZE;
	uint8_t *plain = sample(2 * r), header[SEAL_HEADER_LEN];
	int fd = sealed_file(plain, 2 * r);

	/* An attacker who could repeat a header with its nonce for a shorter
	 * object still lacks a record that says "last" where it would be. */
	cr_assert_eq(pread(fd, header, sizeof(header), 0), sizeof(header));
	header[18] = 1;
	cr_assert_eq(pwrite(fd, header, sizeof(header), 0), sizeof(header));
	cr_assert_eq(ftruncate(fd, SEAL_HEADER_LEN + (off_t)STEP), 0);
	cr_assert_eq(read_all(fd), STORE_TAMPERED);
	close(fd);
	free(plain);
}

Test(seal, what_is_no_object_says_so)
{
	int fd = memfd_create("object", 0);
	static const char text[128] = "MDMP and so on";

	cr_assert_eq(write(fd, text, sizeof(text)), sizeof(text));
	cr_assert_eq(read_all(fd), STORE_BAD_FORMAT);
	close(fd);
}

Test(seal, nothing_lies_in_the_clear)
{
	uint8_t *plain = sample(SEAL_RECORD_SIZE), *file = malloc(2 * STEP);
	int fd = sealed_file(plain, SEAL_RECORD_SIZE);
	ssize_t n = pread(fd, file, 2 * STEP, 0);

	cr_assert_eq(n, SEAL_HEADER_LEN + STEP);
	cr_assert_null(memmem(file, (size_t)n, plain + 4096, 16));
	cr_assert_null(memmem(file, (size_t)n, key, sizeof(key)));
	close(fd);
	free(plain);
	free(file);
}
