/*
 * MINIDUMP_MODULE_LIST and MINIDUMP_UNLOADED_MODULE_LIST: names, addresses and
 * the ids that symbol servers know a module by.  A bad entry spoils itself
 * only: one without a usable range is dropped and counted, one without a
 * readable name keeps its range, so that an address in it is not taken for
 * nobody's.
 */
#include <stdlib.h>
#include <string.h>

#include "crash/minidump.h"
#include "crash/name.h"

#define MODULE_LEN		  108
#define UNLOADED_LEN		  24
#define FIXED_FILE_INFO		  24 /* offset of VS_FIXEDFILEINFO in an entry */
#define FIXED_FILE_INFO_SIGNATURE 0xfeef04bd

#define CODEVIEW_RSDS 0x53445352 /* GUID, age, name */
#define CODEVIEW_NB10 0x3031424e /* offset, timestamp, age, name */
#define CODEVIEW_ELF  0x4270454c /* Breakpad's: a build id */

static const char upper[] = "0123456789ABCDEF";
static const char lower[] = "0123456789abcdef";

/* v as exactly `digits` digits. */
static char *
put_hex(char *p, uint32_t v, int digits, const char *alphabet)
{
	for (int i = digits - 1; i >= 0; i--)
		*p++ = alphabet[v >> (4 * i) & 15];
	return p;
}

/* v without leading zeros, lower case, as printf's %x. */
static char *
put_short(char *p, uint32_t v)
{
	int digits = 1;

	while (digits < 8 && v >> (4 * digits) != 0)
		digits++;
	return put_hex(p, v, digits, lower);
}

/* The 16 bytes of a GUID in the order in which it is printed: the first three
 * fields are little-endian in the file. */
