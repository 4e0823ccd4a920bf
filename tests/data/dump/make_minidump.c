/*
 * Writes a Windows minidump field by field, as MiniDumpWriteDump would for a
 * crash that is described by options:
 *
 *	make_minidump [OPTION...] OUTPUT
 *	--arch x64|x86          default x64
 *	--os-version A.B.C      default 10.0.22631; --os-build C changes C only
 *	--time EPOCH            seconds; default 1700000000
 *	--process ID            --thread ID
 *	--module NAME,BASE,SIZE,TIMESTAMP,CHECKSUM,VERSION,PDBNAME,GUID,AGE
 *	                        repeated; the first is the application. VERSION
 *	                        is a.b.c.d; GUID 32 hex digits as a debug id has
 *	                        them. Trailing fields may be left out, VERSION
 *	                        and PDBNAME may be empty
 *	--unloaded NAME,BASE,SIZE,TIMESTAMP,CHECKSUM
 *	--exception CODE,ADDRESS[,PARAMETER...]
 *	--frames ADDRESS,...    return addresses of the callers, nearest first,
 *	                        linked by frame pointers
 *	--size BYTES            adds a memory range until the file is so large
 *
 * Numbers are read as C reads them: 0x for hex.  The same options give the
 * same bytes.  Layout: Microsoft, minidumpapiset.h.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MODULES  256
#define MAX_UNLOADED 64
#define MAX_FRAMES   256
#define MAX_PARAMS   15
#define MAX_FIELDS   20
#define MAX_STREAMS  8
#define MAX_FILE     ((size_t)512 << 20)

#define STACK_BASE   0x0000009000000000u
#define STACK_BASE32 0x00190000u
#define FIRST_RECORD 0x100 /* of the stack: the first saved frame pointer */
#define RECORD_STEP  0x40

struct module {
	const char *name, *pdb, *guid;
	uint64_t base;
	uint32_t size, timestamp, checksum, age;
	bool has_version;
	uint16_t version[4];
};

struct crash {
	bool narrow;
	uint32_t os[3];
	uint32_t time, process, thread;
	struct module module[MAX_MODULES], unloaded[MAX_UNLOADED];
	unsigned num_modules, num_unloaded;
	bool has_exception;
	uint32_t code;
	uint64_t address, param[MAX_PARAMS];
	unsigned num_params;
	uint64_t frame[MAX_FRAMES];
	unsigned num_frames;
	uint64_t size;
	const char *output;
};

/* The file while it is made.  Later parts are appended; what has to name them
 * is patched. */
static uint8_t *file;
static size_t file_len, file_cap;

__attribute__((noreturn, format(printf, 1, 2))) static void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("make_minidump: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* Appends len zero bytes, 4-aligned, and says where they are. */
static uint32_t
append(size_t len)
{
	size_t at = (file_len + 3) & ~(size_t)3;

	if (len > MAX_FILE || at + len > MAX_FILE)
		die("the dump would be too large");
	if (at + len > file_cap) {
		file_cap = 2 * (at + len) + 4096;
		file = realloc(file, file_cap);
		if (file == NULL)
			die("no memory");
	}
	memset(file + file_len, 0, at + len - file_len);
	file_len = at + len;
	return (uint32_t)at;
}

static void
put(size_t at, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		file[at + i] = (uint8_t)(v >> (8 * i));
}

/* A MINIDUMP_STRING of ASCII or Latin-1. */
static uint32_t
put_string(const char *s)
{
	size_t len = strlen(s);
	uint32_t at = append(4 + 2 * len + 2);

	put(at, 2 * len, 4);
	for (size_t i = 0; i < len; i++)
		put(at + 4 + 2 * i, (uint8_t)s[i], 2);
	return at;
}

static void
put_location(size_t at, size_t len, uint32_t rva)
{
	put(at, len, 4);
	put(at + 4, rva, 4);
}

static uint64_t
number(const char *s, uint64_t max)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(s, &end, 0);
	if (*s == '\0' || *s == '-' || *end != '\0' || errno != 0 || v > max)
		die("not a number, or too large: \"%s\"", s);
	return v;
}

/* Splits at commas, in place. */
static unsigned
split(char *s, char *out[MAX_FIELDS], unsigned max)
{
	unsigned num = 0;

	for (;;) {
		if (num == max)
			die("too many fields");
		out[num++] = s;
		s = strchr(s, ',');
		if (s == NULL)
			return num;
		*s++ = '\0';
	}
}

