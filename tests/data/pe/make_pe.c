/*
 * Writes a tiny, valid PE32+ program or library (x86-64) to be signed and
 * catalogued; it does nothing when it is run.
 *
 *	make_pe [OPTION...] OUTPUT
 *	--name NAME         default: OUTPUT's last part; .exe makes a program,
 *	                    anything else a library whose export table has the
 *	                    name
 *	--timestamp EPOCH   the link time in the header; default 1700000000
 *	--image-size N      SizeOfImage, a multiple of 4096; default what is
 *	                    needed (16384 or a little more)
 *	--version A.B.C.D   a VS_VERSIONINFO resource; default none
 *	--company TEXT      its CompanyName; default "Countersign test material"
 *	--pdb NAME          a CodeView record (RSDS); default none
 *	--guid HEX32        its GUID as a debug id has it; default zeros
 *	--age N             its age; default 1
 *	--seed N            varies the code, so that two files of the same
 *	                    identity differ; default 0
 *	--size N            grows the file by a section of data to about N bytes
 *
 * Numbers are read as C reads them: 0x for hex.  The same options give the
 * same bytes.  Layout: Microsoft, "PE Format" and "VS_VERSIONINFO".
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define FILE_ALIGN    512u
#define SECTION_ALIGN 4096u
#define PE_AT	      0x80u
#define OPTIONAL_LEN  240u
#define SECTIONS_MAX  4

struct options {
	const char *name, *pdb, *guid, *company, *output;
	unsigned version[4];
	bool has_version;
	uint32_t timestamp, image_size, age, seed;
	size_t size;
};

struct section {
	const char *name;
	struct buf data;
	uint32_t rva, virtual_len, flags;
};

struct image {
	const struct options *o;
	size_t num;
	struct section section[SECTIONS_MAX];
	uint32_t directory[16][2]; /* RVA, length */
};

static void
fail(const char *what)
{
	fprintf(stderr, "make_pe: %s\n", what);
	exit(2);
}