static char *
put_guid(char *p, const uint8_t g[16])
{
	static const uint8_t order[16] = {
	    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (int i = 0; i < 16; i++)
		p = put_hex(p, g[order[i]], 2, upper);
	return p;
}

static enum crash_name_kind
name_kind(const struct crash_report *r)
{
	return r->os == CRASH_OS_WINDOWS || r->os == CRASH_OS_UNKNOWN
	    ? CRASH_NAME_WINDOWS
	    : CRASH_NAME_POSIX;
}

/* Timestamp, eight digits in upper case, then the size in lower case: what
 * symbol servers file an image under. */
static const char *
pe_code_id(struct crash_arena *a, uint32_t timestamp, uint32_t size)
{
	char text[16], *end;

	end = put_short(put_hex(text, timestamp, 8, upper), size);
	return crash_arena_strndup(a, text, (size_t)(end - text));
}

static void
elf_ids(struct crash_report *r, struct crash_module *m, struct bytes id)
{
	char text[2 * CRASH_MAX_BUILD_ID], *end = text;
	uint8_t guid[16] = {0};

	if (id.len == 0)
		return;
	if (id.len > CRASH_MAX_BUILD_ID)
		id.len = CRASH_MAX_BUILD_ID;
	for (size_t i = 0; i < id.len; i++)
		end = put_hex(end, id.p[i], 2, lower);
	m->code_id = crash_arena_strndup(&r->arena, text, (size_t)(end - text));
	/* Breakpad: the first 16 bytes as a GUID, and an age of 0. */
	memcpy(guid, id.p, id.len < 16 ? id.len : 16);
	end = put_short(put_guid(text, guid), 0);
	m->debug_id = crash_arena_strndup(&r->arena, text, (size_t)(end - text));
	m->debug_file = m->name;
}

static void
codeview(struct crash_report *r, struct crash_module *m, struct bytes cv)
{
	char text[48], *end;
	uint32_t signature, timestamp, age;
	struct bytes part;
	size_t name_at;

	if (!bytes_u32(cv, 0, &signature))
		return;
	if (signature == CODEVIEW_ELF) {
		(void)bytes_slice(cv, 4, cv.len - 4, &part);
		elf_ids(r, m, part);
		return;
	}
	if (signature == CODEVIEW_RSDS && bytes_slice(cv, 4, 16, &part) &&
	    bytes_u32(cv, 20, &age)) {
		end = put_short(put_guid(text, part.p), age);
		name_at = 24;
	} else if (signature == CODEVIEW_NB10 && bytes_u32(cv, 8, &timestamp) &&
	    bytes_u32(cv, 12, &age)) {
		end = put_short(put_hex(text, timestamp, 8, upper), age);
		name_at = 16;
	} else {
		return;
	}
	m->debug_id = crash_arena_strndup(&r->arena, text, (size_t)(end - text));
	(void)bytes_slice(cv, name_at, cv.len - name_at, &part);
	if (part.len > CRASH_MAX_PATH)
		part.len = CRASH_MAX_PATH;
	if (part.len > 0 && part.p[0] != '\0')
		m->debug_file = crash_name_utf8(&r->arena, part, name_kind(r));
}

static void
version(struct crash_module *m, struct bytes entry)
{
	uint32_t signature, ms, ls;

	if (!bytes_u32(entry, FIXED_FILE_INFO, &signature) ||
	    signature != FIXED_FILE_INFO_SIGNATURE ||
	    !bytes_u32(entry, FIXED_FILE_INFO + 8, &ms) ||
	    !bytes_u32(entry, FIXED_FILE_INFO + 12, &ls))
		return;
	m->has_version = true;
	m->version[0] = (uint16_t)(ms >> 16);
	m->version[1] = (uint16_t)ms;
	m->version[2] = (uint16_t)(ls >> 16);
	m->version[3] = (uint16_t)ls;
}

/* Base and size of an entry; false if it has no range.  32-bit writers
 * sign-extend addresses now and then. */
static bool
range(const struct crash_report *r, struct bytes entry, uint64_t *out_base,
    uint32_t *out_size)
{
	if (!bytes_u64(entry, 0, out_base) || !bytes_u32(entry, 8, out_size))
		return false;
	if (r->arch == CRASH_ARCH_X86 || r->arch == CRASH_ARCH_ARM)
		*out_base &= UINT32_MAX;
	return *out_size != 0 && *out_base <= UINT64_MAX - *out_size;
}

static bool
module(const struct minidump *md, struct crash_report *r, struct crash_module *m,
    struct bytes entry)
{
	uint32_t name_rva;
	struct bytes part;

	*m = (struct crash_module){.name = ""};
	if (!range(r, entry, &m->base, &m->size) ||
	    !bytes_u32(entry, 12, &m->checksum) ||
	    !bytes_u32(entry, 16, &m->timestamp) ||
	    !bytes_u32(entry, 20, &name_rva))
		return false;
	if (minidump_string(md, name_rva, &part))
		m->name = crash_name_utf16(&r->arena, part, name_kind(r));
	version(m, entry);
	if (r->os == CRASH_OS_WINDOWS)
		m->code_id = pe_code_id(&r->arena, m->timestamp, m->size);
	if (minidump_location(md, entry, 76, &part))
		codeview(r, m, part);
	return true;
}

static int
compare_base(const void *va, const void *vb, void *vr)
{
	const struct crash_module *modules = vr;
	uint32_t ia = *(const uint32_t *)va, ib = *(const uint32_t *)vb;

	if (modules[ia].base != modules[ib].base)
		return modules[ia].base < modules[ib].base ? -1 : 1;
	return ia < ib ? -1 : ia > ib;
}

enum crash_error
minidump_modules(const struct minidump *md, struct crash_report *r)
{
	struct bytes list, entry;
	uint32_t num, more;

	num = minidump_list(md->stream[MINIDUMP_MODULES], MODULE_LEN,
	    CRASH_MAX_MODULES, &list, &more);
	r->num_modules_omitted = more;
	r->modules = crash_arena_alloc(&r->arena, (num + 1) * sizeof(*r->modules));
	r->by_base = crash_arena_alloc(&r->arena, (num + 1) * sizeof(*r->by_base));
	if (r->modules == NULL || r->by_base == NULL)
		return CRASH_ENOMEM;
	for (uint32_t i = 0; i < num; i++) {
		(void)bytes_slice(
		    list, (uint64_t)i * MODULE_LEN, MODULE_LEN, &entry);
		if (!module(md, r, &r->modules[r->num_modules], entry)) {
			r->num_modules_bad++;
			continue;
		}
		/* Every writer puts the application first. */
		if (i == 0)
			r->main = 0;
		r->by_base[r->num_modules] = r->num_modules;
		r->num_modules++;
	}
	qsort_r(r->by_base, r->num_modules, sizeof(*r->by_base), compare_base,
	    r->modules);
	return r->arena.failed ? CRASH_ENOMEM : CRASH_OK;
}

enum crash_error
minidump_unloaded(const struct minidump *md, struct crash_report *r)
{
	struct bytes s = md->stream[MINIDUMP_UNLOADED], entry, part;
	uint32_t head, len, num, name_rva;

	/* Unlike the others, this list tells its own header and entry size. */
	if (!bytes_u32(s, 0, &head) || !bytes_u32(s, 4, &len) ||
	    !bytes_u32(s, 8, &num) || len < UNLOADED_LEN || head < 12)
		return CRASH_OK;
	if (num > CRASH_MAX_UNLOADED)
		num = CRASH_MAX_UNLOADED;
	r->unloaded =
	    crash_arena_alloc(&r->arena, (num + 1) * sizeof(*r->unloaded));
	if (r->unloaded == NULL)
		return CRASH_ENOMEM;
	for (uint32_t i = 0; i < num; i++) {
		struct crash_unloaded *u = &r->unloaded[r->num_unloaded];

		*u = (struct crash_unloaded){.name = ""};
		if (!bytes_slice(s, head + (uint64_t)i * len, UNLOADED_LEN, &entry))
			break;
		if (!range(r, entry, &u->base, &u->size) ||
		    !bytes_u32(entry, 12, &u->checksum) ||
		    !bytes_u32(entry, 16, &u->timestamp) ||
		    !bytes_u32(entry, 20, &name_rva))
			continue;
		if (minidump_string(md, name_rva, &part))
			u->name = crash_name_utf16(&r->arena, part, name_kind(r));
		u->code_id = pe_code_id(&r->arena, u->timestamp, u->size);
		r->num_unloaded++;
	}
	return r->arena.failed ? CRASH_ENOMEM : CRASH_OK;
}
