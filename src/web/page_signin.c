/*
 * The challenge: issued, shown with the commands that sign it, downloaded. Its
 * code is derived from the visitor's pre-session secret and the challenge's id,
 * so that neither the code nor anything it could be made from is stored.
 */
#include <sodium.h>
#include <stdlib.h>

#include "auth/challenge.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/text.h"
#include "web/server.h"
#include "web/signin.h"
#include "web/words.h"

struct issue {
	char id[17];
	struct challenge challenge;
	void (*render)(struct exchange *, const struct issue *);
};

bool
signin_id_valid(const char *id)
{
	return strlen(id) == 16 && strspn(id, "0123456789abcdef") == 16;
}

void
signin_derive(struct challenge *out, const struct exchange *x, const char *id,
    const char *host, int64_t expires_at)
{
	uint8_t key[32], secret[CHALLENGE_SECRET_LEN];

	memset(out, 0, sizeof(*out));
	snprintf(out->host, sizeof(out->host), "%s", host);
	out->expires_at = expires_at;
	if (!text_unhex(key, sizeof(key), x->presession))
		memset(
		    key, 0, sizeof(key)); /* cannot be: read_secret() has looked */
	crypto_generichash(secret, sizeof(secret), (const uint8_t *)id, strlen(id),
	    key, sizeof(key));
	challenge_code(out->code, secret);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(secret, sizeof(secret));
}

/* ---- three ways to hand a challenge out ------------------------------------ */

static void
send_cabinet(struct exchange *x, const char *id, const struct challenge *c)
{
	struct buf name;

	buf_init(&name, 1024);
	challenge_program_name(&name, c);
	response_type(&x->response, "application/vnd.ms-cab-compressed");
	response_header(&x->response, "content-disposition",
	    "attachment; filename=\"challenge-%.4s.cab\"", id);
	response_header(&x->response, "x-countersign-name", "%s", buf_str(&name));
	response_header(&x->response, "x-countersign-upload",
	    "https://%s/signin/%s", web.host, id);
	challenge_cabinet(&x->response.body, c);
	buf_free(&name);
	exchange_ready(x);
}

static void
render_cabinet(struct exchange *x, const struct issue *i)
{
	send_cabinet(x, i->id, &i->challenge);
}

/* The command lines, as a person would type them. */
static void
commands(struct tpl_signin *t, struct crash_arena *a, const char *name)
{
	const char *file = t->file, *host = web.host;

	t->signtool =
	    words(a, "signtool sign /fd SHA256 /a /d \"%s\" %s", name, file);
	t->osslsigncode = words(a,
	    "osslsigncode sign -h sha256 -certs chain.pem -key key.pem "
	    "-n \"%s\" -in %s -out signed.cab",
	    name, file);
	t->jsign = words(a,
	    "jsign --storetype PKCS12 --keystore key.p12 --alg SHA-256 "
	    "--name \"%s\" %s",
	    name, file);
	t->azure = words(a,
	    "AzureSignTool sign -kvu VAULT -kvm -kvc CERTIFICATE -fd sha256 "
	    "-d \"%s\" %s",
	    name, file);
	t->curl_get =
	    words(a, "curl -sS -c jar -OJ -D - https://%s/signin/challenge", host);
	t->curl_put = words(a,
	    "curl -sS -b jar -c jar -F file=@signed.cab https://%s/signin/ID.json",
	    host);
}

static void
render_html(struct exchange *x, const struct issue *i)
{
	struct tpl_head head = {.title = "Sign in"};
	struct crash_arena a;
	struct tpl_signin t = {.frame = &head,
	    .expires = i->challenge.expires_at,
	    .minutes = (i->challenge.expires_at - web_time() + 30) / 60,
	    .host = web.host};
	struct html h = exchange_html(x);
	struct buf name;

	buf_init(&name, 1024);
	crash_arena_init(&a, WORDS_MAX);
	challenge_program_name(&name, &i->challenge);
	t.name = buf_str(&name);
	t.file = words(&a, "challenge-%.4s.cab", i->id);
	t.cabinet = words(&a, "/signin/%s/challenge.cab", i->id);
	t.upload = words(&a, "/signin/%s", i->id);
	commands(&t, &a, t.name);
	tpl_signin(&h, &t);
	crash_arena_free(&a);
	buf_free(&name);
	exchange_ready(x);
}

