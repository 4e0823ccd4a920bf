/*
 * Parameters of one statement, in order, in the shape that libpq takes.
 * Values are borrowed until the statement has been sent, but for numbers,
 * which are kept here.
 */
#ifndef DB_ARGS_H
#define DB_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define DB_ARGS_MAX 32

struct db_args {
	int num;
	const char *value[DB_ARGS_MAX];
	int length[DB_ARGS_MAX];
	int format[DB_ARGS_MAX]; /* 0 text, 1 binary */
	char number[DB_ARGS_MAX][24];
};

/* More than DB_ARGS_MAX ends the process: a mistake of ours. */
void db_args_init(struct db_args *);
void db_arg_text(struct db_args *, const char *);  /* NULL is SQL NULL */
void db_arg_bytes(struct db_args *, struct bytes); /* bytea, binary */
void db_arg_int(struct db_args *, int64_t);
void db_arg_bool(struct db_args *, bool);
void db_arg_null(struct db_args *);

#endif
