/* fuzz: needs intake base; corpus: three lines and a body */
/*
 * A whole upload as kore sees it: three strings, each on a line, and the body.
 * Whatever comes, the report is whole or empty, and all its text is UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "intake/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct intake_limits limits = {
    .max_body = 1 << 20,
    .max_inflated = 1 << 20,
};

/* The next line as an owned string; NULL if there is none. */
static char *
line(const uint8_t **data, size_t *len)
{
	const uint8_t *eol = *len != 0 ? memchr(*data, '\n', *len) : NULL;
	char *s;

	if (eol == NULL)
		return NULL;
	s = strndup((const char *)*data, (size_t)(eol - *data));
	*len -= (size_t)(eol + 1 - *data);
	*data = eol + 1;
	return s;
}

static void
is_clean(const char *s)
{
	if (s != NULL && !text_is_utf8(bytes_of(s, strlen(s))))
		abort();
}

static void
examine(const struct report *r)
{
	if (r->dump.len < 4 || r->num_annotations > REPORT_MAX_FIELDS)
		abort();
	is_clean(r->product);
	is_clean(r->version);
	is_clean(r->guid);
	is_clean(r->channel);
	is_clean(r->platform);
	for (size_t i = 0; i < r->num_annotations; i++) {
		is_clean(r->annotations[i].name);
		is_clean(r->annotations[i].value);
		for (size_t j = 0; j < i; j++)
			if (strcmp(r->annotations[i].name,
				r->annotations[j].name) == 0)
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *type = line(&data, &len);
	char *encoding = line(&data, &len);
	char *query = line(&data, &len);
	struct report r;

	if (intake_read_limited(&r, bytes_of(data, len), type, encoding, query,
		&limits) == INTAKE_OK)
		examine(&r);
	else if (r.dump.p != NULL || r.num_annotations != 0 || r.product != NULL)
		abort();
	report_free(&r);
	free(type);
	free(encoding);
	free(query);
	return 0;
}
