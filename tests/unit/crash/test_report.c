/* Label, blame, problem class, bucket and atom of dumps that are written for
 * the case. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "crash/report.h"

#include "craft.h"

static void
label_is(const struct crash_report *r, const char *want)
{
	char text[1024] = "";

	for (int i = 0; i < 8; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", i > 0 ? " " : "", r->label.p[i]);
	cr_expect_str_eq(text, want);
}

static void
blamed(const struct crash_report *r, const char *module, enum crash_blame_rule rule)
{
	cr_expect_str_eq(r->blame.module, module);
	cr_expect_eq(
	    r->blame.rule, rule, "%s", crash_blame_rule_text(r->blame.rule));
}

Test(report, the_module_that_faulted)
{
	struct crash_report r;

	craft_report(&r,
	    HOST REVERB NTDLL "--exception 0xc0000005,0x180001386,0,0xc "
			      "--frames 0x180001415,0x1400015b2");
	label_is(&r,
	    "host.exe 4.2.0.17 67cffe8c reverb.dll 1.0.0.0 67ed42ff "
	    "c0000005 0000000000001386");
	cr_assert_str_eq(r.label.type, "APPCRASH");
	blamed(&r, "reverb.dll", CRASH_BLAME_FAULTING);
	cr_assert_str_eq(r.bucket.title, "reverb.dll+0x1386");
	cr_assert_str_eq(r.bucket.class_id, "null-read");
	cr_assert_eq(r.frames[1].trust, CRASH_TRUST_FRAME_POINTER);
	cr_assert_eq(r.frames[2].place.offset, 0x15b2);
	cr_assert_eq(r.rules_version, 7);
	crash_report_free(&r);
}

Test(report, thirty_two_bits_write_eight_digits)
{
	struct crash_report r;

	craft_report(&r,
	    "--arch x86 --module 'a.exe,0x400000,0x9000,1,0,"
	    "2.0.0.1' --exception 0xc0000094,0x401234 --frames 0x401300");
	label_is(&r,
	    "a.exe 2.0.0.1 00000001 a.exe 2.0.0.1 00000001 c0000094 "
	    "00001234");
	cr_assert_str_eq(r.bucket.class_text, "divide by zero");
	cr_assert_eq(r.num_frames, 2);
	crash_report_free(&r);
}

Test(report, platform_and_library_are_passed_over)
{
	struct crash_report r;

	craft_report(&r,
	    HOST REVERB NTDLL RUNTIME
	    "--exception 0xc0000374,0x7ff800001234 "
	    "--frames 0x7ff800005678,0x7ff700001111,0x180001486,0x1400015b2");
	blamed(&r, "reverb.dll", CRASH_BLAME_CALLER);
	cr_assert_eq(r.blame.frame, 3);
	cr_assert_eq(r.blame.num_trail, 4);
	cr_assert_eq(r.blame.trail[0].decision, CRASH_STEP_PLATFORM);
	cr_assert_eq(r.blame.trail[2].decision, CRASH_STEP_LIBRARY);
	cr_assert_str_eq(r.blame.trail[2].module, "VCRUNTIME140.dll");
	cr_assert_eq(r.blame.trail[3].decision, CRASH_STEP_BLAMED);
	cr_assert_str_eq(r.bucket.title, "reverb.dll+0x1486");
	cr_assert_str_eq(r.bucket.class_text, "heap corrupted");
	crash_report_free(&r);
}

Test(report, nobody_left_is_the_application)
{
	struct crash_report r;

	craft_report(&r,
	    HOST NTDLL "--exception 0xc0000005,0x7ff800001234 "
		       "--frames 0x7ff800005678");
	blamed(&r, "host.exe", CRASH_BLAME_APPLICATION);
	cr_assert_eq(
	    r.blame.trail[r.blame.num_trail - 1].decision, CRASH_STEP_APPLICATION);
	cr_assert_str_eq(r.bucket.title, "host.exe");
	crash_report_free(&r);
}

Test(report, the_application_is_never_passed_over)
{
	struct crash_report r;

	craft_report(&r,
	    "--module vcruntime140.dll,0x140000000,0x9000 " NTDLL
	    "--exception 0xc0000005,0x140001234");
	blamed(&r, "vcruntime140.dll", CRASH_BLAME_FAULTING);
	crash_report_free(&r);
}

Test(report, unloaded_module_counts_under_its_name)
{
	struct crash_report r;

	craft_report(&r,
	    HOST NTDLL "--unloaded reverb.dll,0x180000000,0x11000,0x67ed42ff "
		       "--exception 0xc0000005,0x180001490,8,0x180001490 "
		       "--frames 0x1400015b2");
	label_is(&r,
	    "host.exe 4.2.0.17 67cffe8c reverb.dll_unloaded 0.0.0.0 "
	    "67ed42ff c0000005 0000000000001490");
	blamed(&r, "reverb.dll", CRASH_BLAME_UNLOADED);
	cr_assert_eq(r.blame.place.unloaded, 0);
	cr_assert_str_eq(r.bucket.title, "reverb.dll_unloaded+0x1490");
	cr_assert_str_eq(r.unloaded[0].code_id, "67ED42FF11000");
	crash_report_free(&r);
}

/* A heap address as pc is another in each run: label as Windows writes it,
 * one bucket and one atom all the same. */
