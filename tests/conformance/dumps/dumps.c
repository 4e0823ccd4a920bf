/*
 * Compares what crash_examine() says about the shared dumps with the manifests
 * that came with them: dumps/manifest.json (modules, exception, label, place
 * of the crash, first frames) and e2e/manifest.json (ids of the binaries,
 * exception, faulting and blamed module; once from the dump alone and once
 * with the signed binaries to unwind with).
 *
 * Where we differ on purpose, deviations.tsv says FILE, FACT and why; a
 * difference that is not listed fails, and so does a listed one that is gone.
 *
 *	conformance-dumps		compares
 *	conformance-dumps FILE...	only these entries, and no check of the list
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/dump.h"
#include "crash/image.h"
#include "crash/report.h"

#define DEVIATIONS     "tests/conformance/dumps/deviations.tsv"
#define MAX_DEVIATIONS 256

static struct deviation {
	char file[128], fact[64];
	bool seen;
} deviations[MAX_DEVIATIONS];
static unsigned num_deviations, num_facts, num_wrong, num_known;

static char **only;
static int num_only;
static struct crash_rules *rules;
static char data[1024];

static void
read_deviations(void)
{
	FILE *f = fopen(DEVIATIONS, "r");
	char line[1024];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		struct deviation *d = &deviations[num_deviations];

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (num_deviations == MAX_DEVIATIONS ||
		    sscanf(line, "%127[^\t]\t%63[^\t]\t%*[^\t\n]", d->file,
			d->fact) != 2) {
			fprintf(stderr, "%s: not FILE, FACT, REASON: %s",
			    DEVIATIONS, line);
			exit(1);
		}
		num_deviations++;
	}
	if (f != NULL)
		(void)fclose(f);
}

static bool
is_deviation(const char *file, const char *fact)
{
	for (unsigned i = 0; i < num_deviations; i++) {
		if (strcmp(deviations[i].file, file) == 0 &&
		    strcmp(deviations[i].fact, fact) == 0) {
			deviations[i].seen = true;
			return true;
		}
	}
	return false;
}

/* One fact: NULL stands for "none". */
static void
same(const char *file, const char *fact, const char *want, const char *got)
{
	num_facts++;
	want = want != NULL ? want : "(none)";
	got = got != NULL ? got : "(none)";
	if (strcmp(want, got) == 0)
		return;
	if (is_deviation(file, fact)) {
		num_known++;
		return;
	}
	num_wrong++;
	printf("%s\t%s\twanted %s, got %s\n", file, fact, want, got);
}

static void
same_number(const char *file, const char *fact, int64_t want, int64_t got)
{
	char a[24], b[24];

	(void)snprintf(a, sizeof(a), "%" PRId64, want);
	(void)snprintf(b, sizeof(b), "%" PRId64, got);
	same(file, fact, want < 0 ? NULL : a, b);
}

