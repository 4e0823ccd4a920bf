/* The key files; see keys.h. */
#include "store/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

/* A secret file may be read by its owner and its group; who is in the group is
 * the operator's decision.  A public one by everybody. */
#define MODE_SECRET    0600
#define MODE_PUBLIC    0644
#define OPEN_TO_OTHERS 0007

enum key_kind { KEY_SECRET, KEY_PUBLIC };

/* Reads one file if it is there and may be read. */
static enum store_error
load(int dir, const char *name, enum key_kind kind, uint8_t *out, bool *out_has)
{
	enum store_error e = STORE_OK;
	struct stat st;
	int fd;

	*out_has = false;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT || errno == EACCES ? STORE_OK
							  : store_error_of(errno);
	if (fstat(fd, &st) != 0)
		e = store_error_of(errno);
	else if (!S_ISREG(st.st_mode) || st.st_size != STORE_KEY_LEN ||
	    (kind == KEY_SECRET && (st.st_mode & OPEN_TO_OTHERS) != 0))
		e = STORE_KEY_BAD;
	else
		e = file_read_at(fd, out, STORE_KEY_LEN, 0);
	close(fd);
	*out_has = e == STORE_OK;
	return e;
}

/* Writes a new file durably, complete under its name or not there at all. */
static enum store_error
save(int dir, const char *name, mode_t mode, const uint8_t *key)
{
	char temporary[2 * 16 + 1];
	enum store_error e;
	int fd;

	file_random_name(temporary, 16);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return store_error_of(errno);
	e = file_write_all(fd, key, STORE_KEY_LEN);
	if (e == STORE_OK && fsync(fd) != 0)
		e = store_error_of(errno);
	close(fd);
	/* A link, not a rename: it never replaces a key that is there. */
	if (e == STORE_OK && linkat(dir, temporary, dir, name, 0) != 0)
		e = store_error_of(errno);
	unlinkat(dir, temporary, 0);
	if (e == STORE_OK && fsync(dir) != 0)
		e = store_error_of(errno);
	return e;
}

static enum store_error
open_dir(const char *path, int *out)
{
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out < 0 ? store_error_of(errno) : STORE_OK;
}

enum store_error
store_keys_load_web(struct store_keys *out, const char *path)
{
	enum store_error e;
	int dir;

	memset(out, 0, sizeof(*out));
	e = open_dir(path, &dir);
	if (e != STORE_OK)
		return e;
	e = load(dir, "inbox.pub", KEY_PUBLIC, out->inbox_public,
	    &out->has_inbox_public);
	if (e == STORE_OK)
		e = load(dir, "download.key", KEY_SECRET, out->download_key,
		    &out->has_download_key);
	close(dir);
	if (e != STORE_OK)
		store_keys_erase(out);
	return e;
}

enum store_error
store_keys_load(struct store_keys *out, const char *path)
{
	enum store_error e;
	int dir;

	e = store_keys_load_web(out, path);
	if (e != STORE_OK)
		return e;
	e = open_dir(path, &dir);
	if (e == STORE_OK) {
		e = load(dir, "inbox.key", KEY_SECRET, out->inbox_secret,
		    &out->has_inbox_secret);
		close(dir);
	}
	if (e != STORE_OK)
		store_keys_erase(out);
	return e;
}

/* Makes the pair, or the public half of a secret key that is there. */
static enum store_error
create_inbox(int dir)
{
	uint8_t public_key[STORE_KEY_LEN], secret_key[STORE_KEY_LEN];
	enum store_error e;
	bool has;

	e = load(dir, "inbox.key", KEY_SECRET, secret_key, &has);
	if (e == STORE_OK && !has) {
		crypto_box_keypair(public_key, secret_key);
		e = save(dir, "inbox.key", MODE_SECRET, secret_key);
	}
	if (e == STORE_OK) {
		crypto_scalarmult_base(public_key, secret_key);
		e = save(dir, "inbox.pub", MODE_PUBLIC, public_key);
		if (e == STORE_EXISTS)
			e = STORE_OK;
	}
	sodium_memzero(secret_key, sizeof(secret_key));
	return e;
}

static enum store_error
create_symmetric(int dir, const char *name)
{
	uint8_t key[STORE_KEY_LEN];
	enum store_error e;

	randombytes_buf(key, sizeof(key));
	e = save(dir, name, MODE_SECRET, key);
	sodium_memzero(key, sizeof(key));
	return e == STORE_EXISTS ? STORE_OK : e;
}

enum store_error
store_keys_create(const char *path)
{
	enum store_error e;
	int dir;

	if (sodium_init() < 0)
		return STORE_IO;
	dir = file_open_dir(AT_FDCWD, path);
	if (dir < 0)
		return store_error_of(errno);
	e = create_inbox(dir);
	if (e == STORE_OK)
		e = create_symmetric(dir, "download.key");
	close(dir);
	return e;
}

void
store_keys_erase(struct store_keys *keys)
{
	if (keys != NULL)
		sodium_memzero(keys, sizeof(*keys));
}
