/*
 * Reads what identifies a PE file.  Every offset is taken out of the file
 * through base/bytes.h; a part that lies outside is absent.
 */
#include "work/pe_identity.h"

#include <stdio.h>
#include <openssl/evp.h>

#include "pki/pe.h"

#define DIRECTORY_RESOURCE 2
#define DIRECTORY_DEBUG	   6
#define DEBUG_CODEVIEW	   2
#define RESOURCE_VERSION   16
#define FIXED_INFO_MAGIC   0xfeef04bdu

/* The headers, as far as they are needed here. */
struct layout {
	struct bytes file;
	uint64_t directories; /* offset of the data directory */
	uint32_t num_directories;
	uint64_t sections; /* offset of the section table */
	uint16_t num_sections;
};

static bool
layout_read(struct layout *l, struct pe_identity *out, struct bytes file)
{
	uint16_t mz, magic, optional_len;
	uint32_t pe, mark;
	uint64_t optional;
	bool plus;

	l->file = file;
	if (!bytes_u16(file, 0, &mz) || mz != 0x5a4d ||
	    !bytes_u32(file, 0x3c, &pe) || !bytes_u32(file, pe, &mark) ||
	    mark != 0x00004550)
		return false;
	if (!bytes_u16(file, (uint64_t)pe + 4, &out->machine) ||
	    !bytes_u16(file, (uint64_t)pe + 6, &l->num_sections) ||
	    !bytes_u32(file, (uint64_t)pe + 8, &out->timestamp) ||
	    !bytes_u16(file, (uint64_t)pe + 20, &optional_len))
		return false;
	optional = (uint64_t)pe + 24;
	if (!bytes_u16(file, optional, &magic) ||
	    (magic != 0x10b && magic != 0x20b))
		return false;
	plus = magic == 0x20b;
	if (!bytes_u32(file, optional + 56, &out->size_of_image) ||
	    !bytes_u32(file, optional + 64, &out->checksum) ||
	    !bytes_u32(file, optional + (plus ? 108 : 92), &l->num_directories))
		return false;
	l->directories = optional + (plus ? 112 : 96);
	l->sections = optional + optional_len;
	if (l->num_sections > PE_SECTIONS_MAX)
		return false;
	return true;
}

/* The offset in the file of an address; false if no section holds it. */
static bool
offset_of(const struct layout *l, uint32_t rva, uint64_t *out)
{
	for (unsigned i = 0; i < l->num_sections; i++) {
		uint64_t at = l->sections + 40u * i;
		uint32_t size, address, raw_size, raw;

		if (!bytes_u32(l->file, at + 8, &size) ||
		    !bytes_u32(l->file, at + 12, &address) ||
		    !bytes_u32(l->file, at + 16, &raw_size) ||
		    !bytes_u32(l->file, at + 20, &raw))
			return false;
		if (rva >= address && rva - address < raw_size) {
			*out = (uint64_t)raw + (rva - address);
			return true;
		}
	}
	return false;
}

static bool
directory(const struct layout *l, unsigned n, uint32_t *rva, uint32_t *size)
{
	return n < l->num_directories &&
	    bytes_u32(l->file, l->directories + 8u * n, rva) &&
	    bytes_u32(l->file, l->directories + 8u * n + 4, size) && *rva != 0;
}

/* RSDS: GUID, age, path (the form of all linkers since 2002). */
static bool
codeview(char out[PE_DEBUG_ID_LEN], struct bytes record)
{
	uint32_t mark, d1, age;
	uint16_t d2, d3;
	struct bytes d4;

	if (!bytes_u32(record, 0, &mark) || mark != 0x53445352 ||
	    !bytes_u32(record, 4, &d1) || !bytes_u16(record, 8, &d2) ||
	    !bytes_u16(record, 10, &d3) || !bytes_slice(record, 12, 8, &d4) ||
	    !bytes_u32(record, 20, &age))
		return false;
	snprintf(out, PE_DEBUG_ID_LEN,
	    "%08X%04X%04X%02X%02X%02X%02X%02X%02X%02X%02X%X", d1, d2, d3, d4.p[0],
	    d4.p[1], d4.p[2], d4.p[3], d4.p[4], d4.p[5], d4.p[6], d4.p[7], age);
	return true;
}

