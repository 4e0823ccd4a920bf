/*
 * The layout of a PE file, as far as its signature is concerned.  Every
 * place where bytes could lie that neither the digest covers nor the
 * signature needs is a finding: behind the certificate table, in a section
 * that overlaps it, in an entry of another type.
 */
#include "pki/pe.h"

#define COFF_HEADER_LEN	      20
#define SECTION_LEN	      40
#define MAGIC_PE32	      0x10b
#define MAGIC_PE32_PLUS	      0x20b
#define DIRECTORY_SECURITY    4
#define WIN_CERTIFICATE_LEN   8
#define REVISION_2_0	      0x0200
#define TYPE_PKCS_SIGNED_DATA 2

/* What the headers say, all offsets checked to lie within the file. */
struct headers {
	uint32_t checksum; /* offset of CheckSum */
	uint32_t security; /* offset of the directory's entry, 0: none */
	uint32_t table, table_len;
	uint32_t end;	   /* of the section table */
	uint32_t sections; /* offset of the section table */
	uint16_t num_sections;
};

bool
pe_is(struct bytes file)
{
	uint16_t magic;

	return bytes_u16(file, 0, &magic) && magic == 0x5a4d;
}

static bool
malformed(struct findings *findings, const char *what)
{
	finding_add(findings, FINDING_MALFORMED_PE, SEVERITY_ERROR, -1, "%s", what);
	return false;
}

static bool
read_headers(struct headers *out, struct findings *findings, struct bytes file)
{
	uint32_t pe, signature, num_directories, at;
	uint16_t magic, optional_len;
	uint32_t directories;

	*out = (struct headers){0};
	if (!bytes_u32(file, 60, &pe) || !bytes_u32(file, pe, &signature) ||
	    signature != 0x4550)
		return malformed(findings, "no PE header");
	/* offsets stay far below 4 GiB, so that the sums below do not wrap */
	if (pe > 0x10000000)
		return malformed(findings, "the PE header lies too far behind");
	if (!bytes_u16(file, pe + 6, &out->num_sections) ||
	    !bytes_u16(file, pe + 20, &optional_len) ||
	    !bytes_u16(file, pe + 24, &magic))
		return malformed(findings, "the file ends within its headers");
	at = pe + 4 + COFF_HEADER_LEN;
	if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
		return malformed(findings, "neither PE32 nor PE32+");
	directories = magic == MAGIC_PE32 ? 96 : 112;
	if (optional_len < directories ||
	    !bytes_u32(file, at + directories - 4, &num_directories))
		return malformed(findings, "the optional header is too short");
	out->checksum = at + 64;
	out->sections = at + optional_len;
	if (out->num_sections > PE_SECTIONS_MAX)
		return malformed(findings, "more sections than Windows loads");
	out->end = out->sections + out->num_sections * SECTION_LEN;
	if (out->end > file.len)
		return malformed(
		    findings, "the section table lies outside the file");
	if (num_directories <= DIRECTORY_SECURITY)
		return true;
	if (optional_len < directories + 8 * (DIRECTORY_SECURITY + 1))
		return malformed(
		    findings, "the directories lie outside the optional header");
	out->security = at + directories + 8 * DIRECTORY_SECURITY;
	if (!bytes_u32(file, out->security, &out->table) ||
	    !bytes_u32(file, out->security + 4, &out->table_len))
		return malformed(findings, "the file ends within its headers");
	return true;
}

/* No section may have its bytes in the certificate table: they would be
 * loaded and not be covered. */
static bool
check_sections(
    const struct headers *h, struct findings *findings, struct bytes file)
{
	for (unsigned i = 0; i < h->num_sections; i++) {
		uint64_t at = h->sections + (uint64_t)i * SECTION_LEN;
		uint32_t len, start;

		if (!bytes_u32(file, at + 16, &len) ||
		    !bytes_u32(file, at + 20, &start))
			return malformed(findings, "the section table is cut off");
		if (len == 0 || start == 0)
			continue;
		if ((uint64_t)start + len > h->table &&
		    start < (uint64_t)h->table + h->table_len)
			return malformed(
			    findings, "a section overlaps the certificate table");
	}
	return true;
}

