/*
 * What an examination noticed: a stable code, how grave it is, which
 * certificate it concerns, and one detail in words.  A verdict is refused
 * until the last check has passed; the first fatal finding is its reason.
 *
 * The codes are a contract: tests, pages and vendors' scripts rely on the
 * text.  Each is one line of pki/finding_codes.def with the sentence that says
 * what was seen and the one that says what to do.
 */
#ifndef PKI_FINDING_H
#define PKI_FINDING_H

#include <stdbool.h>
#include <stddef.h>

struct json;

enum finding_code {
	FINDING_OK = 0,
#define FINDING(name, text, seen, remedy) FINDING_##name,
#include "pki/finding_codes.def"
#undef FINDING
	FINDING_NUM
};

enum severity {
	SEVERITY_NOTE,	  /* worth showing, changes nothing */
	SEVERITY_WARNING, /* worth acting on, changes nothing */
	SEVERITY_ERROR	  /* refuses */
};

/* Details longer than this are cut. */
#define FINDING_DETAIL_MAX 256
/* Findings beyond this many are dropped (the first is the one that counts). */
#define FINDINGS_MAX 64

struct finding {
	enum finding_code code;
	enum severity severity;
	int certificate;		 /* index into the chain shown, or -1 */
	char detail[FINDING_DETAIL_MAX]; /* foreign parts made visible */
};

struct findings {
	size_t num;
	struct finding item[FINDINGS_MAX];
};

/* Appends; fmt may be NULL for no detail. */
void finding_add(struct findings *, enum finding_code, enum severity,
    int certificate, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The first SEVERITY_ERROR, or FINDING_OK. */
enum finding_code finding_reason(const struct findings *);
/* "digest-mismatch"; NULL for FINDING_OK. */
const char *finding_text(enum finding_code);
/* "The signature belongs to other bytes." / what to do now. */
const char *finding_seen(enum finding_code);
const char *finding_remedy(enum finding_code);
/* The other way, for pages that have only the text; FINDING_OK if unknown. */
enum finding_code finding_by_text(const char *);
/* [{"code","severity","certificate","detail"}], design section 7. */
void findings_json(struct json *, const struct findings *);

#endif
