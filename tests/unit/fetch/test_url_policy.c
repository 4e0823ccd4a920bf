/* Addresses that a certificate may and may not name. */
#include <criterion/criterion.h>
#include <string.h>

#include "fetch/url_policy.h"

static enum url_refusal
check(const char *text)
{
	struct url u;

	return url_check(&u, text);
}

Test(url_policy, takes_what_authorities_write)
{
	struct url u;

	cr_expect_eq(url_check(&u, "http://AIA.Example.test/CA 1.crt#x"), URL_OK);
	cr_expect_str_eq(u.host, "aia.example.test");
	cr_expect_eq(u.port, 80);
	cr_expect_str_eq(u.text, "http://aia.example.test/CA%201.crt");
	cr_expect_eq(url_check(&u, "http://a.example.test"), URL_OK);
	cr_expect_str_eq(u.text, "http://a.example.test/");
	cr_expect_eq(url_check(&u, "http://a.example.test:443/x?y=z"), URL_OK);
	cr_expect_str_eq(u.text, "http://a.example.test:443/x?y=z");
	cr_expect_eq(url_check(&u, "http://a.example.test:80/x"), URL_OK);
	cr_expect_str_eq(u.text, "http://a.example.test/x");
	cr_expect_eq(check("http://192.0.2.7/x"), URL_OK);
}

Test(url_policy, refuses_other_schemes)
{
	cr_expect_eq(check("https://a.example.test/"), URL_NOT_HTTP);
	cr_expect_eq(check("ldap:///CN=x"), URL_NOT_HTTP);
	cr_expect_eq(check("file:///etc/passwd"), URL_NOT_HTTP);
	cr_expect_eq(check(""), URL_NOT_HTTP);
	cr_expect_eq(check("//a.example.test/"), URL_NOT_HTTP);
}

Test(url_policy, refuses_hosts_that_are_no_public_names)
{
	static const char *const bad[] = {"http:///x", "http://localhost/x",
	    "http://intranet/", "http://a..b/", "http://.a.b/", "http://a.b./",
	    "http://[::1]/", "http://127.1/", "http://0x7f.0.0.1/x",
	    "http://2130706433/", "http://1.2.3/", "http://1.2.3.4.5/",
	    "http://a_b.test/", "http://-a.test/", "http://a-.test/",
	    "http://a.test\\@b.test/", "http://a%2eb.test/", "http://a b.test/"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(check(bad[i]), URL_BAD_HOST, "%s", bad[i]);
}

Test(url_policy, refuses_credentials_ports_and_controls)
{
	char text[FETCH_MAX_URL + 10];

	cr_expect_eq(check("http://u:p@a.example.test/"), URL_CREDENTIALS);
	cr_expect_eq(check("http://a.example.test:8080/"), URL_BAD_PORT);
	cr_expect_eq(check("http://a.example.test:080/"), URL_BAD_PORT);
	cr_expect_eq(check("http://a.example.test:80:80/"), URL_BAD_PORT);
	cr_expect_eq(
	    check("http://a.example.test/a\r\nHost: b"), URL_BAD_CHARACTER);
	cr_expect_eq(check("http://a.example.test/\xc3\xa9"), URL_BAD_CHARACTER);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "http://a.test/", 14);
	cr_expect_eq(check(text), URL_TOO_LONG);
}
