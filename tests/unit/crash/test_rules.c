/* Lists of platform and library modules: what they say, and which texts are
 * refused, with the line. */
#include <criterion/criterion.h>
#include <string.h>

#include "crash/rules.h"

static struct crash_rules *
parse(const char *text, const char **wrong, unsigned *line)
{
	return crash_rules_parse_line(bytes_of(text, strlen(text)), wrong, line);
}

Test(rules, classes)
{
	const char *wrong;
	unsigned line;
	struct crash_rules *r = parse("# a list\n\nversion 12\n"
				      "platform ntdll.dll\r\n"
				      "\tlibrary  msvcp*.dll # C++\n"
				      "platform msvcp_win.dll\n"
				      "library System.*.ni.dll",
	    &wrong, &line);

	cr_assert_not_null(r, "%u: %s", line, wrong);
	cr_assert_eq(crash_rules_version(r), 12);
	cr_assert_eq(crash_rules_class(r, "NTDLL.DLL"), CRASH_RULE_PLATFORM);
	cr_assert_eq(crash_rules_class(r, "ntdll.dll2"), CRASH_RULE_NONE);
	cr_assert_eq(crash_rules_class(r, "tdll.dll"), CRASH_RULE_NONE);
	cr_assert_eq(crash_rules_class(r, "MSVCP140.dll"), CRASH_RULE_LIBRARY);
	cr_assert_eq(crash_rules_class(r, "msvcp140.exe"), CRASH_RULE_NONE);
	/* A full name wins over a pattern. */
	cr_assert_eq(crash_rules_class(r, "msvcp_win.dll"), CRASH_RULE_PLATFORM);
	cr_assert_eq(
	    crash_rules_class(r, "system.core.ni.dll"), CRASH_RULE_LIBRARY);
	cr_assert_eq(crash_rules_class(r, "system.ni.dll"), CRASH_RULE_NONE);
	cr_assert_eq(crash_rules_class(r, ""), CRASH_RULE_NONE);
	crash_rules_free(r);
	crash_rules_free(NULL);
}

Test(rules, mistakes_name_their_line)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
	    {"", 0},
	    {"platform a.dll\n", 1},
	    {"version 1\nversion 2\n", 2},
	    {"version one\n", 1},
	    {"version 0\n", 1},
	    {"version 1234567890\n", 1},
	    {"version 1\n\nplatfrom a.dll\n", 3},
	    {"version 1\nplatform\n", 2},
	    {"version 1\nplatform a b\n", 2},
	    {"version 1\nlibrary *\n", 2},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *wrong = NULL;
		unsigned line = 99;

		cr_expect_null(
		    parse(bad[i].text, &wrong, &line), "%s", bad[i].text);
		cr_expect_not_null(wrong);
		cr_expect_eq(line, bad[i].line, "%s: line %u", bad[i].text, line);
	}
}

Test(rules, a_NUL_is_no_text)
{
	const char *wrong;

	cr_assert_null(crash_rules_parse(bytes_of("version 1\0\n", 11), &wrong));
}

Test(rules, what_is_compiled_in_parses)
{
	const char *wrong;
	unsigned line;
	struct crash_rules *r = parse(crash_rules_default_text, &wrong, &line);

	cr_assert_not_null(r, "conf/rules.conf:%u: %s", line, wrong);
	cr_assert_eq(crash_rules_class(r, "ntdll.dll"), CRASH_RULE_PLATFORM);
	cr_assert_eq(crash_rules_class(r, "KERNELBASE.dll"), CRASH_RULE_PLATFORM);
	cr_assert_eq(
	    crash_rules_class(r, "VCRUNTIME140_1.dll"), CRASH_RULE_LIBRARY);
	cr_assert_eq(crash_rules_class(r, "ucrtbase.dll"), CRASH_RULE_LIBRARY);
	cr_assert_eq(crash_rules_class(r, "reverb.dll"), CRASH_RULE_NONE);
	crash_rules_free(r);
}
