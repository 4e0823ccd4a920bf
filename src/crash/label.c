/*
 * The label; see label.h.  Versions that a module does not carry are 0.0.0.0.
 * An address outside every module has P4 "unknown" (Windows writes
 * StackHash_xxxx, a hash of a stack that only Windows had) and the address
 * itself as P8; an unloaded module is NAME_unloaded, without a version.
 */
#include "crash/label.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct who {
	const char *name;
	uint16_t version[4];
	uint32_t timestamp;
};

static const char *
keep(struct crash_report *r, const char *text)
{
	return crash_arena_strndup(&r->arena, text, strlen(text));
}

static void
set_three(struct crash_report *r, int first, const struct who *who)
{
	char text[32];

	r->label.p[first] = who->name;
	(void)snprintf(text, sizeof(text), "%u.%u.%u.%u", who->version[0],
	    who->version[1], who->version[2], who->version[3]);
	r->label.p[first + 1] = keep(r, text);
	(void)snprintf(text, sizeof(text), "%08" PRIx32, who->timestamp);
	r->label.p[first + 2] = keep(r, text);
}

static struct who
who_is(const struct crash_report *r, int module)
{
	const struct crash_module *m;
	struct who who = {.name = "unknown"};

	if (module < 0)
		return who;
	m = &r->modules[module];
	who.name = m->name;
	who.timestamp = m->timestamp;
	memcpy(who.version, m->version, sizeof(who.version));
	return who;
}

bool
label_make(struct crash_report *r)
{
	char name[CRASH_PLACE_NAME_LEN], text[32];
	bool narrow = r->arch == CRASH_ARCH_X86 || r->arch == CRASH_ARCH_ARM;
	struct who who;

	if (!r->exception.present || !r->has_faulting)
		return true;
	r->label.type = r->os == CRASH_OS_WINDOWS ? "APPCRASH" : "CRASH";
	who = who_is(r, r->main);
	set_three(r, 0, &who);
	who = who_is(r, r->faulting.module);
	if (r->faulting.unloaded >= 0) {
		who.name = keep(r, crash_place_name(r, &r->faulting, name));
		who.timestamp = r->unloaded[r->faulting.unloaded].timestamp;
	}
	set_three(r, 3, &who);
	(void)snprintf(text, sizeof(text), "%08" PRIx32, r->exception.code);
	r->label.p[6] = keep(r, text);
	(void)snprintf(
	    text, sizeof(text), "%0*" PRIx64, narrow ? 8 : 16, r->faulting.offset);
	r->label.p[7] = keep(r, text);
	return !r->arena.failed;
}
