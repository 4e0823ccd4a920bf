/*
 * What goes out: escaping in HTML and CSV, headers, numbers, charts.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "web/chart.h"
#include "web/csv.h"
#include "web/html.h"
#include "web/response.h"
#include "web/words.h"

#define EXPECT_HTML(call, want)                                   \
	do {                                                      \
		struct buf b;                                     \
		struct html h = {.out = &b};                      \
		buf_init(&b, 0);                                  \
		call;                                             \
		cr_expect_str_eq(buf_str(&b), want, "%s", #call); \
		buf_free(&b);                                     \
	} while (0)

Test(html, escapes_markup)
{
	EXPECT_HTML(html_text(&h, "<b a=\"1\" c='2'>&"),
	    "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
	EXPECT_HTML(html_text(&h, NULL), "");
	EXPECT_HTML(html_text(&h, "M\xc3\xbcller \xe2\x86\x90"),
	    "M\xc3\xbcller \xe2\x86\x90");
}

Test(html, shows_what_hides)
{
	EXPECT_HTML(html_text(&h,
			"a\xe2\x80\xae"
			"b"),
	    "a\\u{202e}b");
	EXPECT_HTML(html_text(&h, "a\x1b[31m"), "a\\u{001b}[31m");
	EXPECT_HTML(html_text(&h, "\xff"), "\\xff");
	EXPECT_HTML(html_text(&h, "one\ntwo"), "one\ntwo");
}

Test(html, addresses_are_local_or_https)
{
	EXPECT_HTML(html_url(&h, "/buckets/1?a=b&c"), "/buckets/1?a=b&amp;c");
	EXPECT_HTML(html_url(&h, "https://a.example/"), "https://a.example/");
	EXPECT_HTML(html_url(&h, "javascript:alert(1)"), "#");
	EXPECT_HTML(html_url(&h, "//evil.example"), "#");
	EXPECT_HTML(html_url(&h, "/\\evil.example"), "#");
	EXPECT_HTML(html_url(&h, "data:text/html,x"), "#");
	EXPECT_HTML(html_url(&h, NULL), "#");
}

Test(html, numbers_and_times)
{
	EXPECT_HTML(html_count(&h, 0), "0");
	EXPECT_HTML(html_count(&h, 999), "999");
	EXPECT_HTML(html_count(&h, 1000), "1,000");
	EXPECT_HTML(html_count(&h, 41210003), "41,210,003");
	EXPECT_HTML(html_count(&h, -1234), "-1,234");
	EXPECT_HTML(html_count(&h, INT64_MIN), "-9,223,372,036,854,775,808");
	EXPECT_HTML(html_permille(&h, 345), "34.5");
	EXPECT_HTML(html_size(&h, 999), "999 B");
	EXPECT_HTML(html_size(&h, 198000), "198 kB");
	EXPECT_HTML(html_size(&h, 999499), "999 kB");
	EXPECT_HTML(html_size(&h, 999500), "1.0 MB");
	EXPECT_HTML(html_size(&h, 2149000), "2.1 MB");
	EXPECT_HTML(html_day(&h, 1795356000), "22 Nov 2026");
	EXPECT_HTML(html_time(&h, 1795356120), "22 Nov 2026 14:02 UTC");
	EXPECT_HTML(html_iso(&h, 1795356120), "2026-11-22T14:02:00Z");
}

Test(csv, is_no_formula)
{
	struct buf b;
	struct csv c;

	buf_init(&b, 0);
	csv_init(&c, &b);
	csv_text(&c, "=1+1");
	csv_text(&c, "+1");
	csv_text(&c, "-1");
	csv_text(&c, "@x");
	csv_text(&c, "\tx");
	csv_text(&c, "a\"b,c\nd");
	csv_text(&c, NULL);
	csv_int(&c, -5);
	csv_time(&c, 1795356120);
	csv_end_row(&c);
	csv_text(&c, "");
	csv_end_row(&c);
	cr_assert_str_eq(buf_str(&b),
	    "\"'=1+1\",\"'+1\",\"'-1\",\"'@x\",\"'\\u{"
	    "0009}x\",\"a\"\"b,c\\u{000a}d\",,"
	    "-5,2026-11-22T14:02:00Z\r\n\"\"\r\n");
	buf_free(&b);
}

Test(response, drops_values_that_break_lines)
{
	struct response r;

	response_init(&r);
	response_header(&r, "x-a", "one\r\nset-cookie: s=1");
	cr_assert_null(response_header_get0(&r, "x-a"));
	response_header(&r, "x-b", "%d", 7);
	cr_assert_str_eq(response_header_get0(&r, "x-b"), "7");
	response_free(&r);
}

Test(response, has_security_headers)
{
	struct response r;

	response_init(&r);
	response_header(&r, "cache-control", "public");
	response_security(&r);
	cr_assert_str_eq(response_header_get0(&r, "cache-control"), "public");
	cr_assert_str_eq(
	    response_header_get0(&r, "x-content-type-options"), "nosniff");
	cr_assert(strstr(response_header_get0(&r, "content-security-policy"),
		      "default-src 'none'") != NULL);
	cr_assert(strstr(response_header_get0(&r, "content-security-policy"),
		      "unsafe") == NULL);
	response_free(&r);
}

Test(response, cookies_are_host_only)
{
	struct response r;

	response_init(&r);
	response_cookie(&r, "__Host-cs", "abc");
	cr_assert_str_eq(response_header_get0(&r, "set-cookie"),
	    "__Host-cs=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
	response_clear(&r);
	response_cookie(&r, "__Host-cs", "");
	cr_assert_str_eq(response_header_get0(&r, "set-cookie"),
	    "__Host-cs=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
	response_free(&r);
}

Test(chart, takes_days_and_skips_nonsense)
{
	struct chart c;

	chart_parse(&c, "-29:1 0:4 -1:3 -30:9 1:9 -2:-5");
	cr_assert_eq(c.day[0], 1);
	cr_assert_eq(c.day[28], 3);
	cr_assert_eq(c.day[29], 4);
	cr_assert_eq(c.total, 8);
	cr_assert_eq(c.peak, 4);
	chart_parse(&c, "x");
	cr_assert_eq(c.total, 0);
	chart_parse(&c, "");
	cr_assert_eq(chart_top(&c), 1);
}

Test(chart, axis_is_round)
{
	struct chart c = {.peak = 1399};

	cr_assert_eq(chart_top(&c), 2000);
	c.peak = 5;
	cr_assert_eq(chart_top(&c), 5);
	c.peak = 6;
	cr_assert_eq(chart_top(&c), 10);
}

Test(chart, points_run_from_zero)
{
	struct chart c = {.day = {[29] = 10}, .peak = 10};
	struct buf b;

	buf_init(&b, 0);
	chart_points(&b, &c, 10, 0, 0, 290, 100);
	cr_assert(strncmp(buf_str(&b), "0.0,100.0 10.0,100.0", 20) == 0);
	cr_assert(strcmp(buf_str(&b) + b.len - 9, "290.0,0.0") == 0);
	buf_free(&b);
}

Test(words, ago)
{
	struct crash_arena a;

	crash_arena_init(&a, WORDS_MAX);
	cr_assert_str_eq(words_ago(&a, 1795356000, 1795356000 - 5), "just now");
	cr_assert_str_eq(words_ago(&a, 1795356000, 1795356000 - 125), "2 min ago");
	cr_assert_str_eq(words_ago(&a, 1795356000, 1795356000 - 7200), "2 h ago");
	cr_assert_str_eq(
	    words_ago(&a, 1795356000, 1795356000 - 3 * 86400), "3 d ago");
	cr_assert_str_eq(
	    words_ago(&a, 1795356000 + 40 * 86400, 1795356000), "22 Nov 2026");
	crash_arena_free(&a);
}

Test(words, label_positions_differ)
{
	cr_assert_str_eq(words_label_field("APPCRASH", 6), "Exception code");
	cr_assert_str_eq(words_label_field("BEX64", 6), "Exception offset");
	cr_assert_str_eq(words_label_field("MoAppCrash", 0), "Package");
	cr_assert_str_eq(words_label_field("APPCRASH", 8), "");
}
