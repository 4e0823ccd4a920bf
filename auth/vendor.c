/*
 * Vendors and their grants.
 */
#include "auth/vendor.h"

enum db_error
vendor_of_signers(
    struct db *db, const int64_t *signers, size_t num, int64_t *out_vendor)
{
	enum db_error e = DB_OK;
	struct db_args args;
	PGresult *row;

	*out_vendor = 0;
	for (size_t i = 0; i < num && *out_vendor == 0; i++) {
		db_args_init(&args);
		db_arg_int(&args, signers[i]);
		if ((e = db_run_one(db, QUERY_GRANT_HOLDER, &args, &row)) != DB_OK)
			return e;
		if (row != NULL)
			*out_vendor = db_int(row, 0, 0);
		PQclear(row);
	}
	return e;
}

enum db_error
vendor_new(
    struct db *db, const char *name, const char *assurance, int64_t *out_vendor)
{
	struct db_args args;
	enum db_error e;
	PGresult *row;

	*out_vendor = 0;
	db_args_init(&args);
	db_arg_text(&args, name);
	db_arg_text(&args, assurance);
	if ((e = db_run_one(db, QUERY_VENDOR_ADD, &args, &row)) != DB_OK)
		return e;
	*out_vendor = db_int(row, 0, 0);
	PQclear(row);
	return DB_OK;
}

enum db_error
vendor_grant(struct db *db, int64_t vendor, int64_t signer, const char *rule,
    int64_t proof, bool *out_granted)
{
	struct db_args args;
	enum db_error e;
	PGresult *row;

	*out_granted = false;
	db_args_init(&args);
	db_arg_int(&args, vendor);
	db_arg_int(&args, signer);
	db_arg_text(&args, rule);
	db_arg_int(&args, proof);
	if ((e = db_run_one(db, QUERY_GRANT_ADD, &args, &row)) != DB_OK)
		return e;
	*out_granted = row != NULL;
	PQclear(row);
	return DB_OK;
}
