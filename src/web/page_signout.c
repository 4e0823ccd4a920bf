/*
 * Signing out: the session ends in the database, then its cookie goes.
 */
#include "web/server.h"

static void
signed_out(struct exchange *x, struct pg_tx *tx)
{
	(void)tx;
	response_cookie(&x->response, COOKIE_SESSION, "");
	if (x->format == FORMAT_HTML) {
		response_redirect(&x->response, "/");
	} else {
		response_type(&x->response, "application/json");
		buf_puts(&x->response.body, "{\"signed_out\":true}\n");
	}
	exchange_ready(x);
}

void
page_signout(struct exchange *x)
{
	struct pg_tx *tx;

	if (!origin_allowed(exchange_header(x, "sec-fetch-site"),
		exchange_header(x, "origin"), web.host)) {
		exchange_error(x, 403, "cross-site",
		    "This form was sent from another site. Use the "
		    "button on a page of this one.");
		return;
	}
	tx = exchange_begin_vendor(x, PG_WRITES, signed_out);
	if (tx == NULL)
		return;
	pg_add(tx, QUERY_SESSION_END, NULL);
	pg_send(tx);
}
