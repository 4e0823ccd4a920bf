/*
 * Which system and machine a minidump is of: MINIDUMP_SYSTEM_INFO (with the
 * platform ids that Breakpad added for other systems), MINIDUMP_MISC_INFO and
 * the header's time.
 */
#include <stdio.h>
#include <string.h>

#include "crash/minidump.h"
#include "crash/name.h"

#define MISC_HAS_PROCESS_ID 1

static enum crash_arch
arch_of(uint16_t processor)
{
	switch (processor) {
	case 0:	 /* PROCESSOR_ARCHITECTURE_INTEL */
	case 10: /* IA32_ON_WIN64 */
		return CRASH_ARCH_X86;
	case 9:
		return CRASH_ARCH_AMD64;
	case 5:
		return CRASH_ARCH_ARM;
	case 12:
	case 0x8003: /* Breakpad, before Microsoft had a number */
		return CRASH_ARCH_ARM64;
	default:
		return CRASH_ARCH_UNKNOWN;
	}
}

static enum crash_os
os_of(uint32_t platform)
{
	switch (platform) {
	case 1: /* VER_PLATFORM_WIN32_WINDOWS */
	case 2: /* VER_PLATFORM_WIN32_NT */
		return CRASH_OS_WINDOWS;
	case 0x8101:
		return CRASH_OS_MACOS;
	case 0x8102:
		return CRASH_OS_IOS;
	case 0x8201:
		return CRASH_OS_LINUX;
	case 0x8203:
		return CRASH_OS_ANDROID;
	case 0x8206:
		return CRASH_OS_FUCHSIA;
	default:
		return CRASH_OS_UNKNOWN;
	}
}

static void
system_info(const struct minidump *md, struct crash_report *r)
{
	struct bytes s = md->stream[MINIDUMP_SYSTEM], csd;
	uint32_t major, minor, build, platform, csd_rva;
	uint16_t processor;
	char text[40];

	if (!bytes_u16(s, 0, &processor) || !bytes_u32(s, 8, &major) ||
	    !bytes_u32(s, 12, &minor) || !bytes_u32(s, 16, &build) ||
	    !bytes_u32(s, 20, &platform))
		return;
	r->arch = arch_of(processor);
	r->os = os_of(platform);
	(void)snprintf(text, sizeof(text), "%u.%u.%u", major, minor, build);
	r->os_version = crash_arena_strndup(&r->arena, text, strlen(text));
	if (bytes_u32(s, 24, &csd_rva) && minidump_string(md, csd_rva, &csd) &&
	    csd.len > 0)
		r->os_build = crash_name_utf16(&r->arena, csd, CRASH_NAME_TEXT);
}

void
minidump_system(const struct minidump *md, struct crash_report *r)
{
	struct bytes misc = md->stream[MINIDUMP_MISC];
	uint32_t flags, pid;

	r->time = md->timestamp;
	if (bytes_u32(misc, 4, &flags) && (flags & MISC_HAS_PROCESS_ID) != 0 &&
	    bytes_u32(misc, 8, &pid))
		r->process_id = pid;
	system_info(md, r);
}
