/*
 * What the tests of pki/ are fed with: certificates made on the spot, the test
 * PKI of tests/data/pki/make-pki.sh, and files of the shared data.
 */
#ifndef TESTS_PKI_MATERIAL_H
#define TESTS_PKI_MATERIAL_H

#include <openssl/evp.h>

#include "pki/path.h"

/* An instant at which everything made here is valid: 2026-06-01. */
#define MATERIAL_NOW INT64_C(1780272000)

/* The directory that make-pki.sh has filled, made at most once a day of
 * testing and shared between processes; borrowed. */
const char *material_pki(void);
/* DIR/NAME of the above; borrowed until the next call. */
const char *material_path(const char *name);
/* ../shared/data/NAME (or below COUNTERSIGN_DATA), or NULL if it is absent,
 * after saying "skipped". */
const char *material_shared(const char *name);

/* A whole file; fails the test if it cannot be read.  data is to be freed. */
struct bytes material_read(const char *path);
/* The first certificate of a PEM file, or the one of a DER file. */
struct certificate *material_certificate(const char *path);
/* Adds every certificate of a PEM file. */
void material_add_all(
    struct certificates *, const char *path, enum certificate_source);

/* A certificate to be made.  NULL or 0 means the default in brackets. */
struct spec {
	const char *subject;	   /* CN */
	const struct made *issuer; /* [itself] */
	const char *issuer_name;   /* CN [the issuer's] */
	EVP_PKEY *key;		   /* [a new P-256 key]; a reference is taken */
	const EVP_MD *digest;	   /* [SHA-256] */
	int64_t from, until;	   /* [2024, 2034] */
	bool ca;		   /* adds basicConstraints CA, keyCertSign */
	bool code;		   /* adds EKU code signing, digitalSignature */
	const char *extension[6];  /* further ones: "name=value" */
	bool ruin;		   /* one bit of the signature flipped */
};

struct made {
	struct certificate *cert;
	EVP_PKEY *key;
};

struct made material_make(const struct spec *);
/* A P-256 key, or RSA of so many bits. */
EVP_PKEY *material_key(int rsa_bits);

#endif
