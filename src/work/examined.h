/*
 * What TASK_DUMP's child said about an upload, every field checked and cut to
 * its column. The child has read a stranger's file, so its words are a
 * stranger's: wrong types and indices outside drop the answer, or the part of it.
 */
#ifndef WORK_EXAMINED_H
#define WORK_EXAMINED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* The blamed module, the application, and the modules of 64 frames. */
#define EXAMINED_MAX_PARTS 66
/* Bytes of the examination that are kept with the report; of a larger one the
 * modules that are on no frame go. */
#define EXAMINED_MAX_JSON ((size_t)256 << 10)
/* Bytes of annotations kept. */
#define EXAMINED_MAX_ANNOTATIONS ((size_t)64 << 10)

enum part { PART_BLAMED, PART_APPLICATION, PART_ON_STACK };

/* A module that makes somebody a party. */
struct examined_part {
	enum part part;
	char name[256];	   /* lower case, as the catalogue has it */
	char code_id[136]; /* upper case */
	char debug_id[72]; /* upper case; "" if the dump has none */
	char version[32];
};

struct examined {
	char error[64]; /* stable code; "" if there is a report */
	char detail[512];

	char client[32], product[256], version[128];
	char os[32], os_version[64], arch[32];
	char atom[65], bucket[65]; /* hex */
	char title[512], class[64];
	char label_type[32]; /* "none" where there is no label */
	char p[8][256];
	int rules;    /* version */
	int64_t time; /* of the crash, as the dump says; 0 unknown */

	size_t num_parts; /* blamed first, then application, then the stack */
	struct examined_part part[EXAMINED_MAX_PARTS];

	char *annotations, *examination, *sample; /* owned JSON */

	uint64_t dump_len;
	bool in_body;	     /* the dump lies in the body, */
	uint64_t offset;     /* here */
	struct bytes framed; /* or behind the JSON; p NULL: TASK_EXTRACT has it */
};

/* Reads the frame; body_len bounds the dump's place. False if the answer is not
 * of its form. examined_free() in both cases; framed is borrowed from it. */
bool examined_read(struct examined *out, struct bytes answer, uint64_t body_len);
void examined_free(struct examined *);
const char *part_text(enum part);

#endif