static void
parse_version(struct module *m, const char *s)
{
	unsigned v[4];
	char extra;

	if (sscanf(s, "%u.%u.%u.%u%c", &v[0], &v[1], &v[2], &v[3], &extra) != 4)
		die("not a version a.b.c.d: \"%s\"", s);
	for (int i = 0; i < 4; i++) {
		if (v[i] > UINT16_MAX)
			die("not a version a.b.c.d: \"%s\"", s);
		m->version[i] = (uint16_t)v[i];
	}
	m->has_version = true;
}

static void
parse_guid(struct module *m, const char *s)
{
	if (strlen(s) != 32 || strspn(s, "0123456789abcdefABCDEF") != 32)
		die("a GUID has 32 hex digits: \"%s\"", s);
	m->guid = s;
}

static void
parse_module(struct module *m, char *text)
{
	char *f[MAX_FIELDS];
	unsigned num = split(text, f, 9);

	if (num < 3)
		die("a module wants NAME,BASE,SIZE at least");
	m->name = f[0];
	m->base = number(f[1], UINT64_MAX);
	m->size = (uint32_t)number(f[2], UINT32_MAX);
	if (num > 3)
		m->timestamp = (uint32_t)number(f[3], UINT32_MAX);
	if (num > 4)
		m->checksum = (uint32_t)number(f[4], UINT32_MAX);
	if (num > 5 && *f[5] != '\0')
		parse_version(m, f[5]);
	if (num > 6 && *f[6] != '\0') {
		if (num < 8)
			die("a PDBNAME wants a GUID");
		m->pdb = f[6];
		parse_guid(m, f[7]);
		m->age = num > 8 ? (uint32_t)number(f[8], UINT32_MAX) : 1;
	}
}

static void
parse_exception(struct crash *c, char *text)
{
	char *f[MAX_FIELDS];
	unsigned num = split(text, f, 2 + MAX_PARAMS);

	if (num < 2)
		die("an exception wants CODE,ADDRESS");
	c->has_exception = true;
	c->code = (uint32_t)number(f[0], UINT32_MAX);
	c->address = number(f[1], UINT64_MAX);
	for (unsigned i = 2; i < num; i++)
		c->param[c->num_params++] = number(f[i], UINT64_MAX);
}

static void
parse_frames(struct crash *c, char *text)
{
	for (char *s = text; s != NULL;) {
		char *comma = strchr(s, ',');

		if (comma != NULL)
			*comma++ = '\0';
		if (c->num_frames == MAX_FRAMES)
			die("too many frames");
		c->frame[c->num_frames++] = number(s, UINT64_MAX);
		s = comma;
	}
}

static void
parse_option(struct crash *c, int option, char *arg)
{
	switch (option) {
	case 'a':
		c->narrow = strcmp(arg, "x86") == 0;
		if (!c->narrow && strcmp(arg, "x64") != 0)
			die("--arch is x64 or x86");
		break;
	case 'o':
		if (sscanf(arg, "%u.%u.%u", &c->os[0], &c->os[1], &c->os[2]) != 3)
			die("--os-version is A.B.C");
		break;
	case 'b':
		c->os[2] = (uint32_t)number(arg, UINT32_MAX);
		break;
	case 't':
		c->time = (uint32_t)number(arg, UINT32_MAX);
		break;
	case 'p':
		c->process = (uint32_t)number(arg, UINT32_MAX);
		break;
	case 'T':
		c->thread = (uint32_t)number(arg, UINT32_MAX);
		break;
	case 'm':
		if (c->num_modules == MAX_MODULES)
			die("too many modules");
		parse_module(&c->module[c->num_modules++], arg);
		break;
	case 'u':
		if (c->num_unloaded == MAX_UNLOADED)
			die("too many unloaded modules");
		parse_module(&c->unloaded[c->num_unloaded++], arg);
		break;
	case 'e':
		parse_exception(c, arg);
		break;
	case 'f':
		parse_frames(c, arg);
		break;
	case 's':
		c->size = number(arg, MAX_FILE);
		break;
	default:
		exit(2);
	}
}

static void
parse(struct crash *c, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"arch", required_argument, NULL, 'a'},
	    {"os-version", required_argument, NULL, 'o'},
	    {"os-build", required_argument, NULL, 'b'},
	    {"time", required_argument, NULL, 't'},
	    {"process", required_argument, NULL, 'p'},
	    {"thread", required_argument, NULL, 'T'},
	    {"module", required_argument, NULL, 'm'},
	    {"unloaded", required_argument, NULL, 'u'},
	    {"exception", required_argument, NULL, 'e'},
	    {"frames", required_argument, NULL, 'f'},
	    {"size", required_argument, NULL, 's'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		parse_option(c, option, optarg);
	if (optind != argc - 1)
		die("one OUTPUT is wanted");
	c->output = argv[optind];
}

