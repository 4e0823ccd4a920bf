/* Bodies of large uploads; see spool.h. */
#include "store/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

#define DIGITS 32
#define SUFFIX ".body"

enum store_error
spool_open(struct spool *out, const char *path)
{
	out->dir = file_open_dir(AT_FDCWD, path);
	return out->dir < 0 ? store_error_of(errno) : STORE_OK;
}

void
spool_close(struct spool *s)
{
	if (s != NULL && s->dir >= 0) {
		close(s->dir);
		s->dir = -1;
	}
}

static bool
is_name(const char *name)
{
	return file_is_name(name, DIGITS, SUFFIX);
}

enum store_error
spool_link(struct spool *s, char out_name[SPOOL_NAME_LEN + 1], uint64_t *out_size,
    const char *body_path)
{
	struct stat st;

	*out_size = 0;
	file_random_name(out_name, DIGITS / 2);
	memcpy(out_name + DIGITS, SUFFIX, sizeof(SUFFIX));
	/* Links the name itself, not what a symbolic link points to; and looks
	 * at what it got afterwards, when nobody can exchange it any more. */
	if (linkat(AT_FDCWD, body_path, s->dir, out_name, 0) != 0) {
		enum store_error e = store_error_of(errno);

		out_name[0] = '\0';
		return e;
	}
	if (fstatat(s->dir, out_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		unlinkat(s->dir, out_name, 0);
		out_name[0] = '\0';
		return STORE_BAD_NAME;
	}
	*out_size = (uint64_t)st.st_size;
	return STORE_OK;
}

enum store_error
spool_sync(struct spool *s, const char *name)
{
	enum store_error e;
	int fd;

	e = spool_get(s, &fd, name);
	if (e != STORE_OK)
		return e;
	/* First the bytes, then the name. */
	if (fsync(fd) != 0 || fsync(s->dir) != 0)
		e = store_error_of(errno);
	close(fd);
	return e;
}

enum store_error
spool_take(struct spool *s, char out_name[SPOOL_NAME_LEN + 1], uint64_t *out_size,
    const char *body_path)
{
	enum store_error e = spool_link(s, out_name, out_size, body_path);

	if (e != STORE_OK)
		return e;
	e = spool_sync(s, out_name);
	if (e != STORE_OK) {
		unlinkat(s->dir, out_name, 0);
		out_name[0] = '\0';
	}
	return e;
}

enum store_error
spool_get(struct spool *s, int *out_fd, const char *name)
{
	*out_fd = -1;
	if (!is_name(name))
		return STORE_BAD_NAME;
	*out_fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *out_fd < 0 ? store_error_of(errno) : STORE_OK;
}

enum store_error
spool_unlink(struct spool *s, const char *name)
{
	if (!is_name(name))
		return STORE_BAD_NAME;
	if (unlinkat(s->dir, name, 0) != 0 || fsync(s->dir) != 0)
		return store_error_of(errno);
	return STORE_OK;
}

enum store_error
spool_list(struct spool *s, time_t before,
    bool (*visit)(const char *name, uint64_t size, void *arg), void *arg)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd;

	fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return store_error_of(errno);
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return STORE_NO_MEMORY;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!is_name(entry->d_name) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    st.st_ctime >= before)
			continue;
		if (!visit(entry->d_name, (uint64_t)st.st_size, arg))
			break;
	}
	closedir(dir);
	return STORE_OK;
}
