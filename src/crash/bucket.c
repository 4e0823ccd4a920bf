/*
 * Bucket and atom; see bucket.h.  Both are hashes of a canonical text, one
 * fact a line, names in lower case.  What varies between runs of one bug is
 * left out: addresses outside modules, exception parameters, where in a
 * recursion the stack ended.
 */
#include "crash/bucket.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* Modules that count as candidates for blame in an atom. */
#define MAX_CANDIDATES 4
/* A canonical text: 12 names, escaped at worst, and as many numbers. */
#define MAX_CANONICAL ((size_t)64 << 10)

static void
fact(struct buf *b, const char *key, const char *value)
{
	buf_puts(b, key);
	buf_putc(b, ' ');
	for (; *value != '\0'; value++)
		buf_putc(b,
		    *value >= 'A' && *value <= 'Z' ? (char)(*value + ('a' - 'A'))
						   : *value);
	buf_putc(b, '\n');
}

static void
number(struct buf *b, const char *key, uint64_t value)
{
	buf_printf(b, "%s %" PRIx64 "\n", key, value);
}

static bool
same_module(const struct crash_place *a, const struct crash_place *b)
{
	return a->module == b->module && a->unloaded == b->unloaded;
}

/* How often an offset of the blamed module stands on the stack. */
static unsigned
repeats(const struct crash_report *r, uint64_t offset)
{
	unsigned num = 0;

	for (unsigned i = 1; i < r->num_frames; i++)
		num += same_module(&r->frames[i].place, &r->blame.place) &&
		    r->frames[i].place.offset == offset;
	return num;
}

/* The offset that stands for the failure.  A stack overflows wherever it
 * ends; what is the same each time is the recursion: the lowest return
 * address among those that repeat. */
static uint64_t
stable_offset(const struct crash_report *r, bool stack_overflow)
{
	uint64_t best = r->blame.place.offset;
	bool found = false;

	if (!stack_overflow)
		return best;
	for (unsigned i = 1; i < r->num_frames; i++) {
		const struct crash_place *p = &r->frames[i].place;

		if (same_module(p, &r->blame.place) && repeats(r, p->offset) > 1 &&
		    (!found || p->offset < best)) {
			best = p->offset;
			found = true;
		}
	}
	return best;
}

/* "reverb.dll+0x1386", "reverb.dll_unloaded+0x1490", "host.exe". */
static bool
title(struct crash_report *r, uint64_t offset)
{
	char name[CRASH_PLACE_NAME_LEN], text[CRASH_PLACE_NAME_LEN + 24];
	const char *who = crash_place_name(r, &r->blame.place, name);

	if (who == NULL)
		who = "unknown";
	if (r->blame.frame < 0)
		(void)snprintf(text, sizeof(text), "%s", who);
	else
		(void)snprintf(text, sizeof(text), "%s+0x%" PRIx64, who, offset);
	r->bucket.title = crash_arena_strndup(&r->arena, text, strlen(text));
	return r->bucket.title != NULL;
}

static void
bucket_key(struct crash_report *r, uint64_t offset, struct buf *b)
{
	buf_reset(b);
	buf_puts(b, "countersign bucket\n");
	number(b, "rules", r->rules_version);
	fact(b, "class", r->bucket.class_id);
	if (strcmp(r->bucket.class_id, "exception") == 0)
		number(b, "code", r->exception.code);
	fact(b, "module", r->blame.module != NULL ? r->blame.module : "");
	if (r->blame.place.unloaded >= 0)
		fact(b, "unloaded", "yes");
	if (r->blame.frame >= 0)
		number(b, "offset", offset);
	/* A crash inside a platform or library function is told apart by its
	 * caller, and its callers by what they called. */
	if (r->blame.frame > 0 && r->faulting.module >= 0)
		fact(b, "in", r->modules[r->faulting.module].name);
	(void)crypto_hash_sha256(r->bucket.key, b->data, b->len);
}

/* The first frame of each module that is neither platform nor library. */
static void
candidates(
    const struct crash_report *r, const struct crash_rules *rules, struct buf *b)
{
	struct crash_place seen[MAX_CANDIDATES];
	char tmp[CRASH_PLACE_NAME_LEN];
	unsigned num = 0;

	for (unsigned i = 0; i < r->num_frames && num < MAX_CANDIDATES; i++) {
		const struct crash_place *p = &r->frames[i].place;
		const char *name = crash_place_name(r, p, tmp);
		bool known = false;

		for (unsigned k = 0; k < num; k++)
			known = known || same_module(&seen[k], p);
		if (name == NULL || known ||
		    (p->module >= 0 && p->module != r->main &&
			crash_rules_class(rules, name) != CRASH_RULE_NONE))
			continue;
		fact(b, "candidate", name);
		number(b, "at", p->offset);
		seen[num++] = *p;
	}
}

static void
atom_key(struct crash_report *r, const struct crash_rules *rules, struct buf *b)
{
	bool nowhere = r->faulting.module < 0 && r->faulting.unloaded < 0;

	buf_reset(b);
	buf_puts(b, "countersign atom\n");
	fact(b, "type", r->label.type != NULL ? r->label.type : "");
	for (int i = 0; i < 8 && r->label.type != NULL; i++) {
		/* An address outside every module is another in each run. */
		if (i == 7 && nowhere)
			break;
		fact(b, "p", r->label.p[i]);
	}
	fact(b, "class", r->bucket.class_id);
	/* The end of a recursion varies, and the frames with it. */
	if (r->exception.present &&
	    strcmp(r->bucket.class_id, "stack-overflow") != 0)
		candidates(r, rules, b);
	else
		fact(b, "candidate", r->bucket.title);
	(void)crypto_hash_sha256(r->atom, b->data, b->len);
}

bool
bucket_make(struct crash_report *r, const struct crash_rules *rules)
{
	struct buf text;
	uint64_t offset;
	bool ok;

	problem_class(r, &r->bucket.class_id, &r->bucket.class_text);
	offset =
	    stable_offset(r, strcmp(r->bucket.class_id, "stack-overflow") == 0);
	if (!title(r, offset))
		return false;
	buf_init(&text, MAX_CANONICAL);
	bucket_key(r, offset, &text);
	atom_key(r, rules, &text);
	ok = buf_ok(&text);
	buf_free(&text);
	return ok;
}
