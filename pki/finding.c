/* The table of finding codes and the list that collects them; see finding.h. */
#include "pki/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const struct {
	const char *text, *seen, *remedy;
} codes[FINDING_NUM] = {
    [FINDING_OK] = {NULL, "Nothing is wrong.", ""},
#define FINDING(name, text, seen, remedy) [FINDING_##name] = {text, seen, remedy},
#include "pki/finding_codes.def"
#undef FINDING
};

static const char *const severities[] = {
    [SEVERITY_NOTE] = "note",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_ERROR] = "error",
};

/* A cut must not leave half a character behind: whatever shows the detail
 * counts on UTF-8. */
static void
trim_partial_character(char *s)
{
	size_t end = strlen(s);
	size_t lead = end;
	size_t want;

	while (lead > 0 && end - lead < 4 &&
	    ((unsigned char)s[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	lead--;
	want = (unsigned char)s[lead] >= 0xf0 ? 4
	    : (unsigned char)s[lead] >= 0xe0  ? 3
	    : (unsigned char)s[lead] >= 0xc0  ? 2
					      : 1;
	if (end - lead < want)
		s[lead] = '\0';
}

void
finding_add(struct findings *f, enum finding_code code, enum severity severity,
    int certificate, const char *fmt, ...)
{
	struct finding *item;
	va_list ap;
	int n;

	if (f->num == FINDINGS_MAX)
		return;
	item = &f->item[f->num++];
	item->code = code;
	item->severity = severity;
	item->certificate = certificate;
	item->detail[0] = '\0';
	if (fmt == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(item->detail, sizeof(item->detail), fmt, ap);
	va_end(ap);
	if (n < 0)
		item->detail[0] = '\0';
	else if ((size_t)n >= sizeof(item->detail))
		trim_partial_character(item->detail);
}

enum finding_code
finding_reason(const struct findings *f)
{
	for (size_t i = 0; i < f->num; i++)
		if (f->item[i].severity == SEVERITY_ERROR)
			return f->item[i].code;
	return FINDING_OK;
}

static bool
known(enum finding_code code)
{
	return (unsigned)code < FINDING_NUM;
}

const char *
finding_text(enum finding_code code)
{
	return known(code) ? codes[code].text : NULL;
}

const char *
finding_seen(enum finding_code code)
{
	return known(code) ? codes[code].seen : "";
}

const char *
finding_remedy(enum finding_code code)
{
	return known(code) ? codes[code].remedy : "";
}

enum finding_code
finding_by_text(const char *text)
{
	if (text == NULL)
		return FINDING_OK;
	for (int i = FINDING_OK + 1; i < FINDING_NUM; i++)
		if (strcmp(codes[i].text, text) == 0)
			return (enum finding_code)i;
	return FINDING_OK;
}

void
findings_json(struct json *j, const struct findings *f)
{
	json_begin_array(j);
	for (size_t i = 0; i < f->num; i++) {
		const struct finding *item = &f->item[i];

		json_begin_object(j);
		json_kv_string(j, "code", finding_text(item->code));
		json_kv_string(j, "severity", severities[item->severity]);
		json_key(j, "certificate");
		if (item->certificate >= 0)
			json_int(j, item->certificate);
		else
			json_none(j);
		json_kv_string(j, "detail", item->detail);
		json_end_object(j);
	}
	json_end_array(j);
}
