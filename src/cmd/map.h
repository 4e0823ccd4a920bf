/*
 * A file of the command line, mapped read-only.
 */
#ifndef CMD_MAP_H
#define CMD_MAP_H

#include <stdbool.h>

#include "base/bytes.h"

/* Maps the whole file; false with a sentence on standard error.  An empty
 * file gives empty bytes.  map_close() afterwards. */
bool map_open(struct bytes *out, const char *path);
void map_close(struct bytes *);

#endif
