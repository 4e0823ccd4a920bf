/*
 * The operator's settings: an INI file, read once, asked by "section.key".
 * Every key has its default and unit in conf/countersign.ini, which is itself
 * the table of defaults: a key that the program asks for and that file does
 * not have is a mistake of ours and ends the process at start with its name.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings;

/* Reads path, and over it every file named in the environment variable
 * COUNTERSIGN_SETTINGS (colon-separated; later ones win).  NULL with a
 * sentence in error (borrowed, static) when a file cannot be read or parsed.
 * The environment's word is there for tests and for a second instance. */
struct settings *settings_read(const char *path, const char **error);
void settings_free(struct settings *);

/* Borrowed until settings_free(); NULL if there is no such key. */
const char *settings_get(const struct settings *, const char *key);
/* As settings_get(), but ends the process with a sentence on standard error
 * (exit 2) if the key is missing. */
const char *settings_string(const struct settings *, const char *key);
/* A whole number, with an optional suffix: k, m, g (powers of 1024) for bytes,
 * or s, min, h, d for a duration in seconds.  Exit 2 when it is none. */
int64_t settings_number(const struct settings *, const char *key);
bool settings_bool(const struct settings *, const char *key);

#endif
