/*
 * Requests as strangers write them: targets, cookies, ranges, preferences.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "web/request.h"

Test(target, splits_and_decodes)
{
	struct target t;

	cr_assert(target_parse(&t, "/"));
	cr_assert_eq(t.num, 0);
	cr_assert(target_parse(&t, "/buckets/12%33"));
	cr_assert_eq(t.num, 2);
	cr_assert_str_eq(t.segment[0], "buckets");
	cr_assert_str_eq(t.segment[1], "123");
}

Test(target, refuses_what_is_no_address_of_ours)
{
	static const char *const bad[] = {"", "buckets", "//", "/a//b", "/a/", "/.",
	    "/a/..", "/%2e%2e", "/a%2fb", "/a%00b", "/a%0ab", "/%", "/%4", "/%zz",
	    "/a\\b", "/%ff", "/1/2/3/4/5/6/7/8/9"};
	struct target t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_assert_not(target_parse(&t, bad[i]), "%s", bad[i]);
		cr_assert_eq(t.num, 0, "%s", bad[i]);
	}
}

Test(target, is_bounded)
{
	char path[WEB_MAX_PATH + 64];
	struct target t;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	cr_assert_not(target_parse(&t, path));
}

Test(target, gives_its_ending)
{
	struct target t;

	cr_assert(target_parse(&t, "/buckets.json"));
	cr_assert_eq(target_take_format(&t), FORMAT_JSON);
	cr_assert_str_eq(t.segment[0], "buckets");
	cr_assert(target_parse(&t, "/a/7.csv"));
	cr_assert_eq(target_take_format(&t), FORMAT_CSV);
	cr_assert_str_eq(t.segment[1], "7");
	cr_assert(target_parse(&t, "/.json"));
	cr_assert_eq(target_take_format(&t), FORMAT_HTML);
	cr_assert(target_parse(&t, "/a.jsonx"));
	cr_assert_eq(target_take_format(&t), FORMAT_HTML);
}

Test(cookie, finds_the_named_one_only)
{
	char v[16];

	cr_assert(cookie_get(v, sizeof(v), "a=1; __Host-cs=abc; b=2", "__Host-cs"));
	cr_assert_str_eq(v, "abc");
	cr_assert(cookie_get(v, sizeof(v), "__Host-cs=a=b==", "__Host-cs"));
	cr_assert_str_eq(v, "a=b==");
	cr_assert_not(cookie_get(v, sizeof(v), "x__Host-cs=abc", "__Host-cs"));
	cr_assert_not(cookie_get(v, sizeof(v), "__Host-cs-pre=abc", "__Host-cs"));
	cr_assert_not(cookie_get(v, sizeof(v), "__Host-cs", "__Host-cs"));
	cr_assert_not(cookie_get(v, sizeof(v), NULL, "__Host-cs"));
}

Test(cookie, given_twice_must_agree)
{
	char v[16];

	cr_assert_not(cookie_get(v, sizeof(v), "s=1; s=2", "s"));
	cr_assert_str_eq(v, "");
	cr_assert(cookie_get(v, sizeof(v), "s=1; s=1", "s"));
}

Test(cookie, too_long_is_none)
{
	char v[4];

	cr_assert(cookie_get(v, sizeof(v), "s=123", "s"));
	cr_assert_not(cookie_get(v, sizeof(v), "s=1234", "s"));
}

Test(secret, is_64_lower_case_digits)
{
	char s[66];

	memset(s, 'a', 64);
	s[64] = '\0';
	cr_assert(secret_valid(s));
	s[3] = 'A';
	cr_assert_not(secret_valid(s));
	s[3] = 'a';
	s[63] = '\0';
	cr_assert_not(secret_valid(s));
}

Test(accept, weighs)
{
	cr_assert_eq(accept_format(NULL), FORMAT_HTML);
	cr_assert_eq(accept_format("*/*"), FORMAT_HTML);
	cr_assert_eq(accept_format("application/json"), FORMAT_JSON);
	cr_assert_eq(accept_format("text/html,application/json"), FORMAT_HTML);
	cr_assert_eq(
	    accept_format("text/html;q=0.5, application/json"), FORMAT_JSON);
	cr_assert_eq(
	    accept_format("text/html, application/json;q=0.9"), FORMAT_HTML);
	cr_assert_eq(accept_format("application/json;q=0"), FORMAT_HTML);
	cr_assert_eq(accept_format("application/jsonp"), FORMAT_HTML);
	cr_assert_eq(accept_format(";q=,;;q"), FORMAT_HTML);
}

