/* pki/finding: the table and the list. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "pki/finding.h"

Test(finding, every_code_is_a_lower_hyphen_word_with_two_sentences)
{
	for (int i = FINDING_OK + 1; i < FINDING_NUM; i++) {
		enum finding_code code = (enum finding_code)i;
		const char *text = finding_text(code);

		cr_assert_not_null(text);
		cr_assert_eq(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(text), "%s", text);
		cr_assert_eq(
		    finding_by_text(text), code, "%s is there twice", text);
		cr_assert(strlen(finding_seen(code)) > 10, "%s", text);
		cr_assert(strlen(finding_remedy(code)) > 10, "%s", text);
		cr_assert_eq(finding_seen(code)[strlen(finding_seen(code)) - 1],
		    '.', "%s", text);
		cr_assert_eq(finding_remedy(code)[strlen(finding_remedy(code)) - 1],
		    '.', "%s", text);
	}
}

Test(finding, ok_has_no_text_and_the_unknown_is_none)
{
	cr_assert_null(finding_text(FINDING_OK));
	cr_assert_null(finding_text((enum finding_code)100000));
	cr_assert_eq(finding_by_text("no such code"), FINDING_OK);
	cr_assert_eq(finding_by_text(NULL), FINDING_OK);
}

Test(finding, reason_is_the_first_error)
{
	static struct findings f;

	cr_assert_eq(finding_reason(&f), FINDING_OK);
	finding_add(&f, FINDING_EXPIRED, SEVERITY_WARNING, 0, NULL);
	cr_assert_eq(finding_reason(&f), FINDING_OK);
	finding_add(
	    &f, FINDING_WEAK_KEY, SEVERITY_ERROR, 1, "RSA key of %d bits", 512);
	finding_add(&f, FINDING_REVOKED, SEVERITY_ERROR, 0, NULL);
	cr_assert_eq(finding_reason(&f), FINDING_WEAK_KEY);
	cr_assert_str_eq(f.item[1].detail, "RSA key of 512 bits");
}

Test(finding, a_long_detail_is_cut_between_characters)
{
	static struct findings f;
	char text[600];

	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		finding_add(&f, FINDING_EXPIRED, SEVERITY_NOTE, -1, "%s", text);
		cr_assert(text_is_utf8(
		    bytes_of(f.item[shift].detail, strlen(f.item[shift].detail))));
		cr_assert(strlen(f.item[shift].detail) > FINDING_DETAIL_MAX - 5);
	}
}

Test(finding, more_than_the_maximum_are_dropped)
{
	static struct findings f;

	for (int i = 0; i < FINDINGS_MAX + 5; i++)
		finding_add(&f, FINDING_EXPIRED, SEVERITY_ERROR, i, NULL);
	cr_assert_eq(f.num, FINDINGS_MAX);
	cr_assert_eq(f.item[0].certificate, 0);
}

Test(finding, json_is_the_contract_of_the_command_line)
{
	static struct findings f;
	struct json j;
	struct buf b;

	finding_add(&f, FINDING_EXPIRED, SEVERITY_ERROR, 2, "a \"quote\"");
	finding_add(&f, FINDING_WEAK_KEY, SEVERITY_NOTE, -1, NULL);
	buf_init(&b, 0);
	json_init(&j, &b);
	findings_json(&j, &f);
	cr_assert_str_eq(buf_str(&b),
	    "[{\"code\":\"expired\",\"severity\":\"error\","
	    "\"certificate\":2,\"detail\":\"a \\\"quote\\\"\"},"
	    "{\"code\":\"weak-key\",\"severity\":\"note\","
	    "\"certificate\":null,\"detail\":\"\"}]");
	buf_free(&b);
}
