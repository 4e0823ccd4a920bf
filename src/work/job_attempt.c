/*
 * One signed challenge: a child judges it, the verdict becomes a session or a
 * refusal, and whoever waits for it is woken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/proof.h"
#include "base/json.h"
#include "base/settings.h"
#include "pki/finding.h"
#include "work/issuers.h"
#include "work/log.h"
#include "work/memfd.h"
#include "work/tasks.h"
#include "work/worker.h"

struct attempt {
	struct proof_attempt row; /* strings borrowed from the result */
	char host[256], code_hash[65];
	int64_t expires_at, handed_in_at;
	int tries;
	const char *wait_for; /* JSON: addresses of issuers; borrowed */
	struct buf upload;
};

static void
attempt_read(struct attempt *a, const PGresult *r, const struct worker *w)
{
	a->row.id = db_int(r, 0, db_col(r, "id"));
	a->row.challenge = db_text(r, 0, db_col(r, "challenge"));
	a->row.session_hash = db_text(r, 0, db_col(r, "session_hash"));
	a->row.policy = w->policy;
	a->row.lifetime = settings_number(w->settings, "session.lifetime");
	snprintf(a->host, sizeof(a->host), "%s", db_text(r, 0, db_col(r, "host")));
	snprintf(a->code_hash, sizeof(a->code_hash), "%s",
	    db_text(r, 0, db_col(r, "code_hash")));
	a->expires_at = db_int(r, 0, db_col(r, "expires_at"));
	a->handed_in_at = db_int(r, 0, db_col(r, "handed_in_at"));
	a->tries = (int)db_int(r, 0, db_col(r, "tries"));
	a->wait_for = db_text(r, 0, db_col(r, "wait_for"));
	buf_init(&a->upload, 0);
	db_bytes(r, 0, db_col(r, "upload"), &a->upload);
}

/* A verdict of our own, in the shape of challenge_verdict_json(). */
static void
refuse(struct proof *p, const char *reason, const char *detail)
{
	struct buf b;
	struct json j;

	proof_free(p);
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
	buf_init(&b, 0);
	json_init(&j, &b);
	json_begin_object(&j);
	json_kv_string(&j, "verdict", "refused");
	json_kv_string(&j, "reason", reason);
	json_key(&j, "steps");
	json_begin_array(&j);
	json_end_array(&j);
	json_key(&j, "certificate");
	json_none(&j);
	json_kv_string(&j, "program_name", "");
	json_key(&j, "signatures");
	json_begin_array(&j);
	json_end_array(&j);
	json_key(&j, "findings");
	json_begin_array(&j);
	json_begin_object(&j);
	json_kv_string(&j, "code", reason);
	json_kv_string(&j, "severity", "error");
	json_key(&j, "certificate");
	json_none(&j);
	json_kv_string(&j, "detail", detail);
	json_end_object(&j);
	json_end_array(&j);
	json_end_object(&j);
	p->result = buf_take(&b, NULL);
}

/* Runs TASK_PROOF. The proof is judged at the instant at which it was handed
 * in: whoever waits behind a queue has not become later. */
static enum child_outcome
judge(struct worker *w, const struct attempt *a, struct proof *out, int *sig)
{
	char numbers[64];
	enum child_outcome o = CHILD_UNSTARTED;
	struct buf request, answer;
	int fds[4] = {-1, -1, w->trust_fd, -1};

	buf_init(&request, 0);
	buf_init(&answer, CHILD_MAX_RESULT);
	buf_append(&request, a->host, strlen(a->host) + 1);
	buf_append(&request, a->code_hash, strlen(a->code_hash) + 1);
	snprintf(numbers, sizeof(numbers), "%lld", (long long)a->expires_at);
	buf_append(&request, numbers, strlen(numbers) + 1);
	snprintf(numbers, sizeof(numbers), "%lld", (long long)a->handed_in_at);
	buf_append(&request, numbers, strlen(numbers) + 1);
	fds[0] = memfd_with(bytes_of(request.data, request.len));
	fds[1] = memfd_with(bytes_of(a->upload.data, a->upload.len));
	if (issuers_memfd(&fds[3], w->db, a->wait_for) == DB_OK && fds[0] >= 0 &&
	    fds[1] >= 0)
		o = zygote_run(
		    w->zygote, TASK_PROOF, fds, 4, &answer, w->timeout_ms, sig);
	if (o == CHILD_OK && !proof_read(out, bytes_of(answer.data, answer.len)))
		o = CHILD_REFUSED;
	for (int i = 0; i < 4; i++)
		if (i != 2 && fds[i] >= 0)
			close(fds[i]);
	buf_free(&request);
	buf_free(&answer);
	return o;
}

