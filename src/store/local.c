/* Objects in a directory; see local.h. */
#include "store/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

/* "aa/bb/" and the id. */
#define PATH_LEN (6 + LOCAL_ID_LEN)

/* The path of an id, or of its directory: 2, 5 or PATH_LEN characters of it. */
static void
path_of(char out[PATH_LEN + 1], const char *id)
{
	snprintf(out, PATH_LEN + 1, "%.2s/%.2s/%s", id, id + 2, id);
}

enum store_error
local_open(struct local_store *out, const char *path)
{
	int tmp;

	out->dir = file_open_dir(AT_FDCWD, path);
	if (out->dir < 0)
		return store_error_of(errno);
	tmp = file_open_dir(out->dir, "tmp");
	if (tmp < 0) {
		enum store_error e = store_error_of(errno);

		local_close(out);
		return e;
	}
	close(tmp);
	return STORE_OK;
}

void
local_close(struct local_store *s)
{
	if (s != NULL && s->dir >= 0) {
		close(s->dir);
		s->dir = -1;
	}
}

static void
temporary_of(char out[4 + LOCAL_ID_LEN + 1], const char *id)
{
	snprintf(out, 4 + LOCAL_ID_LEN + 1, "tmp/%s", id);
}

enum store_error
local_put_begin(struct local_store *s, struct local_put *out)
{
	char temporary[4 + LOCAL_ID_LEN + 1];

	file_random_name(out->id, LOCAL_ID_LEN / 2);
	temporary_of(temporary, out->id);
	out->fd = openat(s->dir, temporary,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return out->fd < 0 ? store_error_of(errno) : STORE_OK;
}

/* Opens aa/bb of the id, making what is missing. */
static int
open_leaf(struct local_store *s, const char *id)
{
	char first[3], second[3];
	int upper, leaf;

	snprintf(first, sizeof(first), "%.2s", id);
	snprintf(second, sizeof(second), "%.2s", id + 2);
	upper = file_open_dir(s->dir, first);
	if (upper < 0)
		return -1;
	leaf = file_open_dir(upper, second);
	close(upper);
	return leaf;
}

enum store_error
local_put_commit(struct local_store *s, struct local_put *put)
{
	char temporary[4 + LOCAL_ID_LEN + 1];
	enum store_error e = STORE_OK;
	int leaf = -1;

	temporary_of(temporary, put->id);
	if (fsync(put->fd) != 0)
		e = store_error_of(errno);
	if (e == STORE_OK && (leaf = open_leaf(s, put->id)) < 0)
		e = store_error_of(errno);
	if (e == STORE_OK && renameat(s->dir, temporary, leaf, put->id) != 0)
		e = store_error_of(errno);
	if (e == STORE_OK && fsync(leaf) != 0) {
		/* It has its name, but nobody will ever ask for it. */
		e = store_error_of(errno);
		unlinkat(leaf, put->id, 0);
	}
	if (leaf >= 0)
		close(leaf);
	if (e != STORE_OK) {
		local_put_abort(s, put);
		return e;
	}
	close(put->fd);
	put->fd = -1;
	return STORE_OK;
}

void
local_put_abort(struct local_store *s, struct local_put *put)
{
	char temporary[4 + LOCAL_ID_LEN + 1];

	if (put->fd < 0)
		return;
	close(put->fd);
	put->fd = -1;
	temporary_of(temporary, put->id);
	unlinkat(s->dir, temporary, 0);
}

enum store_error
local_get(struct local_store *s, int *out_fd, const char *id)
{
	char path[PATH_LEN + 1];

	*out_fd = -1;
	if (!file_is_name(id, LOCAL_ID_LEN, ""))
		return STORE_BAD_NAME;
	path_of(path, id);
	*out_fd = openat(s->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *out_fd < 0 ? store_error_of(errno) : STORE_OK;
}

enum store_error
local_delete(struct local_store *s, const char *id)
{
	char path[PATH_LEN + 1];
	enum store_error e = STORE_OK;
	int leaf;

	if (!file_is_name(id, LOCAL_ID_LEN, ""))
		return STORE_BAD_NAME;
	path_of(path, id);
	path[5] = '\0'; /* aa/bb */
	leaf = openat(s->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (leaf < 0)
		return store_error_of(errno);
	if (unlinkat(leaf, id, 0) != 0 || fsync(leaf) != 0)
		e = store_error_of(errno);
	close(leaf);
	return e;
}

enum store_error
local_sweep(struct local_store *s, size_t *out_removed, time_t before)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd;

	*out_removed = 0;
	fd = openat(s->dir, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return store_error_of(errno);
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return STORE_NO_MEMORY;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!file_is_name(entry->d_name, LOCAL_ID_LEN, "") ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    st.st_mtime >= before)
			continue;
		if (unlinkat(fd, entry->d_name, 0) == 0)
			++*out_removed;
	}
	closedir(dir);
	return STORE_OK;
}
