/*
 * The roots out of the database.
 */
#include "work/trust_load.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "work/log.h"
#include "work/memfd.h"
#include "work/trust_blob.h"

enum db_error
trust_version(struct db *db, int64_t *out_version)
{
	enum db_error e;
	PGresult *r;

	*out_version = 0;
	if ((e = db_run_one(db, QUERY_POLICY_CURRENT, NULL, &r)) == DB_OK)
		*out_version = db_int(r, 0, 0);
	PQclear(r);
	return e;
}

/* The words of a list that spaces separate, each handed to take(). */
static void
each_word(const char *list, void (*take)(struct trust_root *, const char *, size_t),
    struct trust_root *root)
{
	while (*list != '\0') {
		size_t len = strcspn(list, " ");

		if (len > 0)
			take(root, list, len);
		list += len + (list[len] == ' ');
	}
}

static void
take_policy(struct trust_root *r, const char *word, size_t len)
{
	if (r->num_policies < TRUST_POLICIES_MAX &&
	    (r->policy[r->num_policies] = strndup(word, len)) != NULL)
		r->num_policies++;
}

static void
take_key(struct trust_root *r, const char *word, size_t len)
{
	char hex[65];

	snprintf(hex, sizeof(hex), "%.*s", (int)len, word);
	if (r->num_issuing_keys < TRUST_POLICIES_MAX &&
	    text_unhex(r->issuing_key[r->num_issuing_keys], 32, hex))
		r->num_issuing_keys++;
}

static void
take_capability(struct trust_root *r, const char *word, size_t len)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	r->capabilities |= capability_by_text(text);
}

static struct certificate *
certificate_at(const PGresult *r, int row, int col)
{
	struct certificate *c = NULL;
	struct buf der;

	buf_init(&der, CERTIFICATE_MAX_LEN);
	if (db_bytes(r, row, col, &der))
		c = certificate_parse(bytes_of(der.data, der.len));
	buf_free(&der);
	return c;
}

enum db_error
trust_load(struct trust_store *out, struct db *db, int64_t version)
{
	enum db_error e;
	PGresult *r;

	trust_init(out);
	snprintf(out->version, sizeof(out->version), "%lld", (long long)version);
	if ((e = db_run(db, QUERY_TRUST_ROOTS, NULL, &r)) != DB_OK)
		return e;
	for (int i = 0; i < PQntuples(r); i++) {
		struct certificate *c = certificate_at(r, i, 0);
		struct trust_root *root = c == NULL ? NULL : trust_add(out, c, 0);

		certificate_free(c);
		if (root == NULL) {
			log_event("root-unreadable", "row=%d", i);
			continue;
		}
		each_word(db_text(r, i, 1), take_capability, root);
		each_word(db_text(r, i, 2), take_policy, root);
		each_word(db_text(r, i, 3), take_key, root);
	}
	PQclear(r);
	return DB_OK;
}

enum db_error
trust_memfd(int *out_fd, struct db *db, int64_t version)
{
	struct trust_store roots;
	enum db_error e;
	struct buf blob;

	*out_fd = -1;
	buf_init(&blob, 0);
	e = trust_load(&roots, db, version);
	if (e == DB_OK && trust_blob_write(&blob, &roots))
		*out_fd = memfd_with(bytes_of(blob.data, blob.len));
	if (e == DB_OK && *out_fd < 0)
		e = DB_FAILED;
	trust_free(&roots);
	buf_free(&blob);
	return e;
}
