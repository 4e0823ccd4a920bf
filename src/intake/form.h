/*
 * application/x-www-form-urlencoded (WHATWG URL standard, section 5.1), which
 * is what a query string is as well.  Kore's own parser drops empty values and
 * everything behind a second "=", so pages use this one too.
 */
#ifndef INTAKE_FORM_H
#define INTAKE_FORM_H

#include <stddef.h>

#include "base/bytes.h"
#include "intake/error.h"
#include "intake/limits.h"

struct form_pair {
	char *name;  /* UTF-8; what was not, and NUL, is U+FFFD */
	char *value; /* likewise; "" when there was no "=" */
};

struct form {
	struct form_pair pairs[INTAKE_MAX_QUERY_PAIRS];
	size_t num_pairs;
};

/* Splits at "&", decodes "+" and %XX (a % that is no escape stays).  Pairs with
 * an empty name are skipped.  INTAKE_QUERY_TOO_LARGE beyond
 * INTAKE_MAX_QUERY_PAIRS or INTAKE_MAX_FIELDS bytes, INTAKE_NO_MEMORY; out is
 * empty then.  form_free() it. */
enum intake_error form_parse(struct form *out, struct bytes in)
    __attribute__((warn_unused_result));
void form_free(struct form *);
/* The first value of that name, borrowed; NULL if there is none. */
const char *form_get0(const struct form *, const char *name);

#endif
