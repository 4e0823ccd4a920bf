/*
 * --aia-map: a JSON object from URL to file, in place of the network.
 */
#ifndef CMD_AIA_MAP_H
#define CMD_AIA_MAP_H

#include <stdbool.h>

#include "pki/authenticode.h"

struct aia_map;

/* NULL with a sentence on standard error.  Paths that do not exist as they
 * are written are looked for beside the map. */
struct aia_map *aia_map_read(const char *path);
void aia_map_free(struct aia_map *);
/* Fetches what the chains of the refused signatures lack into the pool that
 * options->intermediates points to, and judges again, until nothing new is
 * found. */
void aia_map_complete(struct aia_map *, struct signed_file *,
    const struct signature_options *, struct certificates *pool);

#endif
