/* fuzz: needs fetch base; corpus: none, it finds its own */
/*
 * An address out of a certificate: what is taken is a plain http address of a
 * name with a dot, and stays the same when it is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "fetch/url_policy.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[2 * FETCH_MAX_URL];
	struct url u, again;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (url_check(&u, text) != URL_OK)
		return 0;
	if (strncmp(u.text, "http://", 7) != 0 || strchr(u.host, '.') == NULL ||
	    strpbrk(u.text, " \r\n@") == u.text || strchr(u.host, '@') != NULL)
		abort();
	if (strlen(u.text) <= FETCH_MAX_URL &&
	    (url_check(&again, u.text) != URL_OK ||
		strcmp(u.text, again.text) != 0 ||
		strcmp(u.host, again.host) != 0 || u.port != again.port))
		abort();
	return 0;
}