Test(report, pc_outside_every_module)
{
	struct crash_report a, b;

	craft_report(&a,
	    HOST REVERB "--exception 0xc0000005,0x2a4800,8,"
			"0x2a4800 --frames 0x180001728,0x1400015b2");
	craft_report(&b,
	    HOST REVERB "--exception 0xc0000005,0x5f4800,8,"
			"0x5f4800 --frames 0x180001728,0x1400015b2");
	label_is(&a,
	    "host.exe 4.2.0.17 67cffe8c unknown 0.0.0.0 00000000 "
	    "c0000005 00000000002a4800");
	blamed(&a, "reverb.dll", CRASH_BLAME_RETURN_ADDRESS);
	cr_assert_eq(a.blame.trail[0].decision, CRASH_STEP_NOWHERE);
	cr_assert_str_eq(a.bucket.class_text, "execute at bad address");
	cr_assert_arr_eq(a.bucket.key, b.bucket.key, 32);
	cr_assert_arr_eq(a.atom, b.atom, 32);
	crash_report_free(&a);
	crash_report_free(&b);
}

static void
key_of(uint8_t out[32], uint8_t out_atom[32], const char *options)
{
	struct crash_report r;

	craft_report(&r, options);
	memcpy(out, r.bucket.key, 32);
	memcpy(out_atom, r.atom, 32);
	crash_report_free(&r);
}

Test(report, what_splits_a_bucket)
{
	static const char *const one =
	    HOST REVERB NTDLL "--exception 0xc0000005,0x180001386,0,0xc";
	static const char *const same = HOST NTDLL REVERB
	    "--exception 0xc0000005,0x180001386,0,0x18 --time 5 --thread 6";
	static const char *const others[] = {
	    HOST REVERB NTDLL "--exception 0xc0000005,0x180001387,0,0xc",
	    HOST REVERB NTDLL "--exception 0xc0000005,0x180001386,1,0xc",
	    HOST REVERB NTDLL "--exception 0xc0000094,0x180001386",
	    HOST REVERB NTDLL "--exception 0xc0000005,0x140001386,0,0xc",
	};
	uint8_t key[32], atom[32], key2[32], atom2[32];

	key_of(key, atom, one);
	key_of(key2, atom2, same);
	cr_assert_arr_eq(key, key2, 32);
	cr_assert_arr_eq(atom, atom2, 32);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		key_of(key2, atom2, others[i]);
		cr_expect_arr_neq(key, key2, 32, "%s", others[i]);
		cr_expect_arr_neq(atom, atom2, 32, "%s", others[i]);
	}
}

/* Another build of the same code: other atom, same bucket. */
Test(report, a_rebuild_is_the_same_bucket)
{
	uint8_t key[32], atom[32], key2[32], atom2[32];

	key_of(key, atom,
	    HOST "--module r.dll,0x180000000,0x11000,1,0,1.0.0.0 "
		 "--exception 0xc0000005,0x180001386,0,0xc");
	key_of(key2, atom2,
	    HOST "--module R.dll,0x190000000,0x11000,2,0,"
		 "1.0.1.0 --exception 0xc0000005,0x190001386,0,0xc");
	cr_assert_arr_eq(key, key2, 32);
	cr_assert_arr_neq(atom, atom2, 32);
}

