/*
 * Reading SpcIndirectDataContent and SpcSpOpusInfo.
 */
#include "base/buf.h"
#include "base/text.h"
#include "pki/der.h"
#include "pki/spc.h"

bool
spc_indirect_parse(struct spc_indirect *out, struct bytes body)
{
	struct bytes data, oid, info;

	*out = (struct spc_indirect){0};
	if (!der_take(&body, DER_SEQUENCE, &data) ||
	    !der_take(&data, DER_OID, &oid) ||
	    !der_take(&body, DER_SEQUENCE, &info) || body.len != 0 ||
	    !digest_take(&info, &out->digest) ||
	    !der_take(&info, DER_OCTET_STRING, &out->value) || info.len != 0)
		return false;
	/* data's own value (flags, a file name that says "obsolete", page
	 * hashes) says nothing that we use */
	out->kind = oid_find(oid);
	return out->digest == NULL || out->value.len == out->digest->len;
}

/* BMPString: UTF-16, big-endian; the text helper reads little-endian. */
static bool
bmp_to_utf8(struct buf *out, struct bytes in)
{
	struct buf swapped;
	uint8_t *p;

	if (in.len % 2 != 0)
		return false;
	buf_init(&swapped, 0);
	p = buf_extend(&swapped, in.len);
	for (size_t i = 0; p != NULL && i < in.len; i += 2) {
		p[i] = in.p[i + 1];
		p[i + 1] = in.p[i];
	}
	text_utf16le(out, bytes_of(swapped.data, swapped.len));
	buf_free(&swapped);
	return p != NULL || in.len == 0;
}

bool
spc_program_name(char *out, size_t size, struct bytes opus)
{
	struct bytes fields, name;
	struct der string;
	struct buf text;
	bool ok;

	out[0] = '\0';
	if (!der_take(&opus, DER_SEQUENCE, &fields) || opus.len != 0 ||
	    !der_take_optional(&fields, DER_CONTEXT(0), &name))
		return false;
	if (name.p == NULL)
		return true;
	if (!der_next(&name, &string) || name.len != 0)
		return false;
	buf_init(&text, size);
	if (string.tag == DER_CONTEXT_PRIMITIVE(0)) {
		ok = bmp_to_utf8(&text, string.body);
	} else if (string.tag == DER_CONTEXT_PRIMITIVE(1)) {
		text_utf8(&text, string.body);
		ok = true;
	} else {
		ok = false;
	}
	/* a NUL inside would end the name for those who compare strings */
	ok = ok && buf_ok(&text) && text.len < size &&
	    (text.len == 0 || memchr(text.data, 0, text.len) == NULL);
	if (ok && text.len > 0) {
		memcpy(out, text.data, text.len);
		out[text.len] = '\0';
	}
	buf_free(&text);
	return ok;
}
