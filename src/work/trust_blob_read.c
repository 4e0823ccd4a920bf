/*
 * Reads the roots, in the child.  (A file of its own: jansson and base/json.h
 * have functions of the same name.)
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "work/trust_blob.h"

static struct certificate *
read_der(const json_t *o)
{
	const char *text = json_string_value(json_object_get(o, "der"));
	struct certificate *c = NULL;
	struct buf b;

	if (text == NULL)
		return NULL;
	buf_init(&b, CERTIFICATE_MAX_LEN);
	if (text_unbase64(&b, text, strlen(text)))
		c = certificate_parse(bytes_of(b.data, b.len));
	buf_free(&b);
	return c;
}

static bool
read_root(struct trust_store *store, const json_t *o)
{
	struct certificate *c = read_der(o);
	const json_t *list, *item;
	struct trust_root *r;
	size_t i;

	if (c == NULL)
		return false;
	r = trust_add(store, c,
	    (unsigned)json_integer_value(json_object_get(o, "capabilities")));
	certificate_free(c);
	if (r == NULL)
		return false;
	list = json_object_get(o, "policies");
	json_array_foreach(list, i, item)
	{
		if (r->num_policies == TRUST_POLICIES_MAX || !json_is_string(item))
			return false;
		r->policy[r->num_policies] = strdup(json_string_value(item));
		if (r->policy[r->num_policies++] == NULL)
			return false;
	}
	list = json_object_get(o, "issuing_keys");
	json_array_foreach(list, i, item)
	{
		if (r->num_issuing_keys == TRUST_POLICIES_MAX ||
		    !json_is_string(item) ||
		    !text_unhex(r->issuing_key[r->num_issuing_keys++], 32,
			json_string_value(item)))
			return false;
	}
	return true;
}

bool
trust_blob_read(struct trust_store *store, struct bytes in)
{
	json_t *root = json_loadb((const char *)in.p, in.len, 0, NULL);
	const char *version = json_string_value(json_object_get(root, "version"));
	const json_t *item;
	bool ok = root != NULL && version != NULL;
	size_t i;

	trust_init(store);
	if (ok)
		snprintf(store->version, sizeof(store->version), "%s", version);
	json_array_foreach(json_object_get(root, "roots"), i, item) ok =
	    ok && read_root(store, item);
	json_decref(root);
	return ok;
}
