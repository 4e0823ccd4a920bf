/*
 * Signing in tests: the test PKI of tests/data/pki/make-pki.sh, files of
 * tests/data/pe/make_pe.c, and the real osslsigncode.
 */
#ifndef TESTS_SIGNING_H
#define TESTS_SIGNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* Is osslsigncode there?  Says "skipped" and why if not. */
bool signing_possible(void);
/* PKI/NAME; borrowed until the eighth call after it. The PKI is made at most
 * once for each state of the script and shared between processes. */
const char *signing_pki(const char *name);
/* DIR/NAME of this process's own folder, which is removed at its end;
 * borrowed until the eighth call after it. */
const char *signing_path(const char *name);
/* Runs a command (printf's format); its output goes to a log in the folder.
 * Fails the test if the command does. */
void signing_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* osslsigncode sign with PKI/SIGNER.chain.pem and PKI/KEY.key; NULL is the
 * signer's own key. in and out are names in the folder; options may be "". */
void signing_sign(const char *in, const char *out, const char *signer,
    const char *key, const char *options);
/* Its options for a timestamp of this time (seconds since 1970; 0: now) by the
 * PKI's tsa, from an authority that ends with the test (tsa.h). Borrowed until
 * the eighth call. */
const char *signing_stamp(int64_t at);
/* make_pe with these options into the folder. */
void signing_make_pe(const char *name, const char *options);
/* A whole file of the folder; borrowed, freed when the process exits. */
struct bytes signing_read(const char *name);
void signing_write(const char *name, struct bytes);

#endif
