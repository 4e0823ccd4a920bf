/*
 * The list of platform and library modules: whose code is passed over when a
 * stack is asked who is to blame (design, section 6).  The operator edits the
 * text (conf/rules.conf says how it is written); every decision names the
 * version it was made under.
 */
#ifndef CRASH_RULES_H
#define CRASH_RULES_H

#include <stdint.h>

#include "base/bytes.h"

struct crash_rules;

enum crash_rule_class {
	CRASH_RULE_NONE = 0, /* somebody's own code: can be blamed */
	CRASH_RULE_PLATFORM, /* the operating system's */
	CRASH_RULE_LIBRARY,  /* a run-time library, whoever ships it */
};

/* Parses the text of a list.  Owned by the caller, who frees it with
 * crash_rules_free(); NULL on a mistake, and then *out_error is a static
 * sentence and *out_line (may be NULL) the line it stands in. */
struct crash_rules *crash_rules_parse_line(
    struct bytes text, const char **out_error, unsigned *out_line);
struct crash_rules *crash_rules_parse(struct bytes text, const char **out_error);
void crash_rules_free(struct crash_rules *); /* NULL is fine */
/* conf/rules.conf as it was when the program was built: what holds where no
 * file is given.  NUL-terminated. */
extern const char crash_rules_default_text[];

/* The version that the text declares. */
uint32_t crash_rules_version(const struct crash_rules *);
/* What the list says of a module's base name; ASCII case does not count. */
enum crash_rule_class crash_rules_class(
    const struct crash_rules *, const char *name);

#endif