/* ---- parts of the file ------------------------------------------------------ */

/* RSDS, GUID with its first three fields little-endian, age, name. */
static void
put_codeview(size_t at, const struct module *m)
{
	static const uint8_t order[16] = {
	    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	size_t len = 24 + strlen(m->pdb) + 1;
	uint32_t cv = append(len);

	put_location(at, len, cv);
	put(cv, 0x53445352, 4);
	for (int i = 0; i < 16; i++) {
		char two[3] = {m->guid[2 * order[i]], m->guid[2 * order[i] + 1]};

		file[cv + 4 + i] = (uint8_t)strtoul(two, NULL, 16);
	}
	put(cv + 20, m->age, 4);
	memcpy(file + cv + 24, m->pdb, strlen(m->pdb));
}

static uint32_t
modules(const struct crash *c, size_t *out_len)
{
	uint32_t at;

	*out_len = 4 + 108 * (size_t)c->num_modules;
	at = append(*out_len);
	put(at, c->num_modules, 4);
	for (unsigned i = 0; i < c->num_modules; i++) {
		const struct module *m = &c->module[i];
		size_t e = at + 4 + 108 * (size_t)i;

		put(e, m->base, 8);
		put(e + 8, m->size, 4);
		put(e + 12, m->checksum, 4);
		put(e + 16, m->timestamp, 4);
		if (m->has_version) {
			put(e + 24, 0xfeef04bd, 4);
			put(e + 28, 0x00010000, 4);
			put(e + 32, (uint32_t)m->version[0] << 16 | m->version[1],
			    4);
			put(e + 36, (uint32_t)m->version[2] << 16 | m->version[3],
			    4);
		}
		put(e + 20, put_string(m->name), 4);
		if (m->pdb != NULL)
			put_codeview(e + 76, m);
	}
	return at;
}

static uint32_t
unloaded(const struct crash *c, size_t *out_len)
{
	uint32_t at;

	*out_len = 12 + 24 * (size_t)c->num_unloaded;
	at = append(*out_len);
	put(at, 12, 4);
	put(at + 4, 24, 4);
	put(at + 8, c->num_unloaded, 4);
	for (unsigned i = 0; i < c->num_unloaded; i++) {
		const struct module *m = &c->unloaded[i];
		size_t e = at + 12 + 24 * (size_t)i;

		put(e, m->base, 8);
		put(e + 8, m->size, 4);
		put(e + 12, m->checksum, 4);
		put(e + 16, m->timestamp, 4);
		put(e + 20, put_string(m->name), 4);
	}
	return at;
}

static uint32_t
system_info(const struct crash *c, size_t *out_len)
{
	uint32_t at = append(56);

	*out_len = 56;
	put(at, c->narrow ? 0 : 9, 2);
	put(at + 6, 4, 1);
	put(at + 7, 1, 1);
	put(at + 8, c->os[0], 4);
	put(at + 12, c->os[1], 4);
	put(at + 16, c->os[2], 4);
	put(at + 20, 2, 4);
	put(at + 24, put_string(""), 4);
	return at;
}

static uint32_t
misc_info(const struct crash *c, size_t *out_len)
{
	uint32_t at = append(24);

	*out_len = 24;
	put(at, 24, 4);
	put(at + 4, 3, 4);
	put(at + 8, c->process, 4);
	put(at + 12, c->time - 60, 4);
	return at;
}

static uint64_t
stack_base(const struct crash *c)
{
	return c->narrow ? STACK_BASE32 : STACK_BASE;
}

static size_t
stack_len(const struct crash *c)
{
	return FIRST_RECORD + RECORD_STEP * ((size_t)c->num_frames + 4);
}

/* Frame records: saved frame pointer, return address.  The last has none to
 * save. */
static uint32_t
stack(const struct crash *c)
{
	unsigned word = c->narrow ? 4 : 8;
	uint32_t at = append(stack_len(c));

	for (unsigned i = 0; i < c->num_frames; i++) {
		size_t rec = FIRST_RECORD + RECORD_STEP * (size_t)i;

		if (i + 1 < c->num_frames)
			put(at + rec, stack_base(c) + rec + RECORD_STEP, word);
		put(at + rec + word, c->frame[i], word);
	}
	return at;
}

static uint32_t
context(const struct crash *c, size_t *out_len)
{
	uint64_t sp = stack_base(c) + FIRST_RECORD / 2;
	uint64_t fp = c->num_frames > 0 ? stack_base(c) + FIRST_RECORD : 0;
	uint32_t at;

	*out_len = c->narrow ? 716 : 1232;
	at = append(*out_len);
	if (c->narrow) {
		put(at, 0x1003f, 4);
		put(at + 0xb4, fp, 4);
		put(at + 0xb8, c->address, 4);
		put(at + 0xc4, sp, 4);
	} else {
		put(at + 0x30, 0x10001f, 4);
		put(at + 0x98, sp, 8);
		put(at + 0xa0, fp, 8);
		put(at + 0xf8, c->address, 8);
	}
	return at;
}

static uint32_t
threads(const struct crash *c, size_t *out_len, uint32_t stack_rva,
    uint32_t context_rva, size_t context_len)
{
	uint32_t at = append(52);

	*out_len = 52;
	put(at, 1, 4);
	put(at + 4, c->thread, 4);
	put(at + 4 + 24, stack_base(c), 8);
	put_location(at + 4 + 32, stack_len(c), stack_rva);
	put_location(at + 4 + 40, context_len, context_rva);
	return at;
}

static uint32_t
exception(const struct crash *c, size_t *out_len, uint32_t context_rva,
    size_t context_len)
{
	uint32_t at = append(168);

	*out_len = 168;
	put(at, c->thread, 4);
	put(at + 8, c->code, 4);
	put(at + 24, c->address, 8);
	put(at + 32, c->num_params, 4);
	for (unsigned i = 0; i < c->num_params; i++)
		put(at + 40 + 8 * (size_t)i, c->param[i], 8);
	put_location(at + 160, context_len, context_rva);
	return at;
}

/* The stack, and a heap of noise that fills the file up. */
static uint32_t
memory(const struct crash *c, size_t *out_len, uint32_t stack_rva)
{
	uint32_t at = append(4 + 2 * 16), noise = c->time * 2654435761u + 1;
	size_t filler = c->size > file_len ? c->size - file_len : 0;
	uint32_t rva;

	*out_len = 4 + 2 * 16;
	put(at, 2, 4);
	put(at + 4, stack_base(c), 8);
	put_location(at + 12, stack_len(c), stack_rva);
	rva = append(filler);
	for (size_t i = 0; i < filler; i++) {
		noise = noise * 1664525u + 1013904223u;
		file[rva + i] = (uint8_t)(noise >> 24);
	}
	put(at + 20, 0x700000, 8);
	put_location(at + 28, filler, filler > 0 ? rva : 0);
	return at;
}

static void
build(const struct crash *c)
{
	uint32_t header = append(32), directory = append(12 * MAX_STREAMS);
	uint32_t rva, stack_rva, context_rva;
	size_t len, context_len, entry = directory;

	put(header, 0x504d444d, 4);
	put(header + 4, 0xa793, 4);
	put(header + 8, MAX_STREAMS, 4); /* those left over have type 0 */
	put(header + 12, directory, 4);
	put(header + 20, c->time, 4);
	stack_rva = stack(c);
	context_rva = context(c, &context_len);
#define STREAM(type, call)                         \
	do {                                       \
		rva = call;                        \
		put(entry, type, 4);               \
		put_location(entry + 4, len, rva); \
		entry += 12;                       \
	} while (0)
	STREAM(7, system_info(c, &len));
	STREAM(15, misc_info(c, &len));
	STREAM(3, threads(c, &len, stack_rva, context_rva, context_len));
	STREAM(4, modules(c, &len));
	if (c->num_unloaded > 0)
		STREAM(14, unloaded(c, &len));
	if (c->has_exception)
		STREAM(6, exception(c, &len, context_rva, context_len));
	STREAM(5, memory(c, &len, stack_rva));
#undef STREAM
}

int
main(int argc, char **argv)
{
	static struct crash c = {.os = {10, 0, 22631},
	    .time = 1700000000,
	    .process = 4242,
	    .thread = 1234};
	FILE *out;

	parse(&c, argc, argv);
	build(&c);
	out = fopen(c.output, "wb");
	if (out == NULL || fwrite(file, 1, file_len, out) != file_len ||
	    fclose(out) != 0)
		die("%s: %s", c.output, strerror(errno));
	free(file);
	return 0;
}
