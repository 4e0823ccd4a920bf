/*
 * A file from its bytes to its verdict: find the container's parts, read every
 * signature, take all digests that they ask for in one pass over the bytes,
 * judge each signature on its own.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>

#include "pki/cab.h"
#include "pki/der.h"
#include "pki/pe.h"
#include "pki/signature.h"

/* What stays in the processor's cache between two digests of it. */
#define CHUNK_LEN   ((size_t)64 << 10)
#define DIGESTS_MAX 5
#define IMAGES_MAX  5

/* The container's parts, whichever it is. */
struct parts {
	enum oid kind;
	size_t num_images;
	struct bytes image[IMAGES_MAX];
	size_t num_blobs;
	struct bytes blob[PE_ENTRIES_MAX];
};

/* One running digest: of the whole file, or of what the image covers. */
struct running {
	const struct digest *digest;
	bool whole;
	EVP_MD_CTX *ctx;
	uint8_t value[DIGEST_MAX_LEN];
	bool ok;
};

struct examination {
	struct signed_file *file;
	struct parts parts;
	struct signature_parts *signature; /* beside file->signature */
	size_t num_running;
	struct running running[DIGESTS_MAX + 2];
};

static void
find_parts(struct examination *x, struct bytes file)
{
	struct findings *findings = &x->file->findings;
	struct parts *parts = &x->parts;

	if (pe_is(file)) {
		struct pe pe;

		x->file->container = CONTAINER_PE;
		parts->kind = OID_SPC_PE_IMAGE_DATA;
		pe_parse(&pe, findings, file);
		parts->num_images = 3;
		memcpy(parts->image, pe.image, sizeof(pe.image));
		parts->num_blobs = pe.num_entries;
		memcpy(parts->blob, pe.entry, sizeof(pe.entry));
	} else if (cab_is(file)) {
		struct cab cab;

		x->file->container = CONTAINER_CAB;
		parts->kind = OID_SPC_CAB_DATA;
		cab_parse(&cab, findings, file);
		parts->num_images = cab.num_images;
		memcpy(parts->image, cab.image, sizeof(cab.image));
		parts->num_blobs = cab.signature.len > 0 ? 1 : 0;
		parts->blob[0] = cab.signature;
	} else {
		finding_add(findings, FINDING_UNSUPPORTED_CONTAINER, SEVERITY_ERROR,
		    -1, NULL);
	}
}

/* Behind the signature its block may have the zeros of an alignment to eight
 * bytes and nothing else: Windows does not look there (MS13-098). */
static void
check_padding(struct findings *findings, struct bytes blob, size_t used)
{
	bool zero = true;

	for (size_t i = used; i < blob.len; i++)
		zero = zero && blob.p[i] == 0;
	if (!zero || blob.len - used > 7)
		finding_add(findings, FINDING_HIDDEN_BYTES, SEVERITY_ERROR, -1,
		    "%zu bytes follow the signature in its block", blob.len - used);
}

static struct signature *
new_signature(struct examination *x, bool nested)
{
	struct signed_file *file = x->file;
	struct signature *sig;

	if (file->num_signatures == SIGNATURES_MAX) {
		finding_add(&file->findings, FINDING_TOO_MANY_SIGNATURES,
		    SEVERITY_ERROR, -1, NULL);
		return NULL;
	}
	sig = &file->signature[file->num_signatures];
	sig->index = (unsigned)file->num_signatures++;
	sig->nested = nested;
	return sig;
}

/* In the table's order, then what is nested in them, level by level. */
static void
read_signatures(struct examination *x)
{
	struct signed_file *file = x->file;
	struct bytes nested[CMS_VALUES_MAX];
	struct signature *sig;

	for (size_t i = 0; i < x->parts.num_blobs; i++) {
		struct bytes blob = x->parts.blob[i];
		size_t used;

		if ((sig = new_signature(x, false)) == NULL)
			return;
		used = signature_read(
		    sig, &x->signature[sig->index], blob, x->parts.kind);
		if (used != 0)
			check_padding(&file->findings, blob, used);
	}
	for (size_t i = 0; i < file->num_signatures; i++) {
		size_t num = 0;

		if (x->signature[i].readable)
			num = cms_attribute(nested,
			    x->signature[i].cms.signer.unsigned_attrs,
			    OID_SPC_NESTED_SIGNATURE);
		for (size_t n = 0; n < num; n++) {
			if ((sig = new_signature(x, true)) == NULL)
				return;
			signature_read(sig, &x->signature[sig->index], nested[n],
			    x->parts.kind);
		}
	}
}

static void
want_digest(struct examination *x, const struct digest *digest, bool whole)
{
	struct running *r;

	if (digest == NULL)
		return;
	for (size_t i = 0; i < x->num_running; i++)
		if (x->running[i].digest == digest && x->running[i].whole == whole)
			return;
	r = &x->running[x->num_running++];
	*r = (struct running){
	    .digest = digest, .whole = whole, .ctx = EVP_MD_CTX_new()};
	r->ok =
	    r->ctx != NULL && EVP_DigestInit_ex(r->ctx, digest->md(), NULL) == 1;
}