static enum db_error
decide(struct worker *w, struct attempt *a, struct proof *p)
{
	struct db_args args;
	enum db_error e = DB_OK;
	int64_t vendor = 0;
	char id[24];

	if (p->accepted)
		e = proof_accept(w->db, p, &a->row, &vendor);
	if (e == DB_OK && !p->accepted) {
		if (strcmp(p->reason, "shared-signer") == 0)
			refuse(p, "shared-signer",
			    finding_seen(FINDING_SHARED_SIGNER));
		e = proof_refused(w->db, p, &a->row);
	}
	if (e != DB_OK)
		return e;
	db_args_init(&args);
	db_arg_int(&args, a->row.id);
	db_arg_text(&args, p->accepted ? "accepted" : "refused");
	db_arg_text(&args, p->accepted ? NULL : p->reason);
	db_arg_text(&args, p->result);
	if ((e = db_run(w->db, QUERY_ATTEMPT_DECIDE, &args, NULL)) != DB_OK)
		return e;
	snprintf(id, sizeof(id), "%lld", (long long)a->row.id);
	db_args_init(&args);
	db_arg_text(&args, id);
	if ((e = db_run(w->db, QUERY_ATTEMPT_NOTIFY, &args, NULL)) == DB_OK)
		e = db_commit(w->db);
	if (e == DB_OK)
		log_event("sign-in", "attempt=%s %s=%s vendor=%lld", id,
		    p->accepted ? "state" : "refused",
		    p->accepted ? "accepted" : p->reason, (long long)vendor);
	return e;
}

/* What a child that failed means: another try, or the end of them. */
static enum db_error
child_failed(struct worker *w, struct attempt *a, struct proof *p,
    enum child_outcome o, int sig)
{
	struct db_args args;
	struct buf why;
	enum db_error e;

	log_event("child", "attempt=%lld try=%d outcome=%s signal=%d",
	    (long long)a->row.id, a->tries + 1, child_outcome_text(o), sig);
	if (o == CHILD_UNSTARTED)
		return DB_FAILED; /* ours: a little later again */
	if (a->tries + 1 < WORKER_MAX_TRIES) {
		db_args_init(&args);
		db_arg_int(&args, a->row.id);
		e = db_run(w->db, QUERY_ATTEMPT_TRIED, &args, NULL);
		return e == DB_OK ? db_commit(w->db) : e;
	}
	buf_init(&why, 0);
	child_outcome_sentence(&why, o, sig);
	refuse(p, "unprocessable", buf_str(&why));
	buf_free(&why);
	return decide(w, a, p);
}

/* If all that is missing is an issuer that has not been asked for: asks the
 * fetcher, and lets the attempt wait for what comes of it. */
static enum db_error
wait_for_issuers(struct worker *w, const struct attempt *a, const struct proof *p,
    bool *out_waits)
{
	struct db_args args;
	struct buf urls;
	enum db_error e;
	PGresult *r = NULL;

	*out_waits = false;
	buf_init(&urls, 0);
	issuers_json(&urls, p->wanted, p->num_wanted);
	db_args_init(&args);
	db_arg_int(&args, a->row.id);
	db_arg_text(&args, buf_str(&urls));
	e = db_run_one(w->db, QUERY_ATTEMPT_WAIT, &args, &r);
	if (e == DB_OK && r != NULL) {
		*out_waits = true;
		if ((e = issuers_want(w->db, buf_str(&urls))) == DB_OK)
			e = db_commit(w->db);
	}
	PQclear(r);
	buf_free(&urls);
	return e;
}

static enum round
judge_and_decide(struct worker *w, struct attempt *a)
{
	struct proof p = {0};
	enum child_outcome o;
	enum db_error e = DB_OK;
	bool waits = false;
	int sig = 0;

	if (a->tries >= WORKER_MAX_DEATHS) {
		refuse(&p, "unprocessable",
		    "The worker ended each time that it had "
		    "this file in hand.");
		e = decide(w, a, &p);
		proof_free(&p);
		return worker_round(w, e, "attempt");
	}
	w->hand->attempt = a->row.id;
	o = judge(w, a, &p, &sig);
	w->hand->attempt = 0;
	if (o == CHILD_ZYGOTE_GONE) {
		proof_free(&p);
		return ROUND_ZYGOTE_GONE;
	}
	if (o != CHILD_OK)
		e = child_failed(w, a, &p, o, sig);
	else {
		if (!p.accepted && p.num_wanted > 0)
			e = wait_for_issuers(w, a, &p, &waits);
		if (e == DB_OK && p.num_used > 0)
			e = issuers_used(w->db, p.used, p.num_used);
		if (e == DB_OK && !waits)
			e = decide(w, a, &p);
	}
	proof_free(&p);
	return worker_round(w, e, "attempt");
}

enum round
attempt_run(struct worker *w)
{
	struct attempt a = {0};
	enum round round = ROUND_IDLE;
	enum db_error e;
	PGresult *r = NULL;

	if ((e = db_begin(w->db)) == DB_OK)
		e = db_run(w->db, QUERY_ATTEMPT_CLAIM, NULL, &r);
	if (e == DB_OK && PQntuples(r) > 0)
		e = trust_refresh(w);
	if (e != DB_OK)
		round = worker_round(w, e, "attempt");
	else if (PQntuples(r) > 0) {
		attempt_read(&a, r, w);
		round = judge_and_decide(w, &a);
	}
	buf_free(&a.upload);
	PQclear(r);
	db_rollback(w->db);
	return round;
}
