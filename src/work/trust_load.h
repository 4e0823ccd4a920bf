/*
 * The operator's roots out of the database, for whoever runs children.
 */
#ifndef WORK_TRUST_LOAD_H
#define WORK_TRUST_LOAD_H

#include <stdint.h>

#include "db/db.h"
#include "pki/trust.h"

/* The version that counts now; 0 when none was ever loaded. */
enum db_error trust_version(struct db *, int64_t *out_version);
/* Every root that is not withdrawn. trust_free() in any case. */
enum db_error trust_load(struct trust_store *out, struct db *, int64_t version);
/* The same as a blob (work/trust_blob.h) in a memfd; -1 with an error. */
enum db_error trust_memfd(int *out_fd, struct db *, int64_t version);

#endif
