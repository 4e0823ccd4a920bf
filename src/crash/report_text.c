/*
 * The words of a report: one table for each enumeration of report.h.
 */
#include "crash/report.h"

static const struct {
	const char *code, *sentence;
} errors[] = {
    [CRASH_OK] = {"ok", "The dump was read."},
    [CRASH_ENOTDUMP] = {"not-a-dump", "The file does not begin like a minidump."},
    [CRASH_ETRUNCATED] = {"truncated",
	"The file ends before the table of its streams does."},
    [CRASH_ETOOLARGE] = {"too-large", "The dump is larger than 512 MiB."},
    [CRASH_EEMPTY] = {"empty",
	"The table of streams names none that describes a crash."},
    [CRASH_EMODULES] = {"module-list-outside",
	"The list of modules lies outside the file."},
    [CRASH_ENOMEM] = {"no-memory",
	"The dump needs more memory than one report may take."},
};

static const char *const os[] = {
    [CRASH_OS_WINDOWS] = "windows",
    [CRASH_OS_LINUX] = "linux",
    [CRASH_OS_ANDROID] = "android",
    [CRASH_OS_MACOS] = "macos",
    [CRASH_OS_IOS] = "ios",
    [CRASH_OS_FUCHSIA] = "fuchsia",
};

static const char *const arch[] = {
    [CRASH_ARCH_X86] = "x86",
    [CRASH_ARCH_AMD64] = "amd64",
    [CRASH_ARCH_ARM] = "arm",
    [CRASH_ARCH_ARM64] = "arm64",
};

static const char *const trust[] = {
    [CRASH_TRUST_CONTEXT] = "context",
    [CRASH_TRUST_CFI] = "cfi",
    [CRASH_TRUST_FRAME_POINTER] = "frame-pointer",
    [CRASH_TRUST_SCAN] = "scan",
};

static const char *const decision[] = {
    [CRASH_STEP_PLATFORM] = "skipped: platform module",
    [CRASH_STEP_LIBRARY] = "skipped: library module",
    [CRASH_STEP_NOWHERE] = "skipped: outside every module",
    [CRASH_STEP_BLAMED] = "blamed",
    [CRASH_STEP_UNLOADED] = "blamed: unloaded module",
    [CRASH_STEP_APPLICATION] = "blamed: the application, nobody else left",
};

static const char *const rule[] = {
    [CRASH_BLAME_NONE] = "none",
    [CRASH_BLAME_FAULTING] = "faulting-module",
    [CRASH_BLAME_CALLER] = "first-caller",
    [CRASH_BLAME_RETURN_ADDRESS] = "return-address",
    [CRASH_BLAME_UNLOADED] = "unloaded-module",
    [CRASH_BLAME_APPLICATION] = "application",
};

const char *
crash_error_text(enum crash_error e)
{
	return errors[e].code;
}

const char *
crash_error_sentence(enum crash_error e)
{
	return errors[e].sentence;
}

const char *
crash_os_text(enum crash_os v)
{
	return os[v];
}

const char *
crash_arch_text(enum crash_arch v)
{
	return arch[v];
}

const char *
crash_trust_text(enum crash_trust v)
{
	return trust[v];
}

const char *
crash_decision_text(enum crash_decision v)
{
	return decision[v];
}

const char *
crash_blame_rule_text(enum crash_blame_rule v)
{
	return rule[v];
}
