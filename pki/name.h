/*
 * Distinguished names (X.501; RFC 5280 section 4.1.2.4): their text for people,
 * single attributes, and the normal form in which attributes become part of an
 * identity.
 */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <stdbool.h>
#include <openssl/x509.h>

#include "base/bytes.h"

struct buf;

/* "CN=Contoso Ltd, O=Contoso Ltd, C=GB": RFC 4514's order and escapes, a space
 * behind each comma, foreign characters made visible.  To be freed; NULL only
 * without memory. */
char *name_text(const X509_NAME *);
/* How many attributes of this kind (NID_organizationName, ...) it has. */
unsigned name_count(const X509_NAME *, int nid);
/* The most specific attribute of this kind as raw UTF-8 (not made visible)
 * appended to out; false, out untouched, when there is none or its bytes are
 * not what its string type allows. */
bool name_attribute(struct buf *out, const X509_NAME *, int nid);
/* The same made visible, to be freed; NULL when there is none. */
char *name_attribute_text(const X509_NAME *, int nid);

/* The normal form for comparison, appended to out: full-width forms
 * (U+FF01..FF5E) become ASCII, A-Z become small, every run of white space
 * (U+0020, U+00A0, U+2000..200A, U+202F, U+205F, U+3000) one space, none at the
 * ends.  Letters outside ASCII stay as they are: folding them is left out on
 * purpose, since a missed equality costs a vendor one question to the operator
 * and a wrong one would open a stranger's data.  False, out untouched, for what is
 * not UTF-8 or contains controls, bidi marks or invisible characters: what
 * cannot be seen must not tell two owners apart or make them one. */
bool name_normalise(struct buf *out, struct bytes in);

#endif
