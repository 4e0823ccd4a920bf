/*
 * Bringing a database to the schema of this release. The files of migrations/
 * are part of the program. Each is applied once, in order, in a transaction of
 * its own, and is recorded with its hash in public.countersign_migration: a
 * file that was edited after it had been applied somewhere stops everything.
 *
 * A file whose first lines hold the comment `-- no-transaction` is run statement
 * by statement outside one (for indexes built concurrently); it must be safe to
 * run again, because nothing undoes half of it.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct migration {
	int version;	  /* 1, 2, ... */
	const char *name; /* "0001_roles" */
	const char *sql;
	size_t sql_len;
};

/* Generated; one more entry, all zero, ends the table. */
extern const struct migration migrations[];
extern const int num_migrations;

/* Applies what is missing; num_applied (may be NULL) counts it. conninfo is
 * that of a superuser or of the database's owner with CREATEROLE. Only one runs
 * at a time; a second one waits. A statement that cannot have its lock within
 * 5 s gives way and its migration is tried again, up to ten times. False with
 * a sentence in *out_error (static) when it could not; what had been applied
 * by then stays. say (may be NULL) hears of each step: a sentence without a
 * newline. */
bool migrate_apply(const char *conninfo, void (*say)(const char *sentence),
    int *out_num_applied, const char **out_error);
/* The same with other migrations than the program's; list[i].version is i + 1. */
bool migrate_apply_list(const char *conninfo, const struct migration *list, int num,
    void (*say)(const char *sentence), int *out_num_applied,
    const char **out_error);

/* SHA-256 of a migration's text, 64 hex digits and a NUL. */
void migrate_hash(char out[65], const struct migration *);

#endif
