/*
 * Mapping a file: 400 MB of it cost no memory of our own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/map.h"

bool
map_open(struct bytes *out, const char *path)
{
	struct stat st;
	void *p;
	int fd;

	*out = bytes_of(NULL, 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		goto failed;
	if (!S_ISREG(st.st_mode)) {
		fprintf(stderr, "countersign: %s: not a regular file\n", path);
		close(fd);
		return false;
	}
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			goto failed;
		madvise(p, (size_t)st.st_size, MADV_SEQUENTIAL);
		*out = bytes_of(p, (size_t)st.st_size);
	}
	close(fd);
	return true;
failed:
	fprintf(stderr, "countersign: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return false;
}

void
map_close(struct bytes *map)
{
	if (map->len > 0)
		munmap((void *)(uintptr_t)map->p, map->len);
	*map = bytes_of(NULL, 0);
}
