/* Sets of certificates, and reading them from PEM; see certificate.h. */
#include "pki/certificate.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"

bool
certificates_add(struct certificates *set, struct certificate *c,
    enum certificate_source source, const char *url)
{
	char *own = NULL;

	for (size_t i = 0; i < set->num; i++)
		if (certificate_same(set->item[i].cert, c))
			return true;
	if (set->num == CERTIFICATES_MAX)
		return false;
	if (url != NULL && (own = strdup(url)) == NULL)
		return false;
	set->item[set->num].cert = certificate_ref(c);
	set->item[set->num].source = source;
	set->item[set->num].url = own;
	set->num++;
	return true;
}

void
certificates_clear(struct certificates *set)
{
	for (size_t i = 0; i < set->num; i++) {
		certificate_free(set->item[i].cert);
		free(set->item[i].url);
	}
	memset(set, 0, sizeof(*set));
}

const char *
certificate_source_text(enum certificate_source source)
{
	static const char *const text[] = {
	    [SOURCE_EMBEDDED] = "embedded",
	    [SOURCE_GIVEN] = "given",
	    [SOURCE_CACHE] = "cache",
	    [SOURCE_AIA] = "aia",
	    [SOURCE_ROOT] = "root",
	};

	return text[source];
}

/* ---- PEM (RFC 7468) -------------------------------------------------------- */

static const char pem_begin[] = "-----BEGIN CERTIFICATE-----";
static const char pem_end[] = "-----END CERTIFICATE-----";

/* Where the text stands in pem from off on; pem.len if it does not. */
static size_t
find(struct bytes pem, size_t off, const char *text)
{
	const uint8_t *p = NULL;

	if (off < pem.len)
		p = memmem(pem.p + off, pem.len - off, text, strlen(text));
	return p != NULL ? (size_t)(p - pem.p) : pem.len;
}

static struct certificate *
parse_base64(struct bytes body)
{
	struct buf squeezed, der;
	struct certificate *c = NULL;

	buf_init(&squeezed, 2 * (size_t)CERTIFICATE_MAX_LEN);
	buf_init(&der, 2 * (size_t)CERTIFICATE_MAX_LEN);
	for (size_t i = 0; i < body.len; i++)
		if (body.p[i] > ' ')
			buf_putc(&squeezed, (char)body.p[i]);
	if (buf_ok(&squeezed) &&
	    text_unbase64(&der, buf_str(&squeezed), squeezed.len))
		c = certificate_parse(bytes_of(der.data, der.len));
	buf_free(&squeezed);
	buf_free(&der);
	return c;
}

struct certificate *
certificate_next_pem(struct bytes pem, size_t *offset, bool *out_bad)
{
	size_t begin = find(pem, *offset, pem_begin);
	size_t body = begin + sizeof(pem_begin) - 1;
	struct certificate *c;
	size_t end;

	*out_bad = false;
	if (begin == pem.len) {
		*offset = pem.len;
		return NULL;
	}
	end = find(pem, body, pem_end);
	if (end == pem.len) {
		*offset = pem.len;
		*out_bad = true;
		return NULL;
	}
	*offset = end + sizeof(pem_end) - 1;
	c = parse_base64(bytes_of(pem.p + body, end - body));
	*out_bad = c == NULL;
	return c;
}
