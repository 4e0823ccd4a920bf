/*
 * By what a dump names a PE file: link timestamp and image size (the code id),
 * the CodeView record (the debug id) and the file version (Microsoft, "PE
 * Format"; VS_FIXEDFILEINFO).  Pure: the file's bytes in, numbers out; what a
 * hostile file says is believed by nobody but this file's own row.
 */
#ifndef WORK_PE_IDENTITY_H
#define WORK_PE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* "67CFFE8C" and the size without leading zeros; as dumps' readers write it. */
#define PE_CODE_ID_LEN 17
/* GUID of 32 digits, age of at most 8, NUL. */
#define PE_DEBUG_ID_LEN 41
/* Debug directory entries and resource entries that are looked at. */
#define PE_MAX_DEBUG	32
#define PE_MAX_RESOURCE 4096

struct pe_identity {
	uint16_t machine;
	uint32_t timestamp;
	uint32_t size_of_image;
	uint32_t checksum;
	char code_id[PE_CODE_ID_LEN];
	char debug_id[PE_DEBUG_ID_LEN]; /* "" if there is none */
	bool has_version;
	uint16_t version[4];
	uint8_t stripped[32]; /* SHA-256 authentihash, padded as signing does */
};

/* False if the bytes are no PE file that could be loaded. */
bool pe_identity_read(struct pe_identity *out, struct bytes file);

#endif
