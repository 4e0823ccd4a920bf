/*
 * Fetched certificates, in the child. All public caIssuers addresses serve DER,
 * a PKCS#7 whose certificates come in any order, or, rarely, PEM; tried in the
 * order in which Chromium does.
 */
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include "base/buf.h"
#include "base/text.h"
#include "pki/certificate.h"
#include "work/issuers.h"

static void
add(struct certificates *set, struct certificate *c, const char *url)
{
	if (c == NULL)
		return;
	certificates_add(set, c, SOURCE_AIA, url);
	certificate_free(c);
}

static void
add_pkcs7(struct certificates *set, struct bytes in, const char *url)
{
	const uint8_t *p = in.p;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)in.len);

	if (p7 != NULL && PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
		for (int i = 0; i < sk_X509_num(p7->d.sign->cert); i++) {
			uint8_t *der = NULL;
			int len =
			    i2d_X509(sk_X509_value(p7->d.sign->cert, i), &der);

			if (len > 0)
				add(set,
				    certificate_parse(bytes_of(der, (size_t)len)),
				    url);
			OPENSSL_free(der);
		}
	PKCS7_free(p7);
	ERR_clear_error();
}

static void
add_any(struct certificates *set, struct bytes in, const char *url)
{
	struct certificate *c = certificate_parse(in);
	size_t before = set->num, offset = 0;
	bool bad = false;

	if (c != NULL) {
		add(set, c, url);
		return;
	}
	add_pkcs7(set, in, url);
	if (set->num > before)
		return;
	while ((c = certificate_next_pem(in, &offset, &bad)) != NULL)
		add(set, c, url);
}

void
issuers_read(struct certificates *out, struct bytes in)
{
	json_t *list = json_loadb((const char *)in.p, in.len, 0, NULL);
	const json_t *item;
	struct buf raw;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *url = json_string_value(json_object_get(item, "url"));
		const char *text =
		    json_string_value(json_object_get(item, "bytes"));

		buf_init(&raw, CERTIFICATE_MAX_LEN);
		if (url != NULL && text != NULL &&
		    text_unbase64(&raw, text, strlen(text)))
			add_any(out, bytes_of(raw.data, raw.len), url);
		buf_free(&raw);
	}
	json_decref(list);
}
