/*
 * Refused ranges, as tables.
 */
#include "fetch/address_policy.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

struct range {
	uint8_t bytes[16];
	unsigned bits;
};

static const struct range refused_v4[] = {
    {{0}, 8},		  /* this network */
    {{10}, 8},		  /* private */
    {{100, 64}, 10},	  /* carrier-grade NAT */
    {{127}, 8},		  /* loopback */
    {{169, 254}, 16},	  /* link-local, cloud metadata */
    {{172, 16}, 12},	  /* private */
    {{192, 0, 0}, 24},	  /* IETF protocol assignments */
    {{192, 0, 2}, 24},	  /* documentation */
    {{192, 88, 99}, 24},  /* 6to4 relays */
    {{192, 168}, 16},	  /* private */
    {{198, 18}, 15},	  /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},		  /* multicast */
    {{240}, 4},		  /* reserved, broadcast */
};

/* Only 2000::/3 is public unicast; of it: */
static const struct range refused_v6[] = {
    {{0x20, 0x01, 0x00}, 23},	    /* IETF, with Teredo (it embeds v4) */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},		    /* 6to4 embeds v4 */
    {{0x3f, 0xff, 0x00}, 20},	    /* documentation */
};

static bool
in_range(const uint8_t *a, const struct range *r)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(a, r->bytes, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ r->bytes[whole]) >> (8 - rest)) == 0;
}

bool
address_v4_allowed(const uint8_t a[4])
{
	for (size_t i = 0; i < sizeof(refused_v4) / sizeof(refused_v4[0]); i++)
		if (in_range(a, &refused_v4[i]))
			return false;
	return true;
}

/* Loopback, mapped and translated v4 (::ffff/96, 64:ff9b::/96), local, unique
 * local and multicast addresses all lie outside 2000::/3. */
bool
address_v6_allowed(const uint8_t a[16])
{
	if (a[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof(refused_v6) / sizeof(refused_v6[0]); i++)
		if (in_range(a, &refused_v6[i]))
			return false;
	return true;
}

bool
address_allowed(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		return address_v4_allowed((const uint8_t *)&in.sin_addr);
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		return address_v6_allowed(in6.sin6_addr.s6_addr);
	}
	return false;
}
