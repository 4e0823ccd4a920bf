/*
 * What most verbs open first: the settings, and a database connection of a role.
 */
#ifndef CMD_CONNECT_H
#define CMD_CONNECT_H

struct db;
struct settings;

/* The settings, or NULL with a sentence on standard error. settings_free(). */
struct settings *cmd_settings(const char *verb);
/* A connection as that role ("operator"), or NULL with a sentence on standard
 * error. db_close(). */
struct db *cmd_connect(const char *verb, const struct settings *, const char *role);

#endif
