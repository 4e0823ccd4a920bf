/*
 * The operator's roots, on their way from the database into a child: a JSON
 * object {"version":text,"roots":[{"der":B64,"capabilities":N,"policies":[OID],
 * "issuing_keys":[HEX]}]}.
 */
#ifndef WORK_TRUST_BLOB_H
#define WORK_TRUST_BLOB_H

#include <stdbool.h>

#include "base/bytes.h"
#include "pki/trust.h"

struct buf;

/* False when out ran full. */
bool trust_blob_write(struct buf *out, const struct trust_store *);
/* In the child; trust_free() in any case. False if the blob is not ours. */
bool trust_blob_read(struct trust_store *, struct bytes);

#endif
