/* Reading minidumps whose header, directory and lists are wrong in each way
 * that was seen or can be thought of. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crash/minidump.h"

#include "craft.h"

#define CRASH                                                         \
	HOST REVERB NTDLL "--exception 0xc0000005,0x180001386,0,0xc " \
			  "--frames 0x180001415,0x1400015b2"

Test(minidump, no_dump_at_all)
{
	static const char *const texts[] = {"", "M", "MDMP",
	    "PMDM"
	    "12345678"
	    "1234567812345678123456781234",
	    "GIF89a"};
	static const enum crash_error errors[] = {CRASH_ENOTDUMP, CRASH_ENOTDUMP,
	    CRASH_ETRUNCATED, CRASH_ENOTDUMP, CRASH_ENOTDUMP};

	for (size_t i = 0; i < 5; i++) {
		struct crash_report r;

		cr_expect_eq(crash_examine(&r, bytes_of(texts[i], strlen(texts[i])),
				 craft_rules()),
		    errors[i], "%s", texts[i]);
		crash_report_free(&r);
	}
}

Test(minidump, reads_what_was_written)
{
	struct crash_report r;

	craft_report(&r,
	    "--time 1741684364 --process 77 --thread 9 "
	    "--os-build 26100 " CRASH);
	cr_assert_eq(r.os, CRASH_OS_WINDOWS);
	cr_assert_eq(r.arch, CRASH_ARCH_AMD64);
	cr_assert_str_eq(r.os_version, "10.0.26100");
	cr_assert_null(r.os_build);
	cr_assert_eq(r.time, 1741684364);
	cr_assert_eq(r.process_id, 77);
	cr_assert_eq(r.num_modules, 3);
	cr_assert_eq(r.main, 0);
	cr_assert_str_eq(r.modules[0].name, "host.exe");
	cr_assert_str_eq(r.modules[0].code_id, "67CFFE8C14000");
	cr_assert_str_eq(
	    r.modules[0].debug_id, "461E9036760803D673C83A2FCE4C70181");
	cr_assert_str_eq(
	    r.modules[1].debug_id, "479B5A0E867C571A65A8E22DC1D69044c");
	cr_assert_str_eq(r.modules[1].debug_file, "reverb.pdb");
	cr_assert_eq(r.modules[1].checksum, 0x6456);
	cr_assert_eq(r.modules[0].version[3], 17);
	cr_assert_not(r.modules[2].has_version);
	cr_assert_null(r.modules[2].debug_id);
	cr_assert_eq(r.exception.code, 0xc0000005);
	cr_assert_eq(r.exception.thread, 9);
	cr_assert_eq(r.exception.num_params, 2);
	cr_assert_eq(r.exception.params[1], 0xc);
	cr_assert_eq(r.num_frames, 3);
	crash_report_free(&r);
}

Test(minidump, directory_outside_the_file)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;

	craft_put32(&c, 12, (uint32_t)c.len - 11);
	cr_assert_eq(craft_examine(&r, &c), CRASH_ETRUNCATED);
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, module_list_outside_the_file)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;

	craft_put32(&c, craft_entry(&c, 4) + 8, 0xfffffff0);
	cr_assert_eq(craft_examine(&r, &c), CRASH_EMODULES);
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, rva_0_and_type_0_are_absent)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;

	craft_put32(&c, craft_entry(&c, 4) + 8, 0);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 0);
	cr_assert_eq(r.main, -1);
	cr_assert_eq(r.faulting.module, -1);
	crash_report_free(&r);
	craft_put32(&c, craft_entry(&c, 6), 0);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_not(r.exception.present);
	cr_assert_null(r.label.type);
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, a_directory_of_nothing)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;
	uint32_t at = craft_u32(&c, 12);

	for (uint32_t i = 0; i < craft_u32(&c, 8); i++)
		craft_put32(&c, at + 12 * (size_t)i, 0x12345 + i);
	cr_assert_eq(craft_examine(&r, &c), CRASH_EEMPTY);
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, a_bad_module_spoils_itself_only)
{
	struct craft c = craft_dump(CRASH);
	size_t list = craft_stream(&c, 4);
	struct crash_report r;

	craft_put32(&c, list + 4 + 8, 0); /* the first has no size */
	craft_put32(&c, list + 4 + 108 + 20, 0xffffff00); /* name outside */
	craft_put32(&c, list + 4 + 108 + 80, 0xffffff00); /* CodeView too */
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 2);
	cr_assert_eq(r.num_modules_bad, 1);
	cr_assert_eq(r.main, -1);
	cr_assert_str_eq(r.modules[0].name, "");
	cr_assert_null(r.modules[0].debug_id);
	cr_assert_eq(r.faulting.module, 0);
	cr_assert_str_eq(r.modules[1].name, "ntdll.dll");
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, a_count_larger_than_the_list)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;

	craft_put32(&c, craft_stream(&c, 4), UINT32_MAX);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 3);
	cr_assert_eq(r.num_modules_omitted, UINT32_MAX - 3);
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, a_count_smaller_than_the_list)
{
	struct craft c = craft_dump(CRASH);
	struct crash_report r;

	craft_put32(&c, craft_stream(&c, 4), 1);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 1);
	cr_assert_eq(r.num_modules_omitted, 0);
	crash_report_free(&r);
	craft_free(&c);
}