static void
put16(struct buf *b, uint32_t v)
{
	const uint8_t p[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	buf_append(b, p, 2);
}

static void
put32(struct buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

static void
put64(struct buf *b, uint64_t v)
{
	put32(b, (uint32_t)v);
	put32(b, (uint32_t)(v >> 32));
}

static void
align(struct buf *b, size_t to)
{
	while (b->len % to != 0)
		buf_putc(b, '\0');
}

static void
set16(struct buf *b, size_t at, size_t v)
{
	b->data[at] = (uint8_t)v;
	b->data[at + 1] = (uint8_t)(v >> 8);
}

static void
put_utf16(struct buf *b, const char *ascii)
{
	do
		put16(b, (uint8_t)*ascii);
	while (*ascii++ != '\0');
}

static uint32_t
round_up(size_t v, uint32_t to)
{
	return (uint32_t)((v + to - 1) / to * to);
}

/* The next section's data, at an RVA that is known from here on. */
static struct section *
add_section(struct image *im, const char *name, uint32_t flags)
{
	struct section *s = &im->section[im->num++];

	*s = (struct section){.name = name, .flags = flags, .rva = SECTION_ALIGN};
	if (im->num > 1) {
		const struct section *before = s - 1;

		s->rva = before->rva + round_up(before->virtual_len, SECTION_ALIGN);
	}
	buf_init(&s->data, (size_t)1 << 30);
	return s;
}

static void
end_section(struct section *s)
{
	s->virtual_len = (uint32_t)(s->data.len != 0 ? s->data.len : 1);
}

/* ---- sections --------------------------------------------------------------- */

/* mov eax, 1; ret -- and the seed behind it, never reached. */
static void
add_code(struct image *im)
{
	struct section *s = add_section(im, ".text", 0x60000020);

	buf_append(&s->data, "\xb8\x01\x00\x00\x00\xc3\xcc\xcc", 8);
	put32(&s->data, im->o->seed);
	end_section(s);
}

static void
add_codeview(struct image *im, struct section *s)
{
	uint8_t guid[16] = {0};
	static const uint8_t order[8] = {3, 2, 1, 0, 5, 4, 7, 6};
	uint32_t at, len;

	if (im->o->guid != NULL && !text_unhex(guid, 16, im->o->guid))
		fail("--guid wants 32 hex digits");
	align(&s->data, 4);
	at = (uint32_t)s->data.len;
	len = (uint32_t)(24 + strlen(im->o->pdb) + 1);
	im->directory[6][0] = s->rva + at;
	im->directory[6][1] = 28;
	put32(&s->data, 0);
	put32(&s->data, im->o->timestamp);
	put32(&s->data, 0);
	put32(&s->data, 2); /* CodeView */
	put32(&s->data, len);
	put32(&s->data, s->rva + at + 28);
	/* the offset in the file: this section is the second */
	put32(&s->data, 2 * FILE_ALIGN + FILE_ALIGN + at + 28);
	buf_append(&s->data, "RSDS", 4);
	for (int i = 0; i < 8; i++)
		buf_append(&s->data, &guid[order[i]], 1);
	buf_append(&s->data, guid + 8, 8);
	put32(&s->data, im->o->age);
	buf_append(&s->data, im->o->pdb, strlen(im->o->pdb) + 1);
}

static bool
is_program(const struct options *o)
{
	size_t len = strlen(o->name);

	return len > 4 && strcmp(o->name + len - 4, ".exe") == 0;
}

static void
add_rdata(struct image *im)
{
	struct section *s = add_section(im, ".rdata", 0x40000040);

	if (!is_program(im->o)) {
		im->directory[0][0] = s->rva;
		put32(&s->data, 0);
		put32(&s->data, im->o->timestamp);
		put32(&s->data, 0);
		put32(&s->data, s->rva + 40);
		put32(&s->data, 1); /* first ordinal */
		for (int i = 0; i < 5; i++)
			put32(&s->data, 0);
		buf_append(&s->data, im->o->name, strlen(im->o->name) + 1);
		im->directory[0][1] = (uint32_t)s->data.len;
	}
	if (im->o->pdb != NULL)
		add_codeview(im, s);
	end_section(s);
}

/* One node of the version resource: lengths, key, and a value or children
 * that follow.  Returns where it began, for end_node(). */
static size_t
begin_node(struct buf *b, const char *key, unsigned value_len, unsigned type)
{
	size_t at;

	align(b, 4);
	at = b->len;
	put16(b, 0);
	put16(b, value_len);
	put16(b, type);
	put_utf16(b, key);
	align(b, 4);
	return at;
}

static void
end_node(struct buf *b, size_t at)
{
	set16(b, at, b->len - at);
}

static void
add_string(struct buf *b, const char *key, const char *value)
{
	size_t node = begin_node(b, key, (unsigned)strlen(value) + 1, 1);

	put_utf16(b, value);
	end_node(b, node);
}

static void
version_info(struct buf *b, const struct options *o)
{
	const unsigned *v = o->version;
	char text[64];
	size_t root, strings, table, vars, var;

	snprintf(text, sizeof(text), "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
	root = begin_node(b, "VS_VERSION_INFO", 52, 0);
	put32(b, 0xfeef04bd);
	put32(b, 0x10000);
	for (int i = 0; i < 2; i++) { /* of the file, of the product */
		put32(b, v[0] << 16 | v[1]);
		put32(b, v[2] << 16 | v[3]);
	}
	put32(b, 0x3f);
	put32(b, 0);
	put32(b, 0x40004); /* Windows NT */
	put32(b, is_program(o) ? 1 : 2);
	for (int i = 0; i < 3; i++)
		put32(b, 0);
	strings = begin_node(b, "StringFileInfo", 0, 1);
	table = begin_node(b, "040904b0", 0, 1);
	add_string(b, "CompanyName", o->company);
	add_string(b, "FileVersion", text);
	add_string(b, "OriginalFilename", o->name);
	add_string(b, "ProductVersion", text);
	end_node(b, table);
	end_node(b, strings);
	vars = begin_node(b, "VarFileInfo", 0, 1);
	var = begin_node(b, "Translation", 4, 0);
	put32(b, 0x04b00409);
	end_node(b, var);
	end_node(b, vars);
	end_node(b, root);
}

static void
directory(struct buf *b, uint32_t id, uint32_t next)
{
	put32(b, 0);
	put32(b, 0);
	put32(b, 0);
	put16(b, 0);
	put16(b, 1);
	put32(b, id);
	put32(b, next);
}

static void
add_resources(struct image *im)
{
	struct section *s;
	struct buf info;

	if (!im->o->has_version)
		return;
	s = add_section(im, ".rsrc", 0x40000040);
	buf_init(&info, 0x10000);
	version_info(&info, im->o);
	directory(&s->data, 16, 0x80000018); /* RT_VERSION */
	directory(&s->data, 1, 0x80000030);
	directory(&s->data, 0x409, 0x48);
	put32(&s->data, s->rva + 0x58);
	put32(&s->data, (uint32_t)info.len);
	put32(&s->data, 0);
	put32(&s->data, 0);
	buf_append(&s->data, info.data, info.len);
	buf_free(&info);
	im->directory[2][0] = s->rva;
	im->directory[2][1] = (uint32_t)s->data.len;
	end_section(s);
}

/* Takes the image, and the file, to the size that was asked for. */
static void
add_data(struct image *im)
{
	struct section *s = add_section(im, ".data", 0xc0000040);
	uint32_t end;

	if (im->o->size > 4 * FILE_ALIGN) {
		size_t len = im->o->size - 4 * FILE_ALIGN;
		uint8_t *p = buf_extend(&s->data, len);
		uint64_t x = im->o->seed + UINT64_C(0x9e3779b97f4a7c15);

		for (size_t i = 0; p != NULL && i < len; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			p[i] = (uint8_t)x;
		}
	}
	end_section(s);
	end = s->rva + round_up(s->virtual_len, SECTION_ALIGN);
	if (im->o->image_size == 0)
		return;
	if (im->o->image_size % SECTION_ALIGN != 0 || im->o->image_size < end)
		fail("--image-size must be a multiple of 4096, and large enough");
	s->virtual_len = im->o->image_size - s->rva;
}

/* ---- the file --------------------------------------------------------------- */

static void
write_optional_header(struct buf *b, const struct image *im)
{
	const struct section *last = &im->section[im->num - 1];

	put16(b, 0x20b);
	put16(b, 0x000e); /* linker 14.0 */
	put32(b, FILE_ALIGN);
	put32(b, (uint32_t)(im->num - 1) * FILE_ALIGN);
	put32(b, 0);
	put32(b, im->section[0].rva); /* entry point */
	put32(b, im->section[0].rva);
	put64(b, is_program(im->o) ? UINT64_C(0x140000000) : UINT64_C(0x180000000));
	put32(b, SECTION_ALIGN);
	put32(b, FILE_ALIGN);
	put32(b, 6); /* versions: system 6.0, image 0.0, subsystem 6.0 */
	put32(b, 0);
	put32(b, 6);
	put32(b, 0);
	put32(b, last->rva + round_up(last->virtual_len, SECTION_ALIGN));
	put32(b, 2 * FILE_ALIGN);
	put32(b, 0);			     /* the checksum, below */
	put16(b, is_program(im->o) ? 3 : 2); /* console, windows */
	put16(b, 0x8160); /* aware of ASLR, DEP, terminal servers */
	put64(b, 0x100000);
	put64(b, 0x1000);
	put64(b, 0x100000);
	put64(b, 0x1000);
	put32(b, 0);
	put32(b, 16);
	for (int i = 0; i < 16; i++) {
		put32(b, im->directory[i][0]);
		put32(b, im->directory[i][1]);
	}
}

static void
write_headers(struct buf *b, const struct image *im)
{
	uint32_t at = 2 * FILE_ALIGN;

	put16(b, 0x5a4d);
	while (b->len < 60)
		buf_putc(b, '\0');
	put32(b, PE_AT);
	while (b->len < PE_AT)
		buf_putc(b, '\0');
	put32(b, 0x4550);
	put16(b, 0x8664);
	put16(b, (uint32_t)im->num);
	put32(b, im->o->timestamp);
	put32(b, 0);
	put32(b, 0);
	put16(b, OPTIONAL_LEN);
	put16(b, is_program(im->o) ? 0x0022 : 0x2022);
	write_optional_header(b, im);
	for (size_t i = 0; i < im->num; i++) {
		const struct section *s = &im->section[i];
		uint32_t len = round_up(s->data.len, FILE_ALIGN);
		char name[8] = {0};

		memcpy(name, s->name, strlen(s->name));
		buf_append(b, name, 8);
		put32(b, s->virtual_len);
		put32(b, s->rva);
		put32(b, len);
		put32(b, len != 0 ? at : 0);
		put32(b, 0);
		put32(b, 0);
		put32(b, 0);
		put32(b, s->flags);
		at += len;
	}
	while (b->len < 2 * FILE_ALIGN)
		buf_putc(b, '\0');
}

/* The sum of 16-bit words with carry, plus the length. */
static void
set_checksum(struct buf *b)
{
	uint32_t sum = 0;
	size_t at = PE_AT + 24 + 64;

	for (size_t i = 0; i + 1 < b->len; i += 2) {
		sum += (uint32_t)(b->data[i] | b->data[i + 1] << 8);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum += (uint32_t)b->len;
	set16(b, at, sum & 0xffff);
	set16(b, at + 2, sum >> 16);
}

static void
write_file(struct image *im)
{
	struct buf b;
	FILE *f;

	buf_init(&b, (size_t)1 << 30);
	write_headers(&b, im);
	for (size_t i = 0; i < im->num; i++) {
		buf_append(&b, im->section[i].data.data, im->section[i].data.len);
		align(&b, FILE_ALIGN);
		buf_free(&im->section[i].data);
	}
	if (!buf_ok(&b))
		fail("too large");
	set_checksum(&b);
	f = fopen(im->o->output, "wb");
	if (f == NULL || fwrite(b.data, 1, b.len, f) != b.len || fclose(f) != 0)
		fail("the output cannot be written");
	buf_free(&b);
}

static uint32_t
number(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*text == '\0' || *end != '\0' || v > UINT32_MAX)
		fail("not a number");
	return (uint32_t)v;
}

static void
set_option(struct options *o, int c, const char *value)
{
	unsigned *v = o->version;

	switch (c) {
	case 'n':
		o->name = value;
		break;
	case 't':
		o->timestamp = number(value);
		break;
	case 'i':
		o->image_size = number(value);
		break;
	case 'p':
		o->pdb = value;
		break;
	case 'g':
		o->guid = value;
		break;
	case 'a':
		o->age = number(value);
		break;
	case 's':
		o->seed = number(value);
		break;
	case 'z':
		o->size = number(value);
		break;
	case 'c':
		o->company = value;
		break;
	case 'v':
		o->has_version = true;
		if (sscanf(value, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]) != 4 ||
		    v[0] > 0xffff || v[1] > 0xffff || v[2] > 0xffff ||
		    v[3] > 0xffff)
			fail("--version wants a.b.c.d");
		break;
	default:
		fail("see the top of tests/data/pe/make_pe.c for the options");
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"name", 1, NULL, 'n'},
	    {"timestamp", 1, NULL, 't'}, {"image-size", 1, NULL, 'i'},
	    {"version", 1, NULL, 'v'}, {"company", 1, NULL, 'c'},
	    {"pdb", 1, NULL, 'p'}, {"guid", 1, NULL, 'g'}, {"age", 1, NULL, 'a'},
	    {"seed", 1, NULL, 's'}, {"size", 1, NULL, 'z'}, {NULL, 0, NULL, 0}};
	struct options o = {.timestamp = 1700000000,
	    .age = 1,
	    .company = "Countersign test material"};
	struct image im = {.o = &o};
	const char *slash;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		set_option(&o, c, optarg);
	if (optind + 1 != argc)
		fail("one output file is wanted");
	o.output = argv[optind];
	slash = strrchr(o.output, '/');
	if (o.name == NULL)
		o.name = slash != NULL ? slash + 1 : o.output;
	if (strlen(o.name) > 100 || (o.pdb != NULL && strlen(o.pdb) > 100))
		fail("a name of at most 100 characters is wanted");
	add_code(&im);
	add_rdata(&im);
	add_resources(&im);
	add_data(&im);
	write_file(&im);
	return 0;
}
