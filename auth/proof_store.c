/*
 * A proof becomes rows: the certificate, a signer for each identity, the proof,
 * grants, the session and the audit row, all in the caller's transaction
 * (auth/proof.h).
 */
#include <stdio.h>

#include "auth/proof.h"
#include "auth/vendor.h"
#include "base/json.h"

void
proof_identities_json(struct buf *out, const struct proof_signer *s)
{
	struct json j;

	json_init(&j, out);
	json_begin_array(&j);
	for (size_t i = 0; i < s->num_identities; i++) {
		json_begin_object(&j);
		json_kv_string(&j, "kind", s->identity[i].kind);
		json_kv_string(&j, "value", s->identity[i].value);
		json_end_object(&j);
	}
	json_end_array(&j);
}

static enum db_error
certificate_store(struct db *db, const struct proof_signer *s)
{
	struct db_args args;

	db_args_init(&args);
	db_arg_text(&args, s->sha256);
	db_arg_bytes(&args, bytes_of(s->der.data, s->der.len));
	db_arg_text(&args, s->subject);
	db_arg_text(&args, s->issuer);
	db_arg_text(&args, s->serial);
	db_arg_text(&args, s->spki_sha256);
	db_arg_int(&args, s->not_before);
	db_arg_int(&args, s->not_after);
	return db_run(db, QUERY_CERTIFICATE_PUT, &args, NULL);
}

enum db_error
proof_signer_store(struct db *db, const struct proof_signer *s,
    int64_t out_signers[PROOF_MAX_IDENTITIES])
{
	enum db_error e = certificate_store(db, s);
	struct db_args args;
	PGresult *row;

	for (size_t i = 0; e == DB_OK && i < s->num_identities; i++) {
		const struct proof_identity *id = &s->identity[i];

		db_args_init(&args);
		db_arg_text(&args, id->kind);
		db_arg_text(&args, id->value);
		db_arg_text(&args, proof_name(s));
		db_arg_text(&args, proof_identity_assurance(s, id));
		if ((e = db_run_one(db, QUERY_SIGNER_PUT, &args, &row)) != DB_OK)
			break;
		out_signers[i] = db_int(row, 0, 0);
		PQclear(row);
	}
	return e;
}

enum db_error
proof_shared(struct db *db, const struct proof_signer *s, bool *out_shared)
{
	struct db_args args;
	enum db_error e;
	PGresult *row;
	struct buf ids;

	*out_shared = false;
	buf_init(&ids, 0);
	proof_identities_json(&ids, s);
	db_args_init(&args);
	db_arg_text(&args, s->subject);
	db_arg_text(&args, s->spki_sha256);
	db_arg_text(&args, buf_str(&ids));
	e = db_run_one(db, QUERY_SHARED_FIND, &args, &row);
	buf_free(&ids);
	if (e != DB_OK)
		return e;
	*out_shared = row != NULL;
	PQclear(row);
	return DB_OK;
}

static enum db_error
audit(struct db *db, const char *actor, const char *action, int64_t attempt,
    int64_t vendor, const char *detail)
{
	struct db_args args;
	char object[48];

	snprintf(object, sizeof(object), "attempt %lld", (long long)attempt);
	db_args_init(&args);
	db_arg_text(&args, actor);
	db_arg_text(&args, action);
	db_arg_text(&args, object);
	if (vendor != 0)
		db_arg_int(&args, vendor);
	else
		db_arg_null(&args);
	db_arg_text(&args, detail);
	return db_run(db, QUERY_AUDIT_APPEND, &args, NULL);
}

enum db_error
proof_refused(struct db *db, const struct proof *p, const struct proof_attempt *a)
{
	enum db_error e;
	struct buf detail;
	struct json j;

	buf_init(&detail, 0);
	json_init(&j, &detail);
	json_begin_object(&j);
	json_kv_string(&j, "reason", p->reason);
	json_kv_string(&j, "challenge", a->challenge);
	json_kv_string(
	    &j, "certificate", p->signer.present ? p->signer.sha256 : NULL);
	json_kv_string(&j, "subject", p->signer.present ? p->signer.subject : NULL);
	json_end_object(&j);
	e = audit(db, "visitor", "sign-in refused", a->id, 0, buf_str(&detail));
	buf_free(&detail);
	return e;
}

