/* The life of a child; see child.h. */
#include "work/child.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "work/limits.h"
#include "work/sandbox.h"

/* Maps a whole file read-only.  Not a byte of it is touched here. */
static bool
map_input(int fd, struct bytes *out)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*out = bytes_of("", 0);
	if (st.st_size == 0)
		return true;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*out = bytes_of(p, (size_t)st.st_size);
	return true;
}

static bool
write_result(const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(SANDBOX_RESULT_FD, b->data + done, b->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

static int
run_task(
    const struct child_task *task, const struct bytes *inputs, size_t num_inputs)
{
	enum child_result result;
	struct buf out;

	buf_init(&out, CHILD_MAX_RESULT);
	result = task->run(inputs, num_inputs, &out);
	if (result == CHILD_RESULT_NO_MEMORY)
		return CHILD_EXIT_NO_MEMORY;
	/* A buffer fails at its maximum; short of half of that, which doubling
	 * would have made the last step, it was memory. */
	if (!buf_ok(&out))
		return out.len >= CHILD_MAX_RESULT / 2 ? CHILD_EXIT_RESULT_TOO_LARGE
						       : CHILD_EXIT_NO_MEMORY;
	if (!write_result(&out))
		return CHILD_EXIT_RESULT_TOO_LARGE;
	return result == CHILD_RESULT_OK ? CHILD_EXIT_OK : CHILD_EXIT_REFUSED;
}

_Noreturn void
child_main(const struct child_task *task, const struct sandbox *sandbox,
    const int *input_fds, size_t num_inputs, int result_fd, unsigned timeout_ms)
{
	struct bytes inputs[CHILD_MAX_INPUTS];

	/* The zygote ignores it; here it ends a child that nobody reads. */
	signal(SIGPIPE, SIG_DFL);
	if (num_inputs > CHILD_MAX_INPUTS)
		_exit(CHILD_EXIT_SETUP);
	for (size_t i = 0; i < num_inputs; i++)
		if (!map_input(input_fds[i], &inputs[i]))
			_exit(CHILD_EXIT_SETUP);
	if (result_fd != SANDBOX_RESULT_FD &&
	    dup2(result_fd, SANDBOX_RESULT_FD) != SANDBOX_RESULT_FD)
		_exit(CHILD_EXIT_SETUP);
	if (close_range(SANDBOX_RESULT_FD + 1, ~0U, 0) != 0)
		_exit(CHILD_EXIT_SETUP);
	/* The wall clock is the zygote's to watch; this is for a child whose
	 * zygote does not. */
	if (!sandbox_enter(sandbox, timeout_ms / 1000 + 2))
		_exit(CHILD_EXIT_SETUP);
	_exit(run_task(task, inputs, num_inputs));
}
