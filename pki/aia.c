/*
 * Issuers by URL: reading the extension, and reading the answers.
 */
#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki/aia.h"
#include "pki/cms.h"

size_t
aia_issuer_urls(
    char out[AIA_URLS_MAX][AIA_URL_MAX_LEN], const struct certificate *cert)
{
	AUTHORITY_INFO_ACCESS *access;
	size_t num = 0;

	access = X509_get_ext_d2i(cert->x509, NID_info_access, NULL, NULL);
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access) && num < AIA_URLS_MAX;
	     i++) {
		const ACCESS_DESCRIPTION *d =
		    sk_ACCESS_DESCRIPTION_value(access, i);
		const ASN1_STRING *uri;
		const char *text;
		size_t len;

		if (OBJ_obj2nid(d->method) != NID_ad_ca_issuers ||
		    d->location->type != GEN_URI)
			continue;
		uri = d->location->d.uniformResourceIdentifier;
		text = (const char *)ASN1_STRING_get0_data(uri);
		len = (size_t)ASN1_STRING_length(uri);
		if (len < 8 || len >= AIA_URL_MAX_LEN ||
		    strncasecmp(text, "http://", 7) != 0 ||
		    memchr(text, '\0', len) != NULL)
			continue;
		memcpy(out[num], text, len);
		out[num++][len] = '\0';
	}
	AUTHORITY_INFO_ACCESS_free(access);
	ERR_clear_error();
	return num;
}

static size_t
add_one(struct certificates *pool, struct certificate *cert,
    enum certificate_source source, const char *url)
{
	size_t added = certificates_add(pool, cert, source, url) ? 1 : 0;

	certificate_free(cert);
	return added;
}

size_t
aia_add(struct certificates *pool, struct bytes fetched,
    enum certificate_source source, const char *url)
{
	struct certificates set = {0};
	struct certificate *cert;
	size_t offset = 0, len, num = 0;
	struct cms cms;
	bool bad;

	if (fetched.len == 0 || fetched.len > AIA_FETCH_MAX_LEN)
		return 0;
	if ((cert = certificate_parse(fetched)) != NULL)
		return add_one(pool, cert, source, url);
	if (cms_parse(&cms, &len, fetched) && len == fetched.len) {
		cms_certificates(&set, &cms);
		for (size_t i = 0; i < set.num; i++)
			num +=
			    certificates_add(pool, set.item[i].cert, source, url);
		certificates_clear(&set);
		return num;
	}
	while ((cert = certificate_next_pem(fetched, &offset, &bad)) != NULL)
		num += add_one(pool, cert, source, url);
	return num;
}
