/*
 * Reading files for `countersign dump`; see dump.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd/dump.h"
#include "crash/image.h"
#include "crash/limits.h"

struct dump_binaries {
	struct crash_images *images;
	struct buf file[CRASH_MAX_IMAGES]; /* whose bytes images borrows */
	unsigned num;
};

static bool
read_all(struct buf *out, int fd, size_t len)
{
	uint8_t *p = len > 0 ? buf_extend(out, len) : NULL;
	size_t at = 0;

	if (len > 0 && p == NULL) {
		errno = ENOMEM;
		return false;
	}
	while (at < len) {
		ssize_t n = read(fd, p + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	out->len = at;
	return true;
}

bool
dump_read_file(struct buf *out, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok = false;
	int error;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0)
		ok = false;
	else if (!S_ISREG(st.st_mode))
		errno = EINVAL;
	else if ((uint64_t)st.st_size > max)
		errno = EFBIG;
	else
		ok = read_all(out, fd, (size_t)st.st_size);
	error = errno;
	(void)close(fd);
	errno = error;
	return ok;
}

static void
take_file(struct dump_binaries *b, const char *path)
{
	struct buf *file = &b->file[b->num];

	buf_init(file, CRASH_MAX_IMAGE);
	if (dump_read_file(file, path, CRASH_MAX_IMAGE) && file->len > 0 &&
	    crash_images_add(
		b->images, (struct bytes){.p = file->data, .len = file->len}))
		b->num++;
	else
		buf_free(file);
}

static bool
walk(struct dump_binaries *b, const char *folder)
{
	char *dup = strdup(folder), *roots[] = {dup, NULL};
	FTS *tree =
	    dup != NULL ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	bool ok = tree != NULL;
	FTSENT *e;

	while (ok && b->num < CRASH_MAX_IMAGES && (e = fts_read(tree)) != NULL) {
		if (e->fts_info == FTS_F)
			take_file(b, e->fts_accpath);
		/* The folder itself has to be one; what lies deeper may be
		 * unreadable. */
		if (e->fts_level == 0 && e->fts_info != FTS_D &&
		    e->fts_info != FTS_DP) {
			errno = e->fts_info == FTS_F ? ENOTDIR : e->fts_errno;
			ok = false;
		}
	}
	if (tree != NULL) {
		int error = errno;

		(void)fts_close(tree);
		errno = error;
	}
	free(dup);
	return ok;
}

struct dump_binaries *
dump_binaries_read(const char *folder)
{
	struct dump_binaries *b = calloc(1, sizeof(*b));
	int error;

	if (b == NULL)
		return NULL;
	b->images = crash_images_new();
	if (b->images != NULL && walk(b, folder))
		return b;
	error = errno;
	dump_binaries_free(b);
	errno = error;
	return NULL;
}

void
dump_binaries_free(struct dump_binaries *b)
{
	if (b == NULL)
		return;
	crash_images_free(b->images);
	for (unsigned i = 0; i < b->num; i++)
		buf_free(&b->file[i]);
	free(b);
}

const struct crash_images *
dump_binaries_images(const struct dump_binaries *b)
{
	return b != NULL ? b->images : NULL;
}
