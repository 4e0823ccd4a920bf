/*
 * A time-stamp authority (RFC 3161 over HTTP, section 3.4) for tests, since the
 * options with which osslsigncode stamps by itself are younger than Debian 12:
 * every version can ask one at a URL. It listens on 127.0.0.1 only, answers one
 * request after the other, and has forgotten each before the next.
 *
 * Needs libcrypto alone, so that programs beside the tests can have it too.
 */
#ifndef SUPPORT_TSA_H
#define SUPPORT_TSA_H

#include <stddef.h>
#include <stdint.h>

/* Starts it in a process of its own, which ends with the calling thread; cert
 * and key are PEM files, of which the first certificate signs. From then on
 * no_proxy spares 127.0.0.1. Returns the port, or 0 with a line on standard
 * error. */
uint16_t tsa_start(const char *cert, const char *key);

/* The URL at which it stamps at this time (seconds since 1970), whatever the
 * clock says; 0 is the clock's time. out wants 64 bytes. */
void tsa_url(char *out, size_t out_len, uint16_t port, int64_t at);

#endif
