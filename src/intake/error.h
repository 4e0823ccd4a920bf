/*
 * Why an upload was refused: one list for the whole component.  Codes are
 * stable, they are sent to clients and stand in the database.
 */
#ifndef INTAKE_ERROR_H
#define INTAKE_ERROR_H

enum intake_error {
	INTAKE_OK = 0,
	INTAKE_BODY_EMPTY,
	INTAKE_BODY_TOO_LARGE,
	INTAKE_NOT_MULTIPART,
	INTAKE_ENCODING_UNKNOWN,
	INTAKE_NO_BOUNDARY,
	INTAKE_BAD_BOUNDARY,
	INTAKE_TRUNCATED,
	INTAKE_TOO_MANY_PARTS,
	INTAKE_PART_HEADER_TOO_LARGE,
	INTAKE_PART_HEADER_BAD,
	INTAKE_PART_NO_NAME,
	INTAKE_FIELDS_TOO_LARGE,
	INTAKE_QUERY_TOO_LARGE,
	INTAKE_INFLATE_BAD,
	INTAKE_INFLATE_TRUNCATED,
	INTAKE_INFLATE_TOO_LARGE,
	INTAKE_NO_DUMP,
	INTAKE_DUMP_EMPTY,
	INTAKE_NOT_A_DUMP,
	INTAKE_NO_MEMORY
};

/* The stable code, as "multipart-truncated"; "ok" for INTAKE_OK. */
const char *intake_error_text(enum intake_error);
/* What was wrong and what to do, one or two sentences. */
const char *intake_error_sentence(enum intake_error);
/* 200, 400, 413, 415, or 503 when it is our fault. */
int intake_error_status(enum intake_error);

#endif
