/*
 * Files for `countersign dump`: a dump whole, and a folder of PE images.
 */
#ifndef CMD_DUMP_H
#define CMD_DUMP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct crash_images;
struct dump_binaries;

/* Reads a regular file of at most max bytes into an empty buffer; false with
 * errno (EFBIG above max, EINVAL for what is no regular file). */
bool dump_read_file(struct buf *out, const char *path, size_t max);

/* Reads the PE files of a folder and its subfolders, at most CRASH_MAX_IMAGES;
 * what is no PE image is passed over.  Owned by the caller; NULL with errno. */
struct dump_binaries *dump_binaries_read(const char *folder);
void dump_binaries_free(struct dump_binaries *); /* NULL is fine */
/* Borrowed; NULL for NULL. */
const struct crash_images *dump_binaries_images(const struct dump_binaries *);

#endif
