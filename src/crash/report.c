/*
 * One dump from bytes to report: opens it, reads its parts in the order in
 * which they depend on each other, and asks label, blame and bucket.
 */
#include "crash/report.h"

#include <stdio.h>
#include <string.h>

#include "crash/blame.h"
#include "crash/bucket.h"
#include "crash/label.h"
#include "crash/minidump.h"
#include "crash/stackwalk.h"

/* How many modules below the nearest base are looked at for one that is large
 * enough to overlap: maps of Linux nest two deep. */
#define MAX_OVERLAP 8

struct crash_place
crash_locate(const struct crash_report *r, uint64_t address)
{
	struct crash_place p = {
	    .module = -1, .unloaded = -1, .address = address, .offset = address};
	unsigned low = 0, high = r->num_modules;

	/* The first module whose base lies above. */
	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (r->modules[r->by_base[mid]].base <= address)
			low = mid + 1;
		else
			high = mid;
	}
	for (unsigned back = 1; back <= low && back <= MAX_OVERLAP; back++) {
		uint32_t i = r->by_base[low - back];

		if (address - r->modules[i].base < r->modules[i].size) {
			p.module = (int)i;
			p.offset = address - r->modules[i].base;
			return p;
		}
	}
	for (unsigned i = 0; i < r->num_unloaded; i++) {
		if (address - r->unloaded[i].base < r->unloaded[i].size) {
			p.unloaded = (int)i;
			p.offset = address - r->unloaded[i].base;
			break;
		}
	}
	return p;
}

const char *
crash_place_name(const struct crash_report *r, const struct crash_place *p,
    char tmp[CRASH_PLACE_NAME_LEN])
{
	if (p->module >= 0)
		return r->modules[p->module].name;
	if (p->unloaded < 0)
		return NULL;
	(void)snprintf(tmp, CRASH_PLACE_NAME_LEN, "%.*s_unloaded",
	    CRASH_MAX_NAME_TEXT, r->unloaded[p->unloaded].name);
	return tmp;
}

/* Where it crashed.  Windows says so in the exception's address; elsewhere
 * that is the datum that was touched, and the pc says it. */
static void
find_faulting(struct crash_report *r, const struct minidump_context *c)
{
	if (!r->exception.present)
		return;
	r->faulting = crash_locate(r,
	    r->os == CRASH_OS_WINDOWS || !c->valid ? r->exception.address : c->pc);
	r->has_faulting = true;
}

static enum crash_error
examine(struct crash_report *r, const struct minidump *md,
    const struct crash_rules *rules, const struct crash_images *images)
{
	struct minidump_context context;
	enum crash_error e;

	minidump_system(md, r);
	e = minidump_modules(md, r);
	if (e == CRASH_OK)
		e = minidump_unloaded(md, r);
	if (e != CRASH_OK)
		return e;
	minidump_exception(md, r, &context);
	find_faulting(r, &context);
	stackwalk(md, r, &context, images);
	blame_decide(r, rules);
	if (!label_make(r) || !bucket_make(r, rules))
		return CRASH_ENOMEM;
	return r->arena.failed ? CRASH_ENOMEM : CRASH_OK;
}

enum crash_error
crash_examine_with(struct crash_report *r, struct bytes dump,
    const struct crash_rules *rules, const struct crash_images *images)
{
	struct minidump md;
	enum crash_error e;

	memset(r, 0, sizeof(*r));
	r->main = -1;
	r->blame.frame = -1;
	r->kind = "minidump";
	r->rules_version = crash_rules_version(rules);
	crash_arena_init(&r->arena, CRASH_MAX_TEXT);
	e = minidump_open(&md, dump);
	if (e == CRASH_OK)
		e = examine(r, &md, rules, images);
	return e;
}

enum crash_error
crash_examine(
    struct crash_report *r, struct bytes dump, const struct crash_rules *rules)
{
	return crash_examine_with(r, dump, rules, NULL);
}

void
crash_report_free(struct crash_report *r)
{
	if (r != NULL)
		crash_arena_free(&r->arena);
}
