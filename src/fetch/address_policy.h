/*
 * Which network addresses may be connected to: public unicast ones, and no way
 * around that through an address that embeds another (RFC 6890 and the IANA
 * special-purpose registries). Pure.
 */
#ifndef FETCH_ADDRESS_POLICY_H
#define FETCH_ADDRESS_POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

bool address_v4_allowed(const uint8_t a[4]);
bool address_v6_allowed(const uint8_t a[16]);
/* AF_INET and AF_INET6; anything else is refused. */
bool address_allowed(const struct sockaddr *);

#endif