/* A recursion a(), b(), a(), ... that ends wherever the stack does. */
Test(report, stack_overflow_is_named_by_its_recursion)
{
	struct crash_report a, b;

	craft_report(&a,
	    HOST "--exception 0xc00000fd,0x140001500,1,0x9 "
		 "--frames 0x140001600,0x140001700,0x140001600,0x140001700,"
		 "0x140001600,0x140001700,0x140001050");
	craft_report(&b,
	    HOST "--exception 0xc00000fd,0x140001650,1,0x9 "
		 "--frames 0x140001700,0x140001600,0x140001700,0x140001600,"
		 "0x140001700,0x140001600,0x140001050");
	cr_assert_str_eq(a.bucket.title, "host.exe+0x1600");
	cr_assert_str_eq(a.bucket.class_text, "stack overflow");
	cr_assert_arr_eq(a.bucket.key, b.bucket.key, 32);
	crash_report_free(&a);
	crash_report_free(&b);
}

Test(report, frames_end)
{
	char options[16384] = HOST "--exception 0xc00000fd,0x140001500 "
				   "--frames 0x140001600";
	struct crash_report r;

	for (int i = 0; i < 200; i++)
		(void)strncat(options, ",0x140001600", 13);
	craft_report(&r, options);
	cr_assert_eq(r.num_frames, CRASH_MAX_FRAMES);
	crash_report_free(&r);
}

Test(report, no_exception_no_label)
{
	struct crash_report r;

	craft_report(&r, HOST REVERB);
	cr_assert_null(r.label.type);
	cr_assert_not(r.has_faulting);
	cr_assert_eq(r.blame.rule, CRASH_BLAME_NONE);
	cr_assert_str_eq(r.bucket.class_id, "requested");
	crash_report_free(&r);
}

Test(report, json)
{
	struct crash_report r;
	struct buf out;
	struct json j;
	static const char *const parts[] = {
	    "{\"file\":\"x.dmp\",\"sha256\":null,\"kind\":\"minidump\","
	    "\"os\":\"windows\",\"os_version\":\"10.0.22631\",",
	    "\"arch\":\"amd64\",\"time\":\"2025-03-11T09:12:44Z\",\"main\":0,"
	    "\"modules\":[{\"name\":\"host.exe\",\"base\":\"140000000\","
	    "\"size\":81920,\"timestamp\":\"67cffe8c\",\"checksum\":\"0\","
	    "\"version\":\"4.2.0.17\",\"code_id\":\"67CFFE8C14000\","
	    "\"debug_id\":\"461E9036760803D673C83A2FCE4C70181\","
	    "\"debug_file\":\"host.pdb\"}",
	    "\"exception\":{\"code\":\"c0000005\",\"address\":\"180001386\","
	    "\"thread\":1234,\"flags\":\"0\",\"params\":[\"0\",\"c\"]},"
	    "\"faulting\":{\"module\":\"reverb.dll\",\"offset\":\"1386\","
	    "\"index\":1},\"label\":{\"type\":\"APPCRASH\",\"p\":[",
	    "\"trust\":\"context\"}",
	    "\"blame\":{\"module\":\"reverb.dll\",\"index\":1,",
	    "\"trail\":[{\"frame\":0,\"module\":\"reverb.dll\","
	    "\"decision\":\"blamed\"}]}",
	    "\"title\":\"reverb.dll+0x1386\",\"class\":\"null-read\"",
	    "\"rules_version\":7,\"error\":null}"};

	craft_report(&r,
	    HOST REVERB "--time 1741684364 "
			"--exception 0xc0000005,0x180001386,0,0xc");
	buf_init(&out, 0);
	json_init(&j, &out);
	crash_report_json(&j, &r, "x.dmp");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		cr_expect_not_null(strstr(buf_str(&out), parts[i]), "%s in %s",
		    parts[i], buf_str(&out));
	buf_free(&out);
	crash_report_free(&r);
}

Test(report, json_of_an_error)
{
	struct buf out;
	struct json j;

	buf_init(&out, 0);
	json_init(&j, &out);
	crash_error_json(&j, CRASH_ENOTDUMP, "x", NULL);
	cr_assert_not_null(strstr(buf_str(&out), "\"error\":\"not-a-dump\"}"));
	cr_assert_not_null(strstr(buf_str(&out), "\"label\":null"));
	buf_free(&out);
}
