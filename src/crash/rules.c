/*
 * Parsing and asking the list of platform and library modules; see rules.h and
 * conf/rules.conf.  Full names are found by binary search, patterns one after
 * another; a full name wins over a pattern, and of the patterns the first.
 */
#include "crash/rules.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crash/arena.h"
#include "crash/limits.h"

struct entry {
	const char *name; /* lower case */
	enum crash_rule_class class;
};

struct crash_rules {
	uint32_t version;
	struct entry *exact; /* sorted by name */
	unsigned num_exact;
	struct entry *pattern; /* in the order of the text */
	unsigned num_pattern;
	struct crash_arena arena; /* owns names and tables */
};

struct word {
	const char *p;
	size_t len;
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct word
next_word(struct word *line)
{
	struct word w;

	while (line->len > 0 && blank(*line->p))
		line->p++, line->len--;
	w.p = line->p;
	while (line->len > 0 && !blank(*line->p))
		line->p++, line->len--;
	w.len = (size_t)(line->p - w.p);
	return w;
}

static bool
word_is(struct word w, const char *s)
{
	return w.len == strlen(s) && memcmp(w.p, s, w.len) == 0;
}

static const char *
set_version(struct crash_rules *r, struct word w)
{
	uint64_t v = 0;

	if (r->version != 0)
		return "the version stands twice";
	for (size_t i = 0; i < w.len; i++) {
		if (!isdigit((unsigned char)w.p[i]) || w.len > 9)
			return "the version is a number from 1 to 999999999";
		v = 10 * v + (uint64_t)(w.p[i] - '0');
	}
	if (v == 0)
		return "the version is a number from 1 to 999999999";
	r->version = (uint32_t)v;
	return NULL;
}

static const char *
add(struct crash_rules *r, enum crash_rule_class class, struct word w)
{
	struct entry *e;
	char *name;

	if (w.len == 0 || w.len > CRASH_MAX_NAME)
		return "a module's name is wanted, at most 255 bytes long";
	if (w.len == 1 && w.p[0] == '*')
		return "a lone * would excuse every module";
	if (r->num_exact + r->num_pattern == CRASH_MAX_RULES)
		return "more entries than a list may have";
	name = crash_arena_strndup(&r->arena, w.p, w.len);
	if (name == NULL)
		return "no memory";
	for (size_t i = 0; i < w.len; i++)
		name[i] = lower(name[i]);
	e = strchr(name, '*') != NULL ? &r->pattern[r->num_pattern++]
				      : &r->exact[r->num_exact++];
	*e = (struct entry){.name = name, .class = class};
	return NULL;
}

/* One line; NULL or what is wrong with it. */
static const char *
line(struct crash_rules *r, struct word text)
{
	struct word verb, value;
	const char *hash = memchr(text.p, '#', text.len);
	const char *wrong;

	if (hash != NULL)
		text.len = (size_t)(hash - text.p);
	verb = next_word(&text);
	if (verb.len == 0)
		return NULL;
	value = next_word(&text);
	if (word_is(verb, "version"))
		wrong = set_version(r, value);
	else if (word_is(verb, "platform"))
		wrong = add(r, CRASH_RULE_PLATFORM, value);
	else if (word_is(verb, "library"))
		wrong = add(r, CRASH_RULE_LIBRARY, value);
	else
		return "a line begins with version, platform or library";
	if (wrong == NULL && next_word(&text).len != 0)
		return "a line has two words";
	return wrong;
}

static int
compare(const void *va, const void *vb)
{
	return strcmp(
	    ((const struct entry *)va)->name, ((const struct entry *)vb)->name);
}

/* Tables for as many entries as there are lines. */
static struct crash_rules *
allocate(struct bytes text)
{
	struct crash_rules *r = calloc(1, sizeof(*r));
	size_t lines = 1;

	if (r == NULL)
		return NULL;
	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	if (lines > CRASH_MAX_RULES)
		lines = CRASH_MAX_RULES;
	crash_arena_init(&r->arena, 16 * CRASH_MAX_RULES_TEXT);
	r->exact = crash_arena_alloc(&r->arena, lines * sizeof(*r->exact));
	r->pattern = crash_arena_alloc(&r->arena, lines * sizeof(*r->pattern));
	if (r->arena.failed) {
		crash_rules_free(r);
		return NULL;
	}
	return r;
}

static const char *
parse(struct crash_rules *r, struct bytes text, unsigned *out_line)
{
	size_t at = 0;

	while (at < text.len) {
		const uint8_t *p = text.p + at;
		const uint8_t *nl = memchr(p, '\n', text.len - at);
		size_t len = nl != NULL ? (size_t)(nl - p) : text.len - at;
		const char *wrong;

		++*out_line;
		if (memchr(p, 0, len) != NULL)
			return "a list of rules is text";
		wrong = line(r, (struct word){.p = (const char *)p, .len = len});
		if (wrong != NULL)
			return wrong;
		at += len + 1;
	}
	return r->version == 0 ? "the list declares no version" : NULL;
}

struct crash_rules *
crash_rules_parse_line(
    struct bytes text, const char **out_error, unsigned *out_line)
{
	struct crash_rules *r;
	unsigned number = 0;

	if (out_line != NULL)
		*out_line = 0;
	*out_error = "larger than a list of rules may be";
	if (text.len > CRASH_MAX_RULES_TEXT)
		return NULL;
	*out_error = "no memory";
	r = allocate(text);
	if (r == NULL)
		return NULL;
	*out_error = parse(r, text, &number);
	if (out_line != NULL)
		*out_line = number;
	if (*out_error != NULL) {
		crash_rules_free(r);
		return NULL;
	}
	qsort(r->exact, r->num_exact, sizeof(*r->exact), compare);
	return r;
}

struct crash_rules *
crash_rules_parse(struct bytes text, const char **out_error)
{
	return crash_rules_parse_line(text, out_error, NULL);
}

void
crash_rules_free(struct crash_rules *r)
{
	if (r == NULL)
		return;
	crash_arena_free(&r->arena);
	free(r);
}

uint32_t
crash_rules_version(const struct crash_rules *r)
{
	return r->version;
}

/* Does the name (lower case) match a pattern whose * stands for any run?  The
 * last * is retried, which is enough: linear in practice, |p|*|s| at worst,
 * and both are short. */
static bool
matches(const char *p, const char *s)
{
	const char *star = NULL, *retry = NULL;

	while (*s != '\0') {
		if (*p == '*') {
			star = p++;
			retry = s;
		} else if (*p == *s) {
			p++, s++;
		} else if (star != NULL) {
			p = star + 1;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

enum crash_rule_class
crash_rules_class(const struct crash_rules *r, const char *name)
{
	char folded[CRASH_MAX_NAME + 1] = "";
	struct entry key = {.name = folded}, *found;
	size_t len = strlen(name);

	if (len == 0 || len > CRASH_MAX_NAME)
		return CRASH_RULE_NONE;
	for (size_t i = 0; i <= len; i++)
		folded[i] = lower(name[i]);
	found = bsearch(&key, r->exact, r->num_exact, sizeof(*r->exact), compare);
	if (found != NULL)
		return found->class;
	for (unsigned i = 0; i < r->num_pattern; i++) {
		if (matches(r->pattern[i].name, folded))
			return r->pattern[i].class;
	}
	return CRASH_RULE_NONE;
}