Test(origin, only_our_own)
{
	cr_assert(origin_allowed(NULL, NULL, "h:1"));
	cr_assert(origin_allowed("same-origin", "https://h:1", "h:1"));
	cr_assert(origin_allowed("none", NULL, "h:1"));
	cr_assert_not(origin_allowed("cross-site", NULL, "h:1"));
	cr_assert_not(origin_allowed("same-site", NULL, "h:1"));
	cr_assert_not(origin_allowed(NULL, "https://evil", "h:1"));
	cr_assert_not(origin_allowed(NULL, "http://h:1", "h:1"));
	cr_assert_not(origin_allowed(NULL, "https://h:12", "h:1"));
	cr_assert_not(origin_allowed(NULL, "null", "h:1"));
}

Test(number, is_plain)
{
	int64_t n;

	cr_assert(number_parse(&n, "123456789012345678"));
	cr_assert_eq(n, 123456789012345678);
	for (const char *const *p = (const char *const[]){"", "0", "01", "-1", "+1",
		 " 1", "1 ", "1e3", "0x1", "1234567890123456789", NULL};
	     *p != NULL; p++)
		cr_assert_not(number_parse(&n, *p), "%s", *p);
}

static void
expect(const char *header, uint64_t size, enum range_kind kind, uint64_t first,
    uint64_t len)
{
	struct range r;

	cr_assert_eq(range_parse(&r, header, size), kind, "%s", header);
	if (kind == RANGE_ONE) {
		cr_assert_eq(r.first, first, "%s", header);
		cr_assert_eq(r.len, len, "%s", header);
	}
}

Test(range, one)
{
	expect("bytes=0-0", 100, RANGE_ONE, 0, 1);
	expect("bytes=10-", 100, RANGE_ONE, 10, 90);
	expect("bytes=90-1000", 100, RANGE_ONE, 90, 10);
	expect("bytes=-7", 100, RANGE_ONE, 93, 7);
	expect("bytes=-700", 100, RANGE_ONE, 0, 100);
	expect("BYTES=0-99", 100, RANGE_ONE, 0, 100);
	expect("bytes=0-99999999999999999999999999", 100, RANGE_ONE, 0, 100);
}

Test(range, unsatisfiable)
{
	expect("bytes=100-", 100, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=-0", 100, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=99999999999999999999999999-", 100, RANGE_UNSATISFIABLE, 0, 0);
}

Test(range, ignored)
{
	expect(NULL, 100, RANGE_NONE, 0, 0);
	expect("items=0-1", 100, RANGE_NONE, 0, 0);
	expect("bytes=5-4", 100, RANGE_NONE, 0, 0);
	expect("bytes=0-1,4-5", 100, RANGE_NONE, 0, 0);
	expect("bytes=-", 100, RANGE_NONE, 0, 0);
	expect("bytes=", 100, RANGE_NONE, 0, 0);
	expect("bytes=a-b", 100, RANGE_NONE, 0, 0);
}

Test(etag, lists)
{
	cr_assert(etag_listed("\"a\"", "\"a\"", false));
	cr_assert(etag_listed("\"b\", \"a\"", "\"a\"", true));
	cr_assert(etag_listed("W/\"a\"", "\"a\"", true));
	cr_assert_not(etag_listed("W/\"a\"", "\"a\"", false));
	cr_assert(etag_listed("*", "\"a\"", true));
	cr_assert_not(etag_listed("\"ab\"", "\"a\"", true));
	cr_assert_not(etag_listed(NULL, "\"a\"", true));
}
