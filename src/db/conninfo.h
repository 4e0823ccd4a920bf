/*
 * Where the database is: the settings' word, or the local cluster that lies
 * below var/ with a socket in var/run/pg and one password file a role in
 * var/keys.
 */
#ifndef DB_CONNINFO_H
#define DB_CONNINFO_H

#include <stdbool.h>

struct buf;
struct settings;

/* Path of the settings: COUNTERSIGN_CONF, else conf/countersign.ini. Borrowed. */
const char *db_settings_path(void);

/* Appends the libpq connection string of a role: "web", "worker", "operator",
 * "fetcher", or "owner", which is whom `countersign migrate` connects as. It is
 * [database] ROLE where that is set. Otherwise
 *	host=VAR/run/pg dbname=NAME user=countersign_ROLE
 *passfile=VAR/keys/ROLE.pgpass with VAR made absolute, and with user=postgres for
 *"owner". False when the role is none of these or memory is short. */
bool db_conninfo(struct buf *out, const struct settings *, const char *role);

#endif
