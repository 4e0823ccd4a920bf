/*
 * Every address there is: who may come, in which formats, with how large a
 * body.  nginx and kore have limits of their own in front of these.
 */
#include "intake/limits.h"
#include "web/server.h"

const struct route routes[] = {
    {WEB_GET, "/", ROLE_PUBLIC, AS_HTML, 0, page_home},
    {WEB_GET, "/healthz", ROLE_PUBLIC, AS_HTML, 0, page_alive},
    {WEB_GET, "/readyz", ROLE_PUBLIC, AS_HTML, 0, page_ready},
    {WEB_GET, "/favicon.ico", ROLE_PUBLIC, AS_HTML, 0, page_static},
    {WEB_GET, "/robots", ROLE_PUBLIC, AS_TEXT, 0, page_static},
    {WEB_GET, "/static/:", ROLE_PUBLIC, AS_HTML, 0, page_static},

    {WEB_GET, "/signin", ROLE_PUBLIC, AS_HTML | AS_JSON, 0, page_signin},
    {WEB_GET, "/signin/challenge", ROLE_PUBLIC, AS_HTML, 0, page_challenge_step},
    {WEB_GET, "/signin/:/challenge.cab", ROLE_PUBLIC, AS_HTML, 0, page_cabinet},
    /* Looks at the size itself, to refuse as it refuses everything else. */
    {WEB_POST, "/signin/:", ROLE_PUBLIC, AS_HTML | AS_JSON | AS_TEXT, 0,
	page_hand_in},
    {WEB_GET, "/signin/:/attempt/:", ROLE_PUBLIC, AS_HTML | AS_JSON | AS_TEXT, 0,
	page_attempt},
    {WEB_POST, "/signout", ROLE_VENDOR, AS_HTML | AS_JSON, 0, page_signout},

    {WEB_GET, "/buckets", ROLE_VENDOR, AS_HTML | AS_JSON | AS_CSV, 0, page_buckets},
    {WEB_GET, "/buckets/:", ROLE_VENDOR, AS_HTML | AS_JSON | AS_CSV, 0,
	page_bucket},
    {WEB_GET, "/dumps/:", ROLE_VENDOR, AS_HTML, 0, page_dump},

    {WEB_POST, "/submit", ROLE_PUBLIC, AS_HTML, INTAKE_SMALL_BODY, page_submit},
};
const size_t num_routes = sizeof(routes) / sizeof(*routes);
