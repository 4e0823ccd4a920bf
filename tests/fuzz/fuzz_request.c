/* fuzz: needs web base; corpus: none, or any lines of text */
/*
 * Everything that is read of a request's head: the first byte chooses, the rest
 * is the string. Also what is written from it: HTML and CSV.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/text.h"
#include "web/chart.h"
#include "web/csv.h"
#include "web/html.h"
#include "web/request.h"
#include "web/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct route table[] = {
    {WEB_GET, "/", ROLE_PUBLIC, AS_HTML, 0, NULL},
    {WEB_GET, "/a/:/b/:", ROLE_PUBLIC, AS_HTML | AS_JSON, 0, NULL},
    {WEB_POST, "/:", ROLE_PUBLIC, AS_HTML | AS_CSV | AS_TEXT, 0, NULL},
};

static void
fuzz_target(const char *s)
{
	struct target t;
	struct route_match m;

	if (!target_parse(&t, s))
		return;
	for (size_t i = 0; i < t.num; i++)
		if (t.segment[i][0] == '\0' || strchr(t.segment[i], '/') != NULL ||
		    !text_is_utf8(bytes_of(t.segment[i], strlen(t.segment[i]))))
			abort();
	route_find(&m, table, sizeof(table) / sizeof(*table), WEB_GET, &t);
}

static void
fuzz_range(const char *s)
{
	static const uint64_t sizes[] = {0, 1, 65536, UINT64_MAX / 2};
	struct range r;

	for (size_t i = 0; i < 4; i++)
		if (range_parse(&r, s, sizes[i]) == RANGE_ONE &&
		    (r.len == 0 || r.first >= sizes[i] ||
			r.len > sizes[i] - r.first))
			abort();
}

static void
fuzz_output(const char *s)
{
	struct buf b;
	struct html h = {.out = &b};
	struct csv c;

	buf_init(&b, 1 << 20);
	html_text(&h, s);
	html_url(&h, s);
	if (buf_ok(&b) &&
	    (strpbrk(buf_str(&b), "<>\"'") != NULL ||
		!text_is_utf8(bytes_of(b.data, b.len))))
		abort();
	buf_reset(&b);
	csv_init(&c, &b);
	csv_text(&c, s);
	if (buf_ok(&b) && b.len > 1 && strchr("=+-@", buf_str(&b)[1]) != NULL)
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *s, value[65];
	struct chart chart;
	int64_t n;

	if (len < 1 || len > 65536)
		return 0;
	s = malloc(len);
	if (s == NULL)
		return 0;
	memcpy(s, data + 1, len - 1);
	s[len - 1] = '\0';
	switch (data[0] % 7) {
	case 0:
		fuzz_target(s);
		break;
	case 1:
		if (cookie_get(value, sizeof(value), s, "__Host-cs") &&
		    strlen(value) >= sizeof(value))
			abort();
		break;
	case 2:
		(void)accept_format(s);
		break;
	case 3:
		fuzz_range(s);
		break;
	case 4:
		(void)etag_listed(s, "\"abc\"", true);
		(void)origin_allowed(s, s, "host");
		break;
	case 5:
		chart_parse(&chart, s);
		(void)number_parse(&n, s);
		break;
	default:
		fuzz_output(s);
	}
	free(s);
	return 0;
}