static void
debug_id(struct pe_identity *out, const struct layout *l)
{
	uint32_t rva, size;
	uint64_t at;

	if (!directory(l, DIRECTORY_DEBUG, &rva, &size) || !offset_of(l, rva, &at))
		return;
	for (unsigned i = 0; i < PE_MAX_DEBUG && (i + 1) * 28u <= size; i++) {
		uint32_t type, len, raw;
		struct bytes record;

		if (!bytes_u32(l->file, at + 28u * i + 12, &type) ||
		    !bytes_u32(l->file, at + 28u * i + 16, &len) ||
		    !bytes_u32(l->file, at + 28u * i + 24, &raw))
			return;
		if (type == DEBUG_CODEVIEW &&
		    bytes_slice(l->file, raw, len, &record) &&
		    codeview(out->debug_id, record))
			return;
	}
}

/* In the resource directory at `dir` (offset into res) the entry with this id,
 * or the first one for id 0; its target. */
static bool
resource_entry(struct bytes res, uint32_t dir, uint32_t id, uint32_t *target)
{
	uint16_t named, numbered;
	unsigned num;

	if (!bytes_u16(res, (uint64_t)dir + 12, &named) ||
	    !bytes_u16(res, (uint64_t)dir + 14, &numbered))
		return false;
	num = (unsigned)named + numbered;
	for (unsigned i = 0; i < num && i < PE_MAX_RESOURCE; i++) {
		uint64_t at = (uint64_t)dir + 16 + 8u * i;
		uint32_t name;

		if (!bytes_u32(res, at, &name) || !bytes_u32(res, at + 4, target))
			return false;
		if (id == 0 || name == id)
			return true;
	}
	return false;
}

static void
version(struct pe_identity *out, const struct layout *l)
{
	uint32_t rva, size, target, data_rva, data_size, mark, ms, ls;
	struct bytes res, info;
	uint64_t at;

	if (!directory(l, DIRECTORY_RESOURCE, &rva, &size) ||
	    !offset_of(l, rva, &at) || at > l->file.len ||
	    !bytes_slice(l->file, at, l->file.len - at, &res))
		return;
	/* type, name, language: three levels, the upper two marked */
	if (!resource_entry(res, 0, RESOURCE_VERSION, &target) || !(target >> 31) ||
	    !resource_entry(res, target & 0x7fffffff, 0, &target) ||
	    !(target >> 31) ||
	    !resource_entry(res, target & 0x7fffffff, 0, &target) || target >> 31)
		return;
	if (!bytes_u32(res, target, &data_rva) ||
	    !bytes_u32(res, (uint64_t)target + 4, &data_size) ||
	    !offset_of(l, data_rva, &at) ||
	    !bytes_slice(l->file, at, data_size, &info))
		return;
	/* VS_VERSIONINFO: 6 bytes of header, a key of 16 UTF-16 units, padding */
	if (!bytes_u32(info, 40, &mark) || mark != FIXED_INFO_MAGIC ||
	    !bytes_u32(info, 48, &ms) || !bytes_u32(info, 52, &ls))
		return;
	out->has_version = true;
	out->version[0] = (uint16_t)(ms >> 16);
	out->version[1] = (uint16_t)ms;
	out->version[2] = (uint16_t)(ls >> 16);
	out->version[3] = (uint16_t)ls;
}

/* Signing pads a file to eight bytes first, so a file that is not signed yet
 * gets the same padding here. */
static bool
stripped(uint8_t out[32], struct bytes file)
{
	static const uint8_t zero[8];
	struct findings findings = {0};
	struct pe pe;
	uint64_t len = 4 + 8; /* checksum and table entry, which are left out */
	EVP_MD_CTX *ctx;
	bool ok;

	if (!pe_parse(&pe, &findings, file))
		return false;
	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return false;
	ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; i < sizeof(pe.image) / sizeof(pe.image[0]); i++) {
		ok = ok &&
		    EVP_DigestUpdate(ctx, pe.image[i].p, pe.image[i].len) == 1;
		len += pe.image[i].len;
	}
	ok = ok && EVP_DigestUpdate(ctx, zero, (8 - len % 8) % 8) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
pe_identity_read(struct pe_identity *out, struct bytes file)
{
	struct layout l;

	memset(out, 0, sizeof(*out));
	if (!layout_read(&l, out, file))
		return false;
	snprintf(out->code_id, sizeof(out->code_id), "%08X%X", out->timestamp,
	    out->size_of_image);
	debug_id(out, &l);
	version(out, &l);
	if (!stripped(out->stripped, file))
		EVP_Digest(
		    file.p, file.len, out->stripped, NULL, EVP_sha256(), NULL);
	return true;
}
