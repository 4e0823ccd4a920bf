/* Where the fetcher may connect to. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stddef.h>

#include "fetch/address_policy.h"

static bool
v4(const char *text)
{
	uint8_t a[4];

	cr_assert_eq(inet_pton(AF_INET, text, a), 1);
	return address_v4_allowed(a);
}

static bool
v6(const char *text)
{
	uint8_t a[16];

	cr_assert_eq(inet_pton(AF_INET6, text, a), 1);
	return address_v6_allowed(a);
}

Test(address_policy, public_addresses)
{
	static const char *const good4[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0",
	    "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
	    "198.17.255.255", "198.20.0.0", "223.255.255.255", "169.253.255.255"};
	static const char *const good6[] = {
	    "2606:4700::1", "2a00:1450::1", "2001:200::1", "2003::1"};

	for (size_t i = 0; i < sizeof(good4) / sizeof(good4[0]); i++)
		cr_expect(v4(good4[i]), "%s", good4[i]);
	for (size_t i = 0; i < sizeof(good6) / sizeof(good6[0]); i++)
		cr_expect(v6(good6[i]), "%s", good6[i]);
}

Test(address_policy, everything_else)
{
	static const char *const bad4[] = {"0.0.0.0", "0.1.2.3", "10.0.0.1",
	    "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
	    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
	    "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.1.1.1",
	    "240.0.0.1", "255.255.255.255"};
	static const char *const bad6[] = {"::", "::1", "::ffff:8.8.8.8",
	    "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "fc00::1",
	    "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2002:808:808::1",
	    "2001::1", "2001:db8::1", "5f00::1"};

	for (size_t i = 0; i < sizeof(bad4) / sizeof(bad4[0]); i++)
		cr_expect_not(v4(bad4[i]), "%s", bad4[i]);
	for (size_t i = 0; i < sizeof(bad6) / sizeof(bad6[0]); i++)
		cr_expect_not(v6(bad6[i]), "%s", bad6[i]);
}

Test(address_policy, other_families)
{
	struct sockaddr sa = {.sa_family = AF_UNIX};

	cr_expect_not(address_allowed(&sa));
}
