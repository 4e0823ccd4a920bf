/*
 * Bytes in a memfd.
 */
#include "work/memfd.h"

#include <sys/mman.h>
#include <unistd.h>

int
memfd_with(struct bytes b)
{
	int fd = memfd_create("countersign", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < b.len) {
		ssize_t n = write(fd, b.p + done, b.len - done);

		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	return fd;
}
