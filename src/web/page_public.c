/*
 * What anybody may ask for: the front page, assets, and whether we are well.
 */
#include <string.h>

#include "assets.h"
#include "db/migrate.h"
#include "web/server.h"

void
page_home(struct exchange *x)
{
	struct tpl_head head = {.title = "Crashes for those who signed the code"};
	struct tpl_home t = {.frame = &head, .host = web.host};
	struct html h;

	if (x->session[0] != '\0') {
		response_redirect(&x->response, "/buckets");
		exchange_ready(x);
		return;
	}
	h = exchange_html(x);
	tpl_home(&h, &t);
	exchange_ready(x);
}

void
page_alive(struct exchange *x)
{
	response_type(&x->response, "text/plain; charset=us-ascii");
	buf_puts(&x->response.body, "alive\n");
	exchange_ready(x);
}

static void
database_answered(struct exchange *x, struct pg_tx *tx)
{
	const char *why = NULL;

	if (!web.has_keys)
		why = "Keys are missing in the key directory.";
	else if (!pg_bool(tx->result[0], 0, 0))
		why = "The database is a replica: it takes nothing.";
	else if (pg_int(tx->result[0], 0, 1) < num_migrations)
		why = "The database has an older schema. Run countersign migrate.";
	else if (!pg_ready())
		why = "Not every connection to the database is there.";
	if (why != NULL) {
		exchange_error(x, 503, "not-ready", why);
		return;
	}
	response_type(&x->response, "text/plain; charset=us-ascii");
	buf_puts(&x->response.body, "ready\n");
	exchange_ready(x);
}

void
page_ready(struct exchange *x)
{
	struct pg_tx *tx;

	x->format = x->format == FORMAT_HTML ? FORMAT_TEXT : x->format;
	tx = exchange_begin(x, PG_PAGES, database_answered);
	if (tx == NULL)
		return;
	pg_add(tx, QUERY_DATABASE_READY, NULL);
	pg_send(tx);
}

static void
send_asset(struct exchange *x, const struct asset *a, bool forever)
{
	response_header(&x->response, "cache-control", "%s",
	    forever ? "public, max-age=31536000, immutable"
		    : "public, max-age=86400");
	response_header(&x->response, "etag", "%s", a->etag);
	if (etag_listed(exchange_header(x, "if-none-match"), a->etag, true)) {
		x->response.status = 304;
	} else {
		response_type(&x->response, a->type);
		buf_append(&x->response.body, a->data, a->len);
	}
	exchange_ready(x);
}

void
page_static(struct exchange *x)
{
	const char *asked = x->target.segment[0];

	if (strcmp(asked, "robots") == 0) {
		response_type(&x->response, "text/plain; charset=us-ascii");
		buf_puts(&x->response.body, "User-agent: *\nDisallow: /\n");
		exchange_ready(x);
		return;
	}
	for (size_t i = 0; i < num_assets; i++) {
		if (strcmp(asked, "favicon.ico") == 0) {
			if (strcmp(assets[i].name, "mark.svg") == 0) {
				send_asset(x, &assets[i], false);
				return;
			}
		} else if (strcmp(assets[i].path + strlen("/static/"),
			       x->match.param[0]) == 0) {
			send_asset(x, &assets[i], true);
			return;
		}
	}
	exchange_error(x, 404, "not-found", "There is nothing at this address.");
}
