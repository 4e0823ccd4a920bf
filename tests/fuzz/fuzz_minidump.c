/* fuzz: needs crash base; corpus: the dumps of the shared data (dumps, e2e/dumps),
 * and what build/tests/make_minidump writes */
/*
 * A whole dump through crash_examine(), and its report through JSON: whatever
 * the bytes are, both end, and say the same twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "crash/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
run(struct buf *out, struct bytes dump, const struct crash_rules *rules)
{
	static struct crash_report r;
	struct json j;
	enum crash_error e = crash_examine(&r, dump, rules);

	json_init(&j, out);
	if (e == CRASH_OK)
		crash_report_json(&j, &r, "fuzz");
	else
		crash_error_json(&j, e, "fuzz", NULL);
	crash_report_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct crash_rules *rules;
	struct buf a, b;
	const char *wrong;

	if (rules == NULL)
		rules = crash_rules_parse(bytes_of(crash_rules_default_text,
					      strlen(crash_rules_default_text)),
		    &wrong);
	if (rules == NULL)
		abort();
	buf_init(&a, (size_t)16 << 20);
	buf_init(&b, (size_t)16 << 20);
	run(&a, bytes_of(data, len), rules);
	run(&b, bytes_of(data, len), rules);
	if (a.failed || a.len != b.len || memcmp(a.data, b.data, a.len) != 0 ||
	    !text_is_utf8(bytes_of(a.data, a.len)))
		abort();
	buf_free(&a);
	buf_free(&b);
	return 0;
}