static enum db_error
proof_row(struct db *db, const struct proof *p, const struct proof_attempt *a,
    int64_t vendor, int64_t *out_proof)
{
	struct db_args args;
	enum db_error e;
	PGresult *row;
	struct buf ids;

	buf_init(&ids, 0);
	proof_identities_json(&ids, &p->signer);
	db_args_init(&args);
	db_arg_int(&args, vendor);
	db_arg_text(&args, p->signer.sha256);
	db_arg_text(&args, a->challenge);
	db_arg_int(&args, a->policy);
	db_arg_text(&args, buf_str(&ids));
	e = db_run_one(db, QUERY_PROOF_ADD, &args, &row);
	buf_free(&ids);
	if (e != DB_OK)
		return e;
	*out_proof = db_int(row, 0, 0);
	PQclear(row);
	return DB_OK;
}

static enum db_error
session_row(
    struct db *db, const struct proof_attempt *a, int64_t vendor, int64_t proof)
{
	struct db_args args;

	if (a->session_hash[0] == '\0')
		return DB_OK;
	db_args_init(&args);
	db_arg_text(&args, a->session_hash);
	db_arg_int(&args, vendor);
	db_arg_int(&args, proof);
	db_arg_int(&args, a->lifetime);
	return db_run(db, QUERY_SESSION_ADD, &args, NULL);
}

/* What nobody holds, and the proof shows, is the vendor's from now on. What
 * somebody else holds stays his; the audit row names it. */
static enum db_error
grants(struct db *db, const struct proof *p, const int64_t *signers, int64_t vendor,
    int64_t proof, struct json *j)
{
	enum db_error e = DB_OK;
	int64_t holder;
	bool granted;

	json_key(j, "held_by_another");
	json_begin_array(j);
	for (size_t i = 0; e == DB_OK && i < p->signer.num_identities; i++) {
		e = vendor_grant(db, vendor, signers[i], "proof", proof, &granted);
		if (e != DB_OK || granted)
			continue;
		e = vendor_of_signers(db, &signers[i], 1, &holder);
		if (e == DB_OK && holder != vendor)
			json_int(j, signers[i]);
	}
	json_end_array(j);
	return e;
}

static enum db_error
sign_in(struct db *db, const struct proof *p, const struct proof_attempt *a,
    const int64_t *signers, int64_t *vendor, struct json *j)
{
	enum db_error e;
	int64_t proof = 0;
	bool is_new;

	e = vendor_of_signers(db, signers, p->signer.num_identities, vendor);
	is_new = e == DB_OK && *vendor == 0;
	if (is_new)
		e = vendor_new(db, proof_name(&p->signer),
		    proof_assurance(&p->signer), vendor);
	if (e == DB_OK)
		e = proof_row(db, p, a, *vendor, &proof);
	json_begin_object(j);
	json_kv_string(j, "challenge", a->challenge);
	json_kv_string(j, "certificate", p->signer.sha256);
	json_kv_string(j, "subject", p->signer.subject);
	json_kv_int(j, "proof", proof);
	json_kv_bool(j, "new_vendor", is_new);
	if (e == DB_OK)
		e = grants(db, p, signers, *vendor, proof, j);
	json_end_object(j);
	if (e == DB_OK)
		e = session_row(db, a, *vendor, proof);
	return e;
}

enum db_error
proof_accept(struct db *db, struct proof *p, const struct proof_attempt *a,
    int64_t *out_vendor)
{
	int64_t signers[PROOF_MAX_IDENTITIES] = {0};
	enum db_error e;
	char actor[40];
	bool shared;
	struct buf detail;
	struct json j;

	*out_vendor = 0;
	if ((e = proof_shared(db, &p->signer, &shared)) != DB_OK)
		return e;
	if (shared) {
		p->accepted = false;
		snprintf(p->reason, sizeof(p->reason), "shared-signer");
		return DB_OK;
	}
	if ((e = proof_signer_store(db, &p->signer, signers)) != DB_OK)
		return e;
	buf_init(&detail, 0);
	json_init(&j, &detail);
	e = sign_in(db, p, a, signers, out_vendor, &j);
	snprintf(actor, sizeof(actor), "vendor %lld", (long long)*out_vendor);
	if (e == DB_OK)
		e = audit(
		    db, actor, "signed in", a->id, *out_vendor, buf_str(&detail));
	buf_free(&detail);
	return e;
}
