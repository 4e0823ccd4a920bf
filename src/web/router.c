/*
 * Finding the route of an address; see router.h.
 */
#include "web/router.h"

#include <string.h>

/* Whether the target is of this pattern; collects the parameters. */
static bool
pattern_matches(struct route_match *m, const char *pattern, const struct target *t)
{
	const char *p = pattern + 1; /* behind the leading slash */
	size_t i = 0, len;

	m->num_params = 0;
	while (*p != '\0') {
		len = strcspn(p, "/");
		if (i == t->num)
			return false;
		if (len == 1 && *p == ':')
			m->param[m->num_params++] = t->segment[i];
		else if (strlen(t->segment[i]) != len ||
		    memcmp(t->segment[i], p, len) != 0)
			return false;
		i++;
		p += len;
		if (*p == '/')
			p++;
	}
	return i == t->num;
}

static bool
search(struct route_match *m, const struct route *table, size_t num,
    enum web_method method, const struct target *t, unsigned format)
{
	bool known = false;

	for (size_t i = 0; i < num; i++) {
		if ((table[i].formats & format) == 0 ||
		    !pattern_matches(m, table[i].pattern, t))
			continue;
		known = true;
		m->allowed |= table[i].methods;
		if (table[i].methods & WEB_GET)
			m->allowed |= WEB_HEAD;
		if ((table[i].methods & (unsigned)method) ||
		    (method == WEB_HEAD && (table[i].methods & WEB_GET))) {
			m->route = &table[i];
			return true;
		}
	}
	return known;
}

void
route_find(struct route_match *m, const struct route *table, size_t num,
    enum web_method method, struct target *t)
{
	struct target stripped = *t;
	enum web_format format;

	*m = (struct route_match){.format = FORMAT_HTML};
	/* The copy's segments must point into the copy. */
	for (size_t i = 0; i < t->num; i++)
		stripped.segment[i] = stripped.text + (t->segment[i] - t->text);
	format = target_take_format(&stripped);
	if (format != FORMAT_HTML) {
		*t = stripped;
		for (size_t i = 0; i < t->num; i++)
			t->segment[i] =
			    t->text + (stripped.segment[i] - stripped.text);
		m->format = format;
		m->has_ending = true;
	}
	if (!search(m, table, num, method, t, 1u << format))
		m->num_params = 0;
}

void
route_allow(char out[32], unsigned methods)
{
	static const struct {
		unsigned method;
		const char *text;
	} known[] = {{WEB_GET, "GET"}, {WEB_HEAD, "HEAD"}, {WEB_POST, "POST"}};
	char *p = out;

	*p = '\0';
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if ((methods & known[i].method) == 0)
			continue;
		if (p != out) {
			*p++ = ',';
			*p++ = ' ';
		}
		for (const char *s = known[i].text; *s != '\0'; s++)
			*p++ = *s;
		*p = '\0';
	}
}
