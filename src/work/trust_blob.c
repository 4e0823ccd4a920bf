/*
 * Writes roots for a child.
 */
#include "work/trust_blob.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

static void
der_json(struct json *j, const struct certificate *c)
{
	struct buf b;

	buf_init(&b, 0);
	text_base64(&b, bytes_of(c->der, c->der_len));
	json_kv_string(j, "der", buf_str(&b));
	buf_free(&b);
}

static void
root_json(struct json *j, const struct trust_root *r)
{
	json_begin_object(j);
	der_json(j, r->cert);
	json_kv_int(j, "capabilities", r->capabilities);
	json_key(j, "policies");
	json_begin_array(j);
	for (size_t i = 0; i < r->num_policies; i++)
		json_text(j, r->policy[i]);
	json_end_array(j);
	json_key(j, "issuing_keys");
	json_begin_array(j);
	for (size_t i = 0; i < r->num_issuing_keys; i++)
		json_hex(j, r->issuing_key[i], 32);
	json_end_array(j);
	json_end_object(j);
}

bool
trust_blob_write(struct buf *out, const struct trust_store *roots)
{
	struct json j;

	json_init(&j, out);
	json_begin_object(&j);
	json_kv_string(&j, "version", roots->version);
	json_key(&j, "roots");
	json_begin_array(&j);
	for (size_t i = 0; i < roots->num; i++)
		root_json(&j, &roots->root[i]);
	json_end_array(&j);
	json_end_object(&j);
	return buf_ok(out);
}
