/*
 * Roots by subject, parsed when they are wanted.
 */
#include <stdlib.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "cmd/lazy_roots.h"
#include "pki/der.h"

struct lazy_root {
	unsigned char *der; /* owned, OpenSSL's memory */
	size_t der_len;
	X509_NAME *subject; /* owned */
	bool added;
};

/* The subject of a Certificate (RFC 5280 section 4.1), without parsing the
 * rest of it. */
static X509_NAME *
subject_of(struct bytes der)
{
	struct bytes cert, tbs, skipped, name;
	struct der item;
	const unsigned char *p;

	if (!der_take(&der, DER_SEQUENCE, &cert) ||
	    !der_take(&cert, DER_SEQUENCE, &tbs) ||
	    !der_take_optional(&tbs, DER_CONTEXT(0), &skipped) ||
	    !der_take(&tbs, DER_INTEGER, &skipped) || !der_next(&tbs, &item) ||
	    !der_next(&tbs, &item) || !der_next(&tbs, &item) ||
	    !der_take_whole(&tbs, DER_SEQUENCE, &name))
		return NULL;
	p = name.p;
	return d2i_X509_NAME(NULL, &p, (long)name.len);
}

static bool
add(struct lazy_roots *roots, unsigned char *der, long len)
{
	struct lazy_root *grown;
	X509_NAME *subject = subject_of(bytes_of(der, (size_t)len));

	if (subject == NULL)
		return false;
	if (roots->num == roots->cap) {
		size_t cap = roots->cap == 0 ? 64 : roots->cap * 2;

		grown = realloc(roots->root, cap * sizeof(*grown));
		if (grown == NULL) {
			X509_NAME_free(subject);
			return false;
		}
		roots->root = grown;
		roots->cap = cap;
	}
	roots->root[roots->num++] = (struct lazy_root){
	    .der = der, .der_len = (size_t)len, .subject = subject};
	return true;
}

bool
lazy_roots_read(struct lazy_roots *roots, struct bytes pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	unsigned char *der;
	bool ok = bio != NULL;
	unsigned long error;
	long len;

	while (ok &&
	    PEM_bytes_read_bio(
		&der, &len, NULL, PEM_STRING_X509, bio, NULL, NULL) == 1)
		if (!add(roots, der, len)) {
			OPENSSL_free(der);
			ok = false;
		}
	/* the end of the text shows as "no start line" */
	error = ERR_peek_last_error();
	ok = ok && (error == 0 || ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
	ERR_clear_error();
	BIO_free(bio);
	return ok && roots->num > 0;
}

static bool
wanted(const struct lazy_root *root, const struct certificates *set)
{
	for (size_t i = 0; i < set->num; i++) {
		X509 *x509 = set->item[i].cert->x509;

		if (X509_NAME_cmp(root->subject, X509_get_issuer_name(x509)) == 0 ||
		    X509_NAME_cmp(root->subject, X509_get_subject_name(x509)) == 0)
			return true;
	}
	return false;
}

void
lazy_roots_want(struct lazy_roots *roots, struct trust_store *store,
    const struct certificates *set)
{
	for (size_t i = 0; i < roots->num; i++) {
		struct lazy_root *root = &roots->root[i];
		struct certificate *cert;

		if (root->added || !wanted(root, set))
			continue;
		root->added = true;
		cert = certificate_parse(bytes_of(root->der, root->der_len));
		if (cert != NULL)
			trust_add(store, cert, CAPABILITY_ALL);
		certificate_free(cert);
	}
}

void
lazy_roots_free(struct lazy_roots *roots)
{
	for (size_t i = 0; i < roots->num; i++) {
		OPENSSL_free(roots->root[i].der);
		X509_NAME_free(roots->root[i].subject);
	}
	free(roots->root);
	*roots = (struct lazy_roots){0};
}
