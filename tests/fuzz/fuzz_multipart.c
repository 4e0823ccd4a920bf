/* fuzz: needs intake base; corpus: the boundary on a line, then a body */
/*
 * A boundary on the first line, a body behind it, through the multipart parser:
 * every part lies inside the body, parts stand in order, none overlaps another.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "intake/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
inside(struct bytes part, struct bytes whole)
{
	if (part.p == NULL) {
		if (part.len != 0)
			abort();
		return;
	}
	if (part.p < whole.p || part.len > whole.len ||
	    part.p + part.len > whole.p + whole.len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *eol = len != 0 ? memchr(data, '\n', len) : NULL;
	const uint8_t *last;
	struct bytes boundary, body;
	struct multipart m;
	char type[256];
	size_t type_len;

	if (eol == NULL || (size_t)(eol - data) >= sizeof(type))
		return 0;
	type_len = (size_t)(eol - data);
	memcpy(type, data, type_len);
	type[type_len] = '\0';
	body = bytes_of(eol + 1, len - type_len - 1);
	if (multipart_boundary(&boundary, type) != INTAKE_OK) {
		if (boundary.len != 0)
			abort();
		boundary = bytes_of(type, type_len);
	}
	(void)!multipart_parse(&m, body, boundary);
	if (m.num_parts > INTAKE_MAX_PARTS)
		abort();
	last = body.p;
	for (size_t i = 0; i < m.num_parts; i++) {
		const struct multipart_part *p = &m.parts[i];

		inside(p->name, body);
		inside(p->filename, body);
		inside(p->content_type, body);
		inside(p->encoding, body);
		inside(p->data, body);
		if (p->name.len == 0 || p->name.p < last || p->data.p < p->name.p)
			abort();
		last = p->data.p + p->data.len;
	}
	return 0;
}