static void
render_json(struct exchange *x, const struct issue *i)
{
	struct crash_arena a;
	struct tpl_signin t = {.file = NULL};
	char when[INSTANT_TEXT_LEN];
	struct buf name;
	struct json j;

	buf_init(&name, 1024);
	crash_arena_init(&a, WORDS_MAX);
	challenge_program_name(&name, &i->challenge);
	t.file = words(&a, "challenge-%.4s.cab", i->id);
	commands(&t, &a, buf_str(&name));
	instant_text(when, i->challenge.expires_at);
	response_type(&x->response, "application/json");
	json_init(&j, &x->response.body);
	json_begin_object(&j);
	json_kv_string(&j, "id", i->id);
	json_kv_string(&j, "cabinet_url",
	    words(&a, "https://%s/signin/%s/challenge.cab", web.host, i->id));
	json_kv_string(&j, "file_name", t.file);
	json_kv_string(&j, "program_name", buf_str(&name));
	json_kv_string(
	    &j, "upload_url", words(&a, "https://%s/signin/%s", web.host, i->id));
	json_kv_string(&j, "expires_at", when);
	json_key(&j, "commands");
	json_begin_object(&j);
	json_kv_string(&j, "signtool", t.signtool);
	json_kv_string(&j, "osslsigncode", t.osslsigncode);
	json_kv_string(&j, "jsign", t.jsign);
	json_kv_string(&j, "azuresigntool", t.azure);
	json_end_object(&j);
	json_end_object(&j);
	buf_putc(&x->response.body, '\n');
	crash_arena_free(&a);
	buf_free(&name);
	exchange_ready(x);
}

/* ---- issuing --------------------------------------------------------------- */

static void
issued(struct exchange *x, struct pg_tx *tx)
{
	struct issue *i = x->page;

	i->challenge.expires_at = pg_int(tx->result[0], 0, 0);
	i->render(x, i);
}

static void
issue(struct exchange *x, void (*render)(struct exchange *, const struct issue *))
{
	struct issue *i = calloc(1, sizeof(*i));
	uint8_t raw[8], code_hash[32], pre_hash[32];
	struct db_args a;
	struct pg_tx *tx;

	if (i == NULL) {
		exchange_unavailable(x);
		return;
	}
	x->page = i;
	x->page_free = free;
	i->render = render;
	randombytes_buf(raw, sizeof(raw));
	text_hex(i->id, raw, sizeof(raw));
	if (x->presession[0] == '\0') {
		web_secret(x->presession);
		response_cookie(&x->response, COOKIE_PRESESSION, x->presession);
	}
	signin_derive(&i->challenge, x, i->id, web.host, 0);
	challenge_hash(code_hash, i->challenge.code);
	web_secret_hash(pre_hash, x->presession);
	tx = exchange_begin(x, PG_WRITES, issued);
	if (tx == NULL)
		return;
	db_args_init(&a);
	db_arg_text(&a, i->id);
	db_arg_bytes(&a, bytes_of(code_hash, sizeof(code_hash)));
	db_arg_bytes(&a, bytes_of(pre_hash, sizeof(pre_hash)));
	db_arg_text(&a, web.host);
	db_arg_int(&a, web.challenge_lifetime);
	pg_add(tx, QUERY_CHALLENGE_START, &a);
	pg_send(tx);
}

void
page_signin(struct exchange *x)
{
	issue(x, x->format == FORMAT_JSON ? render_json : render_html);
}

/* For curl: one request that issues and downloads. */
void
page_challenge_step(struct exchange *x)
{
	issue(x, render_cabinet);
}

static void
cabinet_found(struct exchange *x, struct pg_tx *tx)
{
	const PGresult *r = tx->result[0];
	struct challenge c;
	const char *id = x->match.param[0];

	if (pg_rows(r) == 0) {
		exchange_error(x, 404, "challenge-not-ours",
		    "There is no such challenge for this browser. Get a "
		    "new one at /signin.");
	} else if (pg_bool(r, 0, 2) || pg_bool(r, 0, 3)) {
		exchange_error(x, 410,
		    pg_bool(r, 0, 2) ? "challenge-replayed" : "challenge-expired",
		    "This challenge is over. Get a new one at /signin.");
	} else {
		signin_derive(&c, x, id, pg_text(r, 0, 0), pg_int(r, 0, 1));
		send_cabinet(x, id, &c);
	}
}

void
page_cabinet(struct exchange *x)
{
	uint8_t pre_hash[32];
	struct db_args a;
	struct pg_tx *tx;

	if (!signin_id_valid(x->match.param[0]) || x->presession[0] == '\0') {
		exchange_error(x, 404, "challenge-not-ours",
		    "There is no such challenge for this browser. Get a "
		    "new one at /signin.");
		return;
	}
	tx = exchange_begin(x, PG_WRITES, cabinet_found);
	if (tx == NULL)
		return;
	web_secret_hash(pre_hash, x->presession);
	db_args_init(&a);
	db_arg_text(&a, x->match.param[0]);
	db_arg_bytes(&a, bytes_of(pre_hash, sizeof(pre_hash)));
	pg_add(tx, QUERY_CHALLENGE_GET, &a);
	pg_send(tx);
}
