/* Makes gzip members for the tests. */
#ifndef TESTS_UNIT_INTAKE_GZIP_H
#define TESTS_UNIT_INTAKE_GZIP_H

#include "base/buf.h"
#include "base/bytes.h"

/* Appends one member to out. */
void gzip(struct buf *out, struct bytes in);
/* One member of len zeros. */
void gzip_zeros(struct buf *out, size_t len);

#endif
