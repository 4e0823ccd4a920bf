/*
 * Addresses: one table of method, pattern, who may come, and what to call. A
 * pattern's segments are literal, or ":" for a parameter.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "web/request.h"

struct exchange;

enum web_role {
	ROLE_PUBLIC, /* anybody */
	ROLE_VENDOR  /* a session is presented; the database judges it */
};

#define AS_HTML (1u << FORMAT_HTML)
#define AS_JSON (1u << FORMAT_JSON)
#define AS_CSV	(1u << FORMAT_CSV)
#define AS_TEXT (1u << FORMAT_TEXT)

struct route {
	unsigned methods;    /* of enum web_method */
	const char *pattern; /* "/buckets/:" */
	enum web_role role;
	unsigned formats; /* AS_...; an ending is taken off only for these */
	size_t max_body;  /* bytes; 0: no body is looked at */
	void (*handler)(struct exchange *);
};

#define ROUTE_MAX_PARAMS 3

struct route_match {
	const struct route *route; /* NULL: nothing lives at this address */
	unsigned allowed;	/* methods that do, when the asked one does not */
	enum web_format format; /* from the ending; FORMAT_HTML without one */
	bool has_ending;
	const char *param[ROUTE_MAX_PARAMS]; /* borrowed from the target */
	size_t num_params;
};

/* Finds the route for a method and a target; the target loses its ending when
 * a route with that format takes it. HEAD is allowed where GET is. */
void route_find(struct route_match *out, const struct route *table, size_t num,
    enum web_method, struct target *);
/* "GET, HEAD, POST" of allowed methods; at most 32 bytes with the NUL. */
void route_allow(char out[32], unsigned methods);

#endif
