/*
 * Reading SignedData.  A straight list of what must come; versions are not
 * looked at, since the tools disagree about them and nothing depends on them.
 */
#include "pki/cms.h"

#include "pki/der.h"

bool
cms_signer_parse(struct cms_signer *out, struct bytes *in)
{
	struct bytes body, id;
	uint32_t version;

	*out = (struct cms_signer){0};
	if (!der_take(in, DER_SEQUENCE, &body) || !der_take_uint(&body, &version))
		return false;
	if (der_peek(body) == DER_CONTEXT_PRIMITIVE(0)) {
		if (!der_take(&body, DER_CONTEXT_PRIMITIVE(0), &out->key_id))
			return false;
	} else {
		if (!der_take(&body, DER_SEQUENCE, &id) ||
		    !der_take_whole(&id, DER_SEQUENCE, &out->issuer) ||
		    !der_take_whole(&id, DER_INTEGER, &out->serial) || id.len != 0)
			return false;
	}
	if (!digest_take(&body, &out->digest))
		return false;
	if (der_peek(body) == DER_CONTEXT(0) &&
	    !der_take_whole(&body, DER_CONTEXT(0), &out->signed_attrs))
		return false;
	return der_take(&body, DER_SEQUENCE, &out->algorithm) &&
	    der_take(&body, DER_OCTET_STRING, &out->signature) &&
	    der_take_optional(&body, DER_CONTEXT(1), &out->unsigned_attrs) &&
	    body.len == 0;
}

/* PKCS#7 puts the content's SEQUENCE right into the [0], CMS wraps it in an
 * OCTET STRING; messageDigest covers what is inside tag and length of either. */
static bool
read_content(struct cms *out, struct bytes *signed_data)
{
	struct bytes info, oid, explicit;
	struct der item;

	if (!der_take(signed_data, DER_SEQUENCE, &info) ||
	    !der_take(&info, DER_OID, &oid))
		return false;
	out->content_type = oid_find(oid);
	if (!der_take_optional(&info, DER_CONTEXT(0), &explicit) || info.len != 0)
		return false;
	if (explicit.p == NULL)
		return true;
	if (!der_next(&explicit, &item) || explicit.len != 0 ||
	    (item.tag != DER_OCTET_STRING && item.tag != DER_SEQUENCE))
		return false;
	out->content = item.body;
	out->in_octets = item.tag == DER_OCTET_STRING;
	return true;
}

bool
cms_parse(struct cms *out, size_t *out_len, struct bytes in)
{
	struct bytes rest = in, info, oid, explicit, signed_data, crls, signers;
	uint32_t version;

	*out = (struct cms){0};
	*out_len = 0;
	if (!der_take(&rest, DER_SEQUENCE, &info) ||
	    !der_take(&info, DER_OID, &oid) || !oid_is(oid, OID_SIGNED_DATA) ||
	    !der_take(&info, DER_CONTEXT(0), &explicit) || info.len != 0 ||
	    !der_take(&explicit, DER_SEQUENCE, &signed_data) || explicit.len != 0)
		return false;
	if (!der_take_uint(&signed_data, &version) ||
	    !der_take(&signed_data, DER_SET, &out->digests) ||
	    !read_content(out, &signed_data) ||
	    !der_take_optional(&signed_data, DER_CONTEXT(0), &out->certificates) ||
	    !der_take_optional(&signed_data, DER_CONTEXT(1), &crls) ||
	    !der_take(&signed_data, DER_SET, &signers) || signed_data.len != 0)
		return false;
	while (signers.len > 0) {
		struct cms_signer signer;

		if (!cms_signer_parse(&signer, &signers))
			return false;
		if (out->num_signers++ == 0)
			out->signer = signer;
	}
	*out_len = in.len - rest.len;
	return true;
}

size_t
cms_certificates(struct certificates *set, const struct cms *cms)
{
	struct bytes in = cms->certificates;
	struct der item;
	size_t bad = 0;

	while (in.len > 0) {
		struct certificate *cert;

		if (!der_next(&in, &item))
			return bad + 1;
		cert =
		    item.tag == DER_SEQUENCE ? certificate_parse(item.whole) : NULL;
		if (cert == NULL ||
		    !certificates_add(set, cert, SOURCE_EMBEDDED, NULL))
			bad++;
		certificate_free(cert);
	}
	return bad;
}

bool
cms_digests_are(const struct cms *cms, const struct digest *digest)
{
	struct bytes in = cms->digests;

	if (in.len == 0)
		return false;
	while (in.len > 0) {
		const struct digest *named;

		if (!digest_take(&in, &named) || named != digest)
			return false;
	}
	return true;
}

size_t
cms_attribute(struct bytes out_values[CMS_VALUES_MAX], struct bytes attributes,
    enum oid wanted)
{
	size_t num = 0;

	while (attributes.len > 0) {
		struct bytes attribute, oid, values;
		struct der value;

		if (!der_take(&attributes, DER_SEQUENCE, &attribute) ||
		    !der_take(&attribute, DER_OID, &oid) ||
		    !der_take(&attribute, DER_SET, &values) || attribute.len != 0)
			return 0;
		while (
		    oid_is(oid, wanted) && values.len > 0 && num < CMS_VALUES_MAX) {
			if (!der_next(&values, &value))
				return 0;
			out_values[num++] = value.whole;
		}
	}
	return num;
}

bool
cms_signed_attribute(
    struct bytes *out_value, const struct cms_signer *signer, enum oid wanted)
{
	struct bytes values[CMS_VALUES_MAX], whole = signer->signed_attrs,
					     attributes;

	*out_value = bytes_of(NULL, 0);
	if (whole.p == NULL || !der_take(&whole, DER_CONTEXT(0), &attributes) ||
	    cms_attribute(values, attributes, wanted) != 1)
		return false;
	*out_value = values[0];
	return true;
}
