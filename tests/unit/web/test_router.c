/*
 * Addresses, methods and endings.
 */
#include <criterion/criterion.h>

#include "web/router.h"

static void
a(struct exchange *x)
{
	(void)x;
}
static void
b(struct exchange *x)
{
	(void)x;
}
static void
c(struct exchange *x)
{
	(void)x;
}

static const struct route table[] = {
    {WEB_GET, "/", ROLE_PUBLIC, AS_HTML, 0, a},
    {WEB_GET, "/list", ROLE_VENDOR, AS_HTML | AS_JSON, 0, b},
    {WEB_GET, "/list/:", ROLE_VENDOR, AS_HTML, 0, c},
    {WEB_POST, "/list/:", ROLE_VENDOR, AS_HTML | AS_JSON, 0, a},
    {WEB_GET, "/list/:/of/:", ROLE_VENDOR, AS_HTML, 0, b},
};

static struct target t;

static struct route_match
find(enum web_method method, const char *path)
{
	struct route_match m;

	cr_assert(target_parse(&t, path));
	route_find(&m, table, sizeof(table) / sizeof(*table), method, &t);
	return m;
}

Test(router, finds)
{
	struct route_match m = find(WEB_GET, "/");

	cr_assert_eq(m.route, &table[0]);
	m = find(WEB_HEAD, "/list");
	cr_assert_eq(m.route, &table[1]);
	m = find(WEB_GET, "/list/7/of/9");
	cr_assert_eq(m.route, &table[4]);
	cr_assert_eq(m.num_params, 2);
	cr_assert_str_eq(m.param[0], "7");
	cr_assert_str_eq(m.param[1], "9");
}

Test(router, takes_endings)
{
	struct route_match m = find(WEB_GET, "/list.json");

	cr_assert_eq(m.route, &table[1]);
	cr_assert_eq(m.format, FORMAT_JSON);
	m = find(WEB_POST, "/list/7.json");
	cr_assert_eq(m.route, &table[3]);
	cr_assert_str_eq(m.param[0], "7");
	m = find(WEB_GET, "/list.csv");
	cr_assert_null(m.route);
	cr_assert_eq(m.allowed, 0);
}

Test(router, tells_missing_from_forbidden)
{
	struct route_match m = find(WEB_GET, "/nothing");
	char allow[32];

	cr_assert_null(m.route);
	cr_assert_eq(m.allowed, 0);
	m = find(WEB_POST, "/list");
	cr_assert_null(m.route);
	route_allow(allow, m.allowed);
	cr_assert_str_eq(allow, "GET, HEAD");
	m = find(WEB_OTHER, "/list/7");
	cr_assert_null(m.route);
	route_allow(allow, m.allowed);
	cr_assert_str_eq(allow, "GET, HEAD, POST");
	m = find(WEB_GET, "/list/7/of");
	cr_assert_null(m.route);
	cr_assert_eq(m.allowed, 0);
}
