/*
 * What kind of problem an exception is.  Codes: Microsoft, ntstatus.h and
 * winnt.h (FAST_FAIL_*), signal(7), <mach/exception_types.h>.
 */
#include "crash/bucket.h"

struct problem {
	uint32_t code;
	const char *id, *text;
};

static const struct problem windows[] = {
    {0xc0000006, "in-page-error", "page could not be read"},
    {0xc000001d, "illegal-instruction", "illegal instruction"},
    {0xc0000096, "privileged-instruction", "privileged instruction"},
    {0xc0000025, "noncontinuable", "continued after a fatal exception"},
    {0xc0000026, "invalid-disposition", "invalid exception disposition"},
    {0xc000008c, "array-bounds", "array bounds exceeded"},
    {0xc000008e, "float-divide-by-zero", "floating-point divide by zero"},
    {0xc0000090, "float-invalid", "invalid floating-point operation"},
    {0xc0000094, "divide-by-zero", "divide by zero"},
    {0xc0000095, "integer-overflow", "integer overflow"},
    {0xc00000fd, "stack-overflow", "stack overflow"},
    {0xc0000135, "dll-missing", "DLL not found"},
    {0xc0000139, "entry-missing", "entry point not found"},
    {0xc0000142, "dll-init-failed", "DLL failed to initialise"},
    {0xc0000374, "heap-corrupted", "heap corrupted"},
    {0xc0000417, "invalid-parameter", "invalid parameter to the C runtime"},
    {0xc0000420, "assertion", "assertion failed"},
    {0xc000041d, "callback", "exception in a user callback"},
    {0x40000015, "abort", "fatal application exit"},
    {0x80000001, "guard-page", "guard page touched"},
    {0x80000002, "misaligned", "misaligned access"},
    {0x80000003, "breakpoint", "breakpoint"},
    {0x80000004, "single-step", "single step"},
    {0xc06d007e, "delay-load", "delay-loaded DLL not found"},
    {0xc06d007f, "delay-load", "delay-loaded function not found"},
    {0xe06d7363, "cpp-exception", "unhandled C++ exception"},
    {0xe0434352, "clr-exception", "unhandled .NET exception"},
    {0xe0434f4d, "clr-exception", "unhandled .NET exception"},
    {0xe0000008, "out-of-memory", "out of memory"},
    {0xc0000017, "out-of-memory", "out of memory"},
    {0xc000012d, "out-of-memory", "out of memory"},
    {0xc000027b, "stowed-exception", "unhandled stowed exception"},
    {0x0517a7ed, "requested", "dump without a crash"},
};

/* First parameter of c0000409, STATUS_STACK_BUFFER_OVERRUN. */
static const struct problem fast_fail[] = {
    {0, "stack-cookie", "stack buffer overrun"},
    {2, "stack-cookie", "stack buffer overrun"},
    {3, "corrupt-list", "corrupt list entry"},
    {5, "invalid-parameter", "invalid parameter to the C runtime"},
    {7, "abort", "abort"},
    {8, "fail-fast-bounds", "array bounds exceeded (fail fast)"},
    {10, "control-flow-guard", "call to an invalid target"},
};

static const struct problem linux_signals[] = {
    {3, "quit", "SIGQUIT"},
    {4, "illegal-instruction", "illegal instruction"},
    {5, "breakpoint", "breakpoint"},
    {6, "abort", "abort"},
    {7, "bus-error", "bus error"},
    {8, "arithmetic", "arithmetic exception"},
    {31, "bad-system-call", "forbidden system call"},
    {0xffffffff, "requested", "dump without a crash"},
};

static const struct problem mach[] = {
    {0x43506e78, "objc-exception", "unhandled Objective-C exception"},
    {0x43507378, "requested", "dump without a crash"},
    {2, "illegal-instruction", "illegal instruction"},
    {3, "arithmetic", "arithmetic exception"},
    {5, "software", "software exception"},
    {6, "breakpoint", "breakpoint"},
    {10, "abort", "abort"},
    {11, "resource", "resource limit"},
    {12, "guard", "guarded resource violated"},
};

/* Below this an address is a null pointer plus the offset of a member. */
#define NULL_REGION 0x10000

static bool
look_up(const struct problem *table, size_t num, uint32_t code, const char **out_id,
    const char **out_text)
{
	for (size_t i = 0; i < num; i++) {
		if (table[i].code == code) {
			*out_id = table[i].id;
			*out_text = table[i].text;
			return true;
		}
	}
	return false;
}
#define LOOK_UP(table, code) \
	look_up(             \
	    (table), sizeof(table) / sizeof((table)[0]), (code), out_id, out_text)

static void
set(const char **out_id, const char **out_text, const char *id, const char *text)
{
	*out_id = id;
	*out_text = text;
}

/* c0000005: the parameters say what was tried, and where. */
static void
access_violation(
    const struct crash_report *r, const char **out_id, const char **out_text)
{
	const struct crash_exception *e = &r->exception;
	uint64_t address = e->num_params > 1 ? e->params[1] : UINT64_MAX;
	bool null = address < NULL_REGION;

	switch (e->num_params > 0 ? e->params[0] : UINT64_MAX) {
	case 0:
		if (null)
			set(out_id, out_text, "null-read", "read of null");
		else
			set(out_id, out_text, "read-violation",
			    "read access violation");
		return;
	case 1:
		if (null)
			set(out_id, out_text, "null-write", "write to null");
		else
			set(out_id, out_text, "write-violation",
			    "write access violation");
		return;
	case 8:
		if (null)
			set(out_id, out_text, "null-execute", "execute at null");
		else
			set(out_id, out_text, "bad-execute",
			    "execute at bad address");
		return;
	default:
		set(out_id, out_text, "access-violation", "access violation");
	}
}

/* A fault of another system, which does not say whether it read or wrote. */
static void
memory_fault(
    const struct crash_report *r, const char **out_id, const char **out_text)
{
	const struct crash_frame *f = r->frames;

	if (r->num_frames > 0 && f->place.module < 0 &&
	    f->place.address == r->exception.address)
		set(out_id, out_text, "bad-execute", "execute at bad address");
	else if (r->exception.address < NULL_REGION)
		set(out_id, out_text, "null-access", "access to null");
	else
		set(out_id, out_text, "access-violation", "access violation");
}

void
problem_class(
    const struct crash_report *r, const char **out_id, const char **out_text)
{
	const struct crash_exception *e = &r->exception;
	bool apple = r->os == CRASH_OS_MACOS || r->os == CRASH_OS_IOS;
	bool is_windows = r->os == CRASH_OS_WINDOWS;

	set(out_id, out_text, "exception", "exception");
	if (!e->present) {
		set(out_id, out_text, "requested", "dump without a crash");
	} else if (is_windows && e->code == 0xc0000005) {
		access_violation(r, out_id, out_text);
	} else if (is_windows && e->code == 0xc0000409) {
		if (e->num_params == 0 || e->params[0] > UINT32_MAX ||
		    !LOOK_UP(fast_fail, (uint32_t)e->params[0]))
			set(out_id, out_text, "fail-fast", "fail fast");
	} else if (is_windows) {
		(void)LOOK_UP(windows, e->code);
	} else if (e->code == (apple ? 1 : 11)) {
		memory_fault(r, out_id, out_text);
	} else if (apple) {
		(void)LOOK_UP(mach, e->code);
	} else {
		(void)LOOK_UP(linux_signals, e->code);
	}
}
