/* Whole reads and writes, names, directories; see file.h. */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum store_error
file_write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return store_error_of(errno);
		data += n;
		len -= (size_t)n;
	}
	return STORE_OK;
}

enum store_error
file_read_at(int fd, uint8_t *out, size_t len, uint64_t off)
{
	while (len > 0) {
		ssize_t n = pread(fd, out, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return store_error_of(errno);
		if (n == 0)
			return STORE_TRUNCATED;
		out += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return STORE_OK;
}

void
file_random_name(char *out, size_t len)
{
	uint8_t random[FILE_MAX_RANDOM];

	if (len > sizeof(random))
		len = sizeof(random);
	randombytes_buf(random, len);
	text_hex(out, random, len);
}

bool
file_is_name(const char *name, size_t len, const char *suffix)
{
	if (name == NULL || strnlen(name, len) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (strchr("0123456789abcdef", name[i]) == NULL)
			return false;
	return strcmp(name + len, suffix) == 0;
}

int
file_open_dir(int at, const char *path)
{
	int made = mkdirat(at, path, 0700);
	int dir, up;

	if (made != 0 && errno != EEXIST)
		return -1;
	dir = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	/* The name lives in the directory above.  Synced also when it was there:
	 * another process may have made it just now and not come this far; an
	 * unchanged directory costs nothing. */
	up = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (up < 0 || fsync(up) != 0) {
		int saved = errno;

		if (up >= 0)
			close(up);
		close(dir);
		errno = saved;
		return -1;
	}
	close(up);
	return dir;
}
