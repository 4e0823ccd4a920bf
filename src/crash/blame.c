/*
 * Blame; see blame.h.  An unloaded module counts under its own name, a program
 * counter outside every module is decided by the return addresses, and when
 * nothing is left it is the application, which loaded all the rest.
 */
#include "crash/blame.h"

static const char *
name_of(const struct crash_report *r, const struct crash_place *p)
{
	if (p->module >= 0)
		return r->modules[p->module].name;
	if (p->unloaded >= 0)
		return r->unloaded[p->unloaded].name;
	return NULL;
}

static enum crash_decision
decide(const struct crash_report *r, const struct crash_place *p,
    const struct crash_rules *rules)
{
	const char *name = name_of(r, p);

	if (name == NULL)
		return CRASH_STEP_NOWHERE;
	/* The application is nobody's library, whatever its name is. */
	if (p->module >= 0 && p->module == r->main)
		return CRASH_STEP_BLAMED;
	switch (crash_rules_class(rules, name)) {
	case CRASH_RULE_PLATFORM:
		return CRASH_STEP_PLATFORM;
	case CRASH_RULE_LIBRARY:
		return CRASH_STEP_LIBRARY;
	case CRASH_RULE_NONE:
		break;
	}
	return p->unloaded >= 0 ? CRASH_STEP_UNLOADED : CRASH_STEP_BLAMED;
}

static void
trail(struct crash_report *r, int frame, const char *module,
    enum crash_decision decision)
{
	struct crash_blame *b = &r->blame;

	if (b->num_trail < sizeof(b->trail) / sizeof(b->trail[0]))
		b->trail[b->num_trail++] = (struct crash_step){
		    .frame = frame, .module = module, .decision = decision};
}

static void
take(struct crash_report *r, int frame, const struct crash_place *p,
    enum crash_blame_rule rule)
{
	r->blame.rule = rule;
	r->blame.frame = frame;
	r->blame.place = *p;
	r->blame.module = name_of(r, p);
}

static void
blame_application(struct crash_report *r)
{
	struct crash_place p = {.module = r->main, .unloaded = -1};

	if (r->main < 0)
		return;
	trail(r, -1, r->modules[r->main].name, CRASH_STEP_APPLICATION);
	take(r, -1, &p, CRASH_BLAME_APPLICATION);
}

void
blame_decide(struct crash_report *r, const struct crash_rules *rules)
{
	bool nowhere = false;
	unsigned num = r->num_frames;

	r->blame.frame = -1;
	r->blame.place = (struct crash_place){.module = -1, .unloaded = -1};
	if (!r->exception.present)
		return;
	/* Without registers the exception's address is the only frame. */
	if (num == 0 && r->has_faulting)
		num = 1;
	for (unsigned i = 0; i < num; i++) {
		const struct crash_place *p =
		    r->num_frames > 0 ? &r->frames[i].place : &r->faulting;
		enum crash_decision d = decide(r, p, rules);

		trail(r, (int)i, name_of(r, p), d);
		if (i == 0 && d == CRASH_STEP_NOWHERE)
			nowhere = true;
		if (d != CRASH_STEP_BLAMED && d != CRASH_STEP_UNLOADED)
			continue;
		take(r, (int)i, p,
		    d == CRASH_STEP_UNLOADED ? CRASH_BLAME_UNLOADED
			: i == 0	     ? CRASH_BLAME_FAULTING
			: nowhere	     ? CRASH_BLAME_RETURN_ADDRESS
					     : CRASH_BLAME_CALLER);
		return;
	}
	blame_application(r);
}
