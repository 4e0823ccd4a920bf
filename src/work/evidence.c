/*
 * What a child says about a signature.
 */
#include "work/evidence.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

void
evidence_signer_json(struct json *j, const struct certificate *c)
{
	struct buf b;

	if (c == NULL) {
		json_none(j);
		return;
	}
	buf_init(&b, 0);
	text_base64(&b, bytes_of(c->der, c->der_len));
	json_begin_object(j);
	json_kv_string(j, "der", buf_str(&b));
	json_kv_string(j, "subject", c->subject);
	json_kv_string(j, "issuer", c->issuer);
	json_kv_string(j, "serial", c->serial);
	json_key(j, "spki_sha256");
	json_hex(j, c->spki_sha256, 32);
	json_kv_string(j, "common_name", c->common_name);
	json_kv_string(j, "organisation", c->organisation);
	json_kv_int(j, "not_before", c->not_before);
	json_kv_int(j, "not_after", c->not_after);
	json_kv_bool(j, "self_signed", c->self_signed);
	json_end_object(j);
	buf_free(&b);
}

void
evidence_identities_json(struct json *j, const struct identities *ids)
{
	json_begin_array(j);
	for (size_t i = 0; i < ids->num; i++) {
		/* an organisation is no identity (design, section 5) */
		if (ids->item[i].kind == IDENTITY_ORGANISATION)
			continue;
		json_begin_object(j);
		json_kv_string(j, "kind", identity_kind_text(ids->item[i].kind));
		json_kv_string(j, "value", ids->item[i].value);
		json_kv_string(j, "display", ids->item[i].display);
		json_end_object(j);
	}
	json_end_array(j);
}

static void
ca_issuers(struct json *j, const struct certificate *c, unsigned *num)
{
	AUTHORITY_INFO_ACCESS *aia =
	    X509_get_ext_d2i(c->x509, NID_info_access, NULL, NULL);

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(aia); i++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(aia, i);
		const ASN1_STRING *s;
		int len;

		if (*num == EVIDENCE_MAX_URLS ||
		    OBJ_obj2nid(d->method) != NID_ad_ca_issuers ||
		    d->location->type != GEN_URI)
			continue;
		s = d->location->d.uniformResourceIdentifier;
		len = ASN1_STRING_length(s);
		if (len < 8 || len > EVIDENCE_MAX_URL ||
		    memcmp(ASN1_STRING_get0_data(s), "http://", 7) != 0)
			continue;
		json_bytes(j, bytes_of(ASN1_STRING_get0_data(s), (size_t)len));
		(*num)++;
	}
	AUTHORITY_INFO_ACCESS_free(aia);
	ERR_clear_error();
}

void
evidence_wanted_json(struct json *j, const struct signed_file *f)
{
	unsigned num = 0;

	json_begin_array(j);
	for (size_t i = 0; i < f->num_signatures; i++) {
		const struct signature *s = &f->signature[i];
		const struct certificate *last =
		    s->path.num > 0 ? s->path.cert[s->path.num - 1] : s->signer;

		/* Nobody may make us fetch with a signature that does not
		 * hold (CVE-2026-21945 was that). */
		if (!s->digest_matches || last == NULL ||
		    finding_reason(&s->findings) != FINDING_ISSUER_NOT_FOUND)
			continue;
		ca_issuers(j, last, &num);
	}
	json_end_array(j);
}

void
evidence_used_json(struct json *j, const struct signed_file *f)
{
	json_begin_array(j);
	for (size_t i = 0; i < f->num_signatures; i++) {
		const struct path *p = &f->signature[i].path;

		for (size_t k = 0; p->valid && k < p->num; k++)
			if (p->source[k] == SOURCE_AIA && p->url[k] != NULL)
				json_text(j, p->url[k]);
	}
	json_end_array(j);
}