static const char *
text(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static int64_t
integer(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : 0;
}

/* v as hex without 0x, in one of a few buffers. */
static const char *
hex(uint64_t v)
{
	static char ring[4][24];
	static unsigned next;
	char *s = ring[next++ % 4];

	(void)snprintf(s, 24, "%" PRIx64, v);
	return s;
}

/* The manifest writes some numbers with 0x in front. */
static const char *
bare(const char *s)
{
	return s != NULL && strncmp(s, "0x", 2) == 0 ? s + 2 : s;
}

static const char *
base_name(const char *path)
{
	const char *end = path;

	for (const char *p = path; p != NULL && *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			end = p + 1;
	return end;
}

static const char *
place_name(const struct crash_report *r, const struct crash_place *p)
{
	static char tmp[CRASH_PLACE_NAME_LEN];

	return crash_place_name(r, p, tmp);
}

static void
check_system(const char *file, json_t *d, const struct crash_report *r)
{
	same(file, "os", text(d, "os"), crash_os_text(r->os));
	same(file, "arch", text(d, "arch"), crash_arch_text(r->arch));
	same(file, "os_version", text(d, "os_version"), r->os_version);
	same_number(file, "time", integer(d, "timestamp"), r->time);
	same_number(file, "modules", integer(d, "modules"), r->num_modules);
	same_number(
	    file, "unloaded", integer(d, "unloaded_modules"), r->num_unloaded);
}

static void
check_main(const char *file, json_t *d, const struct crash_report *r)
{
	json_t *want = json_object_get(d, "main_module");
	const struct crash_module *m;
	const char *version, *guid = text(want, "guid");
	char id[64], stamp[16];

	if (!json_is_object(want))
		return;
	if (r->main < 0) {
		same(file, "main", text(want, "name"), NULL);
		return;
	}
	m = &r->modules[r->main];
	same(file, "main", base_name(text(want, "name")), m->name);
	same_number(file, "main.size", integer(want, "size"), m->size);
	(void)snprintf(stamp, sizeof(stamp), "%08" PRIx32, m->timestamp);
	same(file, "main.timestamp", text(want, "timestamp"), stamp);
	same(file, "main.checksum", bare(text(want, "checksum")), hex(m->checksum));
	version = text(want, "file_version");
	same(file, "main.version", version, m->has_version ? version : NULL);
	if (guid != NULL) {
		(void)snprintf(id, sizeof(id), "%s%" PRIx64, guid,
		    (uint64_t)integer(want, "age"));
		same(file, "main.debug_id", id, m->debug_id);
		same(file, "main.debug_file", base_name(text(want, "pdb")),
		    m->debug_file);
	}
	if (text(want, "build_id") != NULL)
		same(file, "main.code_id", text(want, "build_id"), m->code_id);
}

static void
check_exception(const char *file, json_t *d, const struct crash_report *r)
{
	json_t *want = json_object_get(d, "exception"), *params, *p;
	const struct crash_exception *e = &r->exception;
	char code[16];
	size_t i;

	if (!json_is_object(want)) {
		same(file, "exception", NULL, e->present ? "some" : NULL);
		return;
	}
	(void)snprintf(code, sizeof(code), "%08" PRIx32, e->code);
	same(file, "exception.code", text(want, "code"), code);
	same(file, "exception.address", bare(text(want, "address")),
	    hex(e->address));
	same_number(
	    file, "exception.thread", integer(want, "thread_id"), e->thread);
	params = json_object_get(want, "params");
	same_number(file, "exception.params", (int64_t)json_array_size(params),
	    e->num_params);
	json_array_foreach(params, i, p) if (i < e->num_params) same(file,
	    "exception.params", bare(json_string_value(p)), hex(e->params[i]));
}

static void
check_place(const char *file, json_t *d, const struct crash_report *r)
{
	json_t *e = json_object_get(d, "exception");
	json_t *frame = json_object_get(d, "crash_frame");
	const char *unloaded = text(e, "unloaded_module");
	char want[512];

	if (r->os == CRASH_OS_WINDOWS && json_is_object(e)) {
		(void)snprintf(want, sizeof(want), "%s_unloaded",
		    unloaded != NULL ? unloaded : "");
		same(file, "faulting.module",
		    unloaded != NULL ? want : text(e, "module"),
		    place_name(r, &r->faulting));
		if (text(e, "offset") != NULL)
			same(file, "faulting.offset", text(e, "offset"),
			    hex(r->faulting.offset));
	}
	if (!json_is_object(frame) || r->num_frames == 0) {
		same(file, "frame0", json_is_object(frame) ? "some" : NULL,
		    r->num_frames > 0 ? "some" : NULL);
		return;
	}
	same(file, "frame0.module", text(frame, "module"),
	    place_name(r, &r->frames[0].place));
	same(file, "frame0.offset",
	    bare(text(frame, "offset") != NULL ? text(frame, "offset")
					       : text(frame, "address")),
	    hex(r->frames[0].place.offset));
}

static void
check_label(const char *file, json_t *d, const struct crash_report *r)
{
	json_t *want = json_object_get(d, "wer_label");
	char key[16];

	if (!json_is_object(want))
		return;
	for (int i = 0; i < 8; i++) {
		(void)snprintf(key, sizeof(key), "P%d", i + 1);
		same(file, key, text(want, key),
		    r->label.type != NULL ? r->label.p[i] : NULL);
	}
}

/* Frames 1 and 2, as far as Breakpad did not have to guess. */
static void
check_frames(const char *file, json_t *d, const struct crash_report *r)
{
	json_t *frames = json_object_get(json_object_get(d, "breakpad"), "frames");
	char fact[16];

	for (unsigned i = 1; i <= 2; i++) {
		json_t *f = json_array_get(frames, i);
		const char *trust = text(f, "trust");

		if (trust == NULL || strcmp(trust, "stack scanning") == 0)
			return;
		(void)snprintf(fact, sizeof(fact), "frame%u.module", i);
		same(file, fact, text(f, "module"),
		    i < r->num_frames ? place_name(r, &r->frames[i].place)
				      : "(no frame)");
	}
}

static bool
wanted(const char *file)
{
	for (int i = 0; i < num_only; i++)
		if (strcmp(only[i], file) == 0)
			return true;
	return num_only == 0;
}

/* Reads DATA/folder/file and examines it. */
static enum crash_error
examine(struct crash_report *r, const char *folder, const char *file,
    const struct crash_images *images)
{
	char path[2048];
	struct buf b;
	enum crash_error e;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", data, folder, file);
	buf_init(&b, CRASH_MAX_DUMP);
	if (!dump_read_file(&b, path, CRASH_MAX_DUMP)) {
		perror(path);
		exit(1);
	}
	e = crash_examine_with(r, bytes_of(b.data, b.len), rules, images);
	buf_free(&b);
	return e;
}

static json_t *
manifest(const char *folder)
{
	char path[2048];
	json_error_t error;
	json_t *m;

	(void)snprintf(path, sizeof(path), "%s/%s/manifest.json", data, folder);
	m = json_load_file(path, 0, &error);
	if (m == NULL) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
	return m;
}

static unsigned
shared_dumps(void)
{
	static struct crash_report r;
	json_t *m = manifest("dumps"), *d;
	unsigned num = 0;
	size_t i;

	json_array_foreach(json_object_get(m, "dumps"), i, d)
	{
		const char *file = text(d, "file");
		enum crash_error e;

		/* One is described only; it lies inside a cabinet. */
		if (file == NULL || !wanted(file))
			continue;
		num++;
		e = examine(&r, "dumps", file, NULL);
		same(file, "error", text(d, "error"),
		    e == CRASH_OK ? NULL : crash_error_text(e));
		if (e == CRASH_OK) {
			check_system(file, d, &r);
			check_main(file, d, &r);
			check_exception(file, d, &r);
			check_place(file, d, &r);
			check_label(file, d, &r);
			check_frames(file, d, &r);
		}
		crash_report_free(&r);
	}
	json_decref(m);
	return num;
}

/* The module that is one of the manifest's binaries, by its name there. */
static json_t *
binary(json_t *m, const char *variant)
{
	json_t *b;
	size_t i;
	char part[128];

	(void)snprintf(part, sizeof(part), "signed/%s/", variant);
	json_array_foreach(json_object_get(m, "binaries"), i,
	    b) if (strncmp(text(b, "path"), part, strlen(part)) == 0) return b;
	return NULL;
}

static void
check_binary(const char *file, json_t *b, const struct crash_report *r)
{
	const char *name = base_name(text(b, "path"));
	bool raw = strstr(file, ".raw.") != NULL || strstr(file, "_inproc") != NULL;

	for (unsigned i = 0; i < r->num_modules; i++) {
		const struct crash_module *m = &r->modules[i];

		if (strcmp(m->name, name) != 0)
			continue;
		same(file, "code_id", text(b, "code_id"), m->code_id);
		if (!raw) {
			same(file, "debug_id", text(b, "debug_id"), m->debug_id);
			same(file, "debug_file", text(b, "pdb"), m->debug_file);
		}
		return;
	}
	/* The one that crashed after it was unloaded. */
	for (unsigned i = 0; i < r->num_unloaded; i++)
		if (strcmp(r->unloaded[i].name, name) == 0)
			same(file, "code_id", text(b, "code_id"),
			    r->unloaded[i].code_id);
}

static void
check_crash(
    const char *file, const char *suffix, json_t *d, const struct crash_report *r)
{
	json_t *want = json_object_get(d, "expected");
	char fact[64], code[16];

	(void)snprintf(code, sizeof(code), "%08" PRIx32, r->exception.code);
	(void)snprintf(fact, sizeof(fact), "exception_code%s", suffix);
	same(file, fact, text(want, "exception_code"), code);
	(void)snprintf(fact, sizeof(fact), "faulting_module%s", suffix);
	same(
	    file, fact, text(want, "faulting_module"), place_name(r, &r->faulting));
	(void)snprintf(fact, sizeof(fact), "faulting_offset%s", suffix);
	same(file, fact, text(json_object_get(d, "seen"), "offset"),
	    hex(r->faulting.offset));
	(void)snprintf(fact, sizeof(fact), "blamed_module%s", suffix);
	same(file, fact, text(want, "blamed_module"), r->blame.module);
}

static unsigned
e2e_dumps(void)
{
	static struct crash_report r;
	json_t *m = manifest("e2e"), *d, *b;
	struct dump_binaries *binaries;
	unsigned num = 0;
	char folder[2048];
	size_t i, k;

	(void)snprintf(folder, sizeof(folder), "%s/e2e/signed", data);
	binaries = dump_binaries_read(folder);
	json_array_foreach(json_object_get(m, "dumps"), i, d)
	{
		const char *file = text(d, "path");

		if (!wanted(file))
			continue;
		num++;
		same(file, "error", NULL,
		    examine(&r, "e2e", file, NULL) == CRASH_OK ? NULL : "some");
		check_crash(file, "", d, &r);
		json_array_foreach(json_object_get(d, "binaries"), k, b)
		    check_binary(file, binary(m, json_string_value(b)), &r);
		crash_report_free(&r);
		(void)examine(&r, "e2e", file, dump_binaries_images(binaries));
		check_crash(file, " (unwound)", d, &r);
		crash_report_free(&r);
	}
	dump_binaries_free(binaries);
	json_decref(m);
	return num;
}

int
main(int argc, char **argv)
{
	const char *env = getenv("COUNTERSIGN_DATA"), *wrong;
	unsigned num_shared, num_e2e, stale = 0;
	char probe[2048];
	FILE *f;

	(void)snprintf(
	    data, sizeof(data), "%s", env != NULL ? env : "../shared/data");
	(void)snprintf(probe, sizeof(probe), "%s/dumps/manifest.json", data);
	f = fopen(probe, "r");
	if (f == NULL) {
		printf("skipped: conformance-dumps: there is no %s\n", probe);
		return 0;
	}
	(void)fclose(f);
	only = argv + 1;
	num_only = argc - 1;
	read_deviations();
	rules = crash_rules_parse(
	    bytes_of(crash_rules_default_text, strlen(crash_rules_default_text)),
	    &wrong);
	if (rules == NULL) {
		fprintf(stderr, "conf/rules.conf: %s\n", wrong);
		return 1;
	}
	num_shared = shared_dumps();
	num_e2e = e2e_dumps();
	for (unsigned i = 0; i < num_deviations && num_only == 0; i++) {
		if (deviations[i].seen)
			continue;
		stale++;
		printf("%s\t%s\tlisted in %s, but we agree\n", deviations[i].file,
		    deviations[i].fact, DEVIATIONS);
	}
	crash_rules_free(rules);
	printf("conformance-dumps: %u + %u dumps, %u facts: %u agree, "
	       "%u listed deviations, %u wrong, %u stale\n",
	    num_shared, num_e2e, num_facts, num_facts - num_wrong - num_known,
	    num_known, num_wrong, stale);
	printf("%u passed, %u failed\n", num_facts - num_wrong, num_wrong + stale);
	return num_wrong + stale > 0;
}
