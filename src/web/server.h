/*
 * One request while it is answered: what pages work with. A handler either
 * makes the answer at once, or begins a transaction and makes it when that is
 * done; in both cases it ends with exchange_ready(). A client that goes away
 * takes the exchange with it; what still runs for it is forgotten.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/keys.h"
#include "store/local.h"
#include "store/spool.h"
#include "templates.h"
#include "web/html.h"
#include "web/pg.h"
#include "web/request.h"
#include "web/response.h"
#include "web/router.h"

struct http_request;
struct settings;

/* What the process was started with; read once, in kore's parent. */
struct web_server {
	struct settings *settings;
	const char *host; /* as vendors see it */
	char teller[64];  /* whose ledger rows these are */
	struct store_keys keys;
	uint8_t receipt_key[32];
	bool has_keys;
	struct local_store dumps;
	struct spool spool;
	int64_t challenge_lifetime; /* seconds */
	size_t small_body;	    /* bytes */
	size_t max_body;
	int syncer; /* socket to the process that syncs spool files, or -1 */
};
extern struct web_server web;

#define COOKIE_SESSION	  "__Host-cs"
#define COOKIE_PRESESSION "__Host-cs-pre"
#define SECRET_HEX_LEN	  65 /* 64 digits and a NUL */

struct exchange {
	struct http_request *kore; /* borrowed */
	enum web_method method;
	struct target target;
	struct route_match match;
	enum web_format format; /* what the answer, also an error's, should be */
	char request_id[33];
	char session[SECRET_HEX_LEN];	 /* "" if none was presented */
	char presession[SECRET_HEX_LEN]; /* likewise */
	struct response response;
	bool answered;	/* the response is complete */
	bool streaming; /* the answer went out another way */
	void *page;	/* the page's own; page_free frees it */
	void (*page_free)(void *);
	/* private */
	uint64_t started;
	struct pg_tx *tx;
	void (*on_tx)(struct exchange *, struct pg_tx *);
	uint64_t wake_at; /* milliseconds, 0: no */
	void (*on_wake)(struct exchange *);
	struct exchange *prev, *next; /* all that are alive */
};

/* A request header, or NULL. Borrowed. */
const char *exchange_header(const struct exchange *, const char *name);
/* "?..." without the "?", or NULL. */
const char *exchange_query(const struct exchange *);
struct bytes exchange_body(const struct exchange *);
const char *exchange_remote(const struct exchange *);

/* The answer is complete. */
void exchange_ready(struct exchange *);
/* Replaces whatever was made by an error in the wanted format, and completes.
 * The sentence says what was wrong and what to do. */
void exchange_error(
    struct exchange *, int status, const char *code, const char *sentence);
/* 503 with Retry-After. */
void exchange_unavailable(struct exchange *);

/* Begins a transaction whose end calls on_tx; on NULL the error is made and
 * complete. on_tx is called with PG_OK only; any other outcome is answered
 * here. */
struct pg_tx *exchange_begin(struct exchange *, enum pg_lane,
    void (*on_tx)(struct exchange *, struct pg_tx *));
/* The same behind the session: steps 0 and 1 of the result are its, the page's
 * begin at 2; on_tx is called only when there is a vendor. */
#define VENDOR_STEPS 2
struct pg_tx *exchange_begin_vendor(struct exchange *, enum pg_lane,
    void (*on_tx)(struct exchange *, struct pg_tx *));
/* Fills the frame of a vendor's page from those two steps. Borrowed from tx. */
void exchange_frame(struct tpl_head *out, struct pg_tx *tx, const char *title);
/* The asker has no session (any more): /signin, or 401. */
void exchange_no_session(struct exchange *);

/* Calls on_wake once, ms from now; 0 takes it back. */
void exchange_wake(
    struct exchange *, unsigned ms, void (*on_wake)(struct exchange *));
/* Visits all that are alive; for notifications. visit may complete, not free. */
void exchange_each(void (*visit)(struct exchange *, void *), void *arg);

/* A page begins: status 200, HTML, and where to write. */
struct html exchange_html(struct exchange *);

uint64_t web_now_ms(void); /* kore's clock */
int64_t web_time(void);	   /* seconds since 1970 */
/* 32 random bytes as hex. */
void web_secret(char out[SECRET_HEX_LEN]);
/* SHA-256 of a secret's hex text, as the database knows it. */
void web_secret_hash(uint8_t out[32], const char *secret);

/* ---- pages (page_*.c) ------------------------------------------------------ */
void page_home(struct exchange *);
void page_signin(struct exchange *);
void page_challenge_step(struct exchange *);
void page_cabinet(struct exchange *);
void page_hand_in(struct exchange *);
void page_attempt(struct exchange *);
void page_attempt_notified(const char *payload);
void page_signout(struct exchange *);
void page_buckets(struct exchange *);
void page_bucket(struct exchange *);
void page_dump(struct exchange *);
void page_submit(struct exchange *);
void page_submit_start(void);
void page_static(struct exchange *);
void page_ready(struct exchange *);
void page_alive(struct exchange *);

/* The table of all addresses (routes.c). */
extern const struct route routes[];
extern const size_t num_routes;

#endif
