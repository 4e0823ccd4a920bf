/* The codes and sentences of the store; see error.h. */
#include "store/error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	const char *code;
	const char *sentence;
} entries[] = {
    [STORE_OK] = {"ok", "Done."},
    [STORE_NOT_FOUND] = {"store-not-found", "There is no such object."},
    [STORE_EXISTS] = {"store-exists", "An object of this name is there already."},
    [STORE_BAD_NAME] = {"store-bad-name",
	"This is no name that the store has given out."},
    [STORE_BAD_FORMAT] = {"store-bad-format",
	"The object is no sealed object of the version that is read here."},
    [STORE_TRUNCATED] = {"store-truncated",
	"The object is not as long as it says. Restore it from a backup."},
    [STORE_TAMPERED] = {"store-tampered",
	"The object or its key does not authenticate: it was "
	"altered or exchanged, "
	"or the key is another one."},
    [STORE_RANGE] = {"store-range", "The range lies outside the object."},
    [STORE_KEY_MISSING] = {"store-key-missing",
	"A key file is missing. Keys are made once, with a new "
	"installation; those "
	"of an old one must come from its backup."},
    [STORE_KEY_BAD] = {"store-key-bad",
	"A key file is not 32 bytes long, or others than its owner and group can "
	"read it."},
    [STORE_NO_SPACE] = {"store-no-space", "The disk is full."},
    [STORE_NO_MEMORY] = {"store-no-memory", "There is not enough memory."},
    [STORE_IO] = {"store-io", "The system refused to read or write."},
};

const char *
store_error_text(enum store_error e)
{
	size_t i = (size_t)e;

	return entries[i < sizeof(entries) / sizeof(entries[0]) ? i : STORE_IO]
	    .code;
}

const char *
store_error_sentence(enum store_error e)
{
	size_t i = (size_t)e;

	return entries[i < sizeof(entries) / sizeof(entries[0]) ? i : STORE_IO]
	    .sentence;
}

enum store_error
store_error_of(int errnum)
{
	switch (errnum) {
	case 0:
		return STORE_OK;
	case ENOENT:
		return STORE_NOT_FOUND;
	case EEXIST:
		return STORE_EXISTS;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return STORE_NO_SPACE;
	case ENOMEM:
		return STORE_NO_MEMORY;
	default:
		return STORE_IO;
	}
}