static void
update(struct running *r, struct bytes file, const struct parts *parts, size_t from,
    size_t to)
{
	if (!r->ok)
		return;
	if (r->whole) {
		r->ok = EVP_DigestUpdate(r->ctx, file.p + from, to - from) == 1;
		return;
	}
	for (size_t i = 0; r->ok && i < parts->num_images; i++) {
		struct bytes image = parts->image[i];
		size_t start, end;

		if (image.len == 0)
			continue;
		start = (size_t)(image.p - file.p);
		end = start + image.len;
		start = start > from ? start : from;
		end = end < to ? end : to;
		if (start < end)
			r->ok = EVP_DigestUpdate(
				    r->ctx, file.p + start, end - start) == 1;
	}
}

static void
take_digests(struct examination *x, struct bytes file)
{
	for (size_t at = 0; at < file.len; at += CHUNK_LEN) {
		size_t to = file.len - at > CHUNK_LEN ? at + CHUNK_LEN : file.len;

		for (size_t i = 0; i < x->num_running; i++)
			update(&x->running[i], file, &x->parts, at, to);
	}
	for (size_t i = 0; i < x->num_running; i++) {
		struct running *r = &x->running[i];

		r->ok = r->ok && EVP_DigestFinal_ex(r->ctx, r->value, NULL) == 1;
		EVP_MD_CTX_free(r->ctx);
		r->ctx = NULL;
	}
	ERR_clear_error();
}

static const uint8_t *
digest_value(const struct examination *x, const struct digest *digest, bool whole)
{
	for (size_t i = 0; i < x->num_running; i++)
		if (x->running[i].digest == digest &&
		    x->running[i].whole == whole && x->running[i].ok)
			return x->running[i].value;
	return NULL;
}

/* Genuine when one signature is and the container is sound. */
static void
conclude(struct signed_file *file)
{
	file->verdict = VERDICT_REFUSED;
	if (finding_reason(&file->findings) != FINDING_OK)
		return;
	if (file->num_signatures == 0) {
		file->verdict = VERDICT_UNSIGNED;
		finding_add(
		    &file->findings, FINDING_NOT_SIGNED, SEVERITY_ERROR, -1, NULL);
	}
	for (size_t i = 0; i < file->num_signatures; i++)
		if (file->signature[i].verdict == VERDICT_GENUINE)
			file->verdict = VERDICT_GENUINE;
}

void
authenticode_examine(struct signed_file *out, struct bytes file,
    const struct signature_options *options)
{
	struct examination x = {.file = out};
	const uint8_t *value;

	memset(out, 0, sizeof(*out));
	out->signature = calloc(SIGNATURES_MAX, sizeof(*out->signature));
	x.signature = calloc(SIGNATURES_MAX, sizeof(*x.signature));
	find_parts(&x, file);
	if (out->signature != NULL && x.signature != NULL)
		read_signatures(&x);
	else
		finding_add(&out->findings, FINDING_TOO_MANY_SIGNATURES,
		    SEVERITY_ERROR, -1, "no memory for any");
	want_digest(&x, digest_by_oid(OID_SHA256), true);
	want_digest(&x, digest_by_oid(OID_SHA1), true);
	for (size_t i = 0; x.signature != NULL && i < out->num_signatures; i++)
		want_digest(&x, x.signature[i].indirect.digest, false);
	take_digests(&x, file);
	if ((value = digest_value(&x, digest_by_oid(OID_SHA256), true)) != NULL)
		memcpy(out->sha256, value, sizeof(out->sha256));
	if ((value = digest_value(&x, digest_by_oid(OID_SHA1), true)) != NULL)
		memcpy(out->sha1, value, sizeof(out->sha1));
	for (size_t i = 0; x.signature != NULL && i < out->num_signatures; i++)
		signature_judge(&out->signature[i], &x.signature[i],
		    digest_value(&x, x.signature[i].indirect.digest, false),
		    options);
	conclude(out);
	free(x.signature);
}

void
authenticode_judge_again(
    struct signed_file *file, const struct signature_options *options)
{
	for (size_t i = 0; i < file->num_signatures; i++)
		signature_judge_chain(&file->signature[i], options);
	if (file->num_signatures > 0)
		conclude(file);
}

void
signed_file_free(struct signed_file *file)
{
	for (size_t i = 0; i < file->num_signatures; i++)
		signature_clear(&file->signature[i]);
	free(file->signature);
	memset(file, 0, sizeof(*file));
}

enum finding_code
signed_file_reason(const struct signed_file *file)
{
	enum finding_code code = finding_reason(&file->findings);

	if (file->verdict == VERDICT_GENUINE)
		return FINDING_OK;
	if (code == FINDING_OK && file->num_signatures > 0)
		code = finding_reason(&file->signature[0].findings);
	return code;
}