/* Some writers align the first entry to eight bytes. */
Test(minidump, a_padded_count)
{
	struct craft c = craft_dump(CRASH);
	size_t entry = craft_entry(&c, 4), len = craft_u32(&c, entry + 4);
	size_t from = craft_u32(&c, entry + 8), to = c.len;
	struct crash_report r;

	c.data = realloc(c.data, to + len + 4);
	cr_assert_not_null(c.data);
	memcpy(c.data + to, c.data + from, 4);
	memset(c.data + to + 4, 0, 4);
	memcpy(c.data + to + 8, c.data + from + 4, len - 4);
	c.len = to + len + 4;
	craft_put32(&c, entry + 4, (uint32_t)len + 4);
	craft_put32(&c, entry + 8, (uint32_t)to);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 3);
	cr_assert_str_eq(r.modules[2].name, "ntdll.dll");
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, streams_may_be_unaligned)
{
	struct craft c = craft_dump(CRASH);
	size_t entry = craft_entry(&c, 4), len = craft_u32(&c, entry + 4);
	size_t from = craft_u32(&c, entry + 8), to = c.len + 1;
	struct crash_report r;

	c.data = realloc(c.data, to + len);
	cr_assert_not_null(c.data);
	memcpy(c.data + to, c.data + from, len);
	memset(c.data + from, 0xff, len);
	c.len = to + len;
	craft_put32(&c, entry + 8, (uint32_t)to);
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_eq(r.num_modules, 3);
	cr_assert_str_eq(r.modules[1].name, "reverb.dll");
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, foreign_names_are_made_visible)
{
	struct craft c = craft_dump(CRASH);
	size_t name = craft_u32(&c, craft_stream(&c, 4) + 4 + 108 + 20);
	struct crash_report r;

	/* "C:\vst\reverb.dll": r becomes U+202E, e a line feed. */
	c.data[name + 4 + 14] = 0x2e;
	c.data[name + 4 + 15] = 0x20;
	c.data[name + 4 + 16] = '\n';
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_str_eq(r.modules[1].name, "\\u{202e}\\u{000a}verb.dll");
	crash_report_free(&r);
	craft_free(&c);
}

Test(minidump, controls_in_a_plain_name)
{
	struct craft c = craft_dump(CRASH);
	size_t name = craft_u32(&c, craft_stream(&c, 4) + 4 + 108 + 20);
	struct crash_report r;

	c.data[name + 4 + 16] = 0x1b;
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_str_eq(r.modules[1].name, "r\\u{001b}verb.dll");
	crash_report_free(&r);
	c.data[name + 4 + 16] = 0;
	cr_assert_eq(craft_examine(&r, &c), CRASH_OK);
	cr_assert_str_eq(r.modules[1].name, "r");
	crash_report_free(&r);
	craft_free(&c);
}

/* Every prefix ends in a report or an error, and reads nothing behind it:
 * each is its own allocation, so that a sanitizer sees a step too far. */
Test(minidump, cut_at_every_length)
{
	struct craft c = craft_dump(CRASH " --unloaded x.dll,0x10000,0x1000");

	for (size_t len = 0; len < c.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct crash_report r;

		cr_assert_not_null(copy);
		memcpy(copy, c.data, len);
		(void)crash_examine(&r, bytes_of(copy, len), craft_rules());
		crash_report_free(&r);
		free(copy);
	}
	craft_free(&c);
}

/* Memory64List: full dumps keep stacks there and nowhere else. */
Test(minidump, ranges_of_a_64_bit_list)
{
	uint8_t list[16 + 32] = {0}, file[64] = {0};
	struct minidump md = {.file = bytes_of(file, sizeof(file))};
	struct minidump_memory m;

	list[0] = 2;
	list[8] = 16; /* RVA of the first range's bytes */
	list[17] = 0x10, list[24] = 8;
	list[33] = 0x20, list[40] = 200; /* longer than the file */
	file[24] = 0x5a;
	md.stream[MINIDUMP_MEMORY64] = bytes_of(list, sizeof(list));
	cr_assert(minidump_memory_at(&md, 0x1007, &m));
	cr_assert_eq(m.base, 0x1000);
	cr_assert_eq(m.data.len, 8);
	cr_assert_not(minidump_memory_at(&md, 0x1008, &m));
	cr_assert(minidump_memory_at(&md, 0x2000, &m));
	cr_assert_eq(m.data.p[0], 0x5a);
	cr_assert_eq(m.data.len, 40);
	cr_assert_not(minidump_memory_at(&md, 0x2028, &m));
}