/* Entries are aligned to 8 bytes; the table ends with the last of them. */
static bool
read_entries(struct pe *out, struct findings *findings, struct bytes table)
{
	uint64_t at = 0;

	while (at < table.len) {
		uint32_t len;
		uint16_t revision, type;

		if (!bytes_u32(table, at, &len) ||
		    !bytes_u16(table, at + 4, &revision) ||
		    !bytes_u16(table, at + 6, &type))
			return malformed(
			    findings, "the certificate table is cut off");
		if (len < WIN_CERTIFICATE_LEN || len > table.len - at) {
			finding_add(findings, FINDING_TABLE_OUT_OF_RANGE,
			    SEVERITY_ERROR, -1,
			    "an entry of %u bytes in a table of %zu", len,
			    table.len);
			return false;
		}
		if (revision != REVISION_2_0 || type != TYPE_PKCS_SIGNED_DATA) {
			finding_add(findings, FINDING_MALFORMED_PE, SEVERITY_ERROR,
			    -1, "a table entry of revision %#x and type %u",
			    revision, type);
			return false;
		}
		if (out->num_entries == PE_ENTRIES_MAX) {
			finding_add(findings, FINDING_TOO_MANY_SIGNATURES,
			    SEVERITY_ERROR, -1, NULL);
			return false;
		}
		if (!bytes_slice(table, at + WIN_CERTIFICATE_LEN,
			len - WIN_CERTIFICATE_LEN, &out->entry[out->num_entries]))
			return malformed(
			    findings, "the certificate table is cut off");
		out->num_entries++;
		/* the gap up to the alignment must hold nothing */
		for (at += len; at % 8 != 0 && at < table.len; at++)
			if (table.p[at] != 0) {
				finding_add(findings, FINDING_HIDDEN_BYTES,
				    SEVERITY_ERROR, -1,
				    "in the gap between two table entries");
				return false;
			}
	}
	return true;
}

bool
pe_parse(struct pe *out, struct findings *findings, struct bytes file)
{
	struct headers h;
	struct bytes table = bytes_of(NULL, 0);
	uint64_t end;

	*out = (struct pe){0};
	if (!read_headers(&h, findings, file))
		return false;
	end = file.len;
	if (h.table != 0 && h.table_len != 0) {
		if (!bytes_slice(file, h.table, h.table_len, &table)) {
			finding_add(findings, FINDING_TABLE_OUT_OF_RANGE,
			    SEVERITY_ERROR, -1,
			    "the table is at %u with %u bytes, the file has %zu",
			    h.table, h.table_len, file.len);
			return false;
		}
		if (h.table < h.end || h.table % 8 != 0)
			return malformed(findings,
			    "the certificate table lies in the headers or off its "
			    "alignment");
		end = h.table;
	} else if (h.table != 0 || h.table_len != 0) {
		return malformed(findings, "half a certificate table");
	}
	if (h.security == 0) {
		/* no room for a signature: an image that nothing can cover */
		return true;
	}
	if (h.security < h.checksum + 4 || h.security + 8 > end ||
	    !bytes_slice(file, 0, h.checksum, &out->image[0]) ||
	    !bytes_slice(file, h.checksum + 4, h.security - h.checksum - 4,
		&out->image[1]) ||
	    !bytes_slice(
		file, h.security + 8, end - h.security - 8, &out->image[2]))
		return malformed(findings, "the file ends within its headers");
	if (end == file.len)
		return true;
	if (!check_sections(&h, findings, file) ||
	    !read_entries(out, findings, table))
		return false;
	if (h.table + (uint64_t)h.table_len != file.len) {
		finding_add(findings, FINDING_TRAILING_DATA, SEVERITY_ERROR, -1,
		    "%llu bytes follow the certificate table",
		    (unsigned long long)(file.len - h.table - h.table_len));
		return false;
	}
	return true;
}
