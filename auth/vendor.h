/*
 * Vendors: who holds a signer, and who there is.
 */
#ifndef AUTH_VENDOR_H
#define AUTH_VENDOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

/* The vendor that holds the first of these signers that anybody holds (they
 * come strongest first); 0 if nobody holds any. */
enum db_error vendor_of_signers(
    struct db *, const int64_t *signers, size_t num, int64_t *out_vendor);
enum db_error vendor_new(
    struct db *, const char *name, const char *assurance, int64_t *out_vendor);
/* Grants a signer that nobody holds. *out_granted false: somebody holds it. */
enum db_error vendor_grant(struct db *, int64_t vendor, int64_t signer,
    const char *rule, int64_t proof, bool *out_granted);

#endif
