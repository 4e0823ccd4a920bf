/* The codes, sentences and statuses of refused uploads; see error.h. */
#include "intake/error.h"

#include <stddef.h>

struct entry {
	const char *code;
	int status;
	const char *sentence;
};

static const struct entry entries[] = {
    [INTAKE_OK] = {"ok", 200, "The upload was read."},
    [INTAKE_BODY_EMPTY] = {"body-empty", 400,
	"The request has no body. Send the crash report as multipart/form-data."},
    [INTAKE_BODY_TOO_LARGE] = {"body-too-large", 413,
	"The upload is larger than 200 MiB. Send a smaller kind of dump."},
    [INTAKE_NOT_MULTIPART] = {"not-multipart", 415,
	"The Content-Type is not multipart/form-data, which is how Crashpad and "
	"Breakpad send a report."},
    [INTAKE_ENCODING_UNKNOWN] = {"encoding-unknown", 415,
	"The Content-Encoding is not known here. Send the "
	"body plain or with gzip."},
    [INTAKE_NO_BOUNDARY] = {"multipart-no-boundary", 400,
	"The Content-Type names no boundary, so the parts cannot be told apart."},
    [INTAKE_BAD_BOUNDARY] = {"multipart-bad-boundary", 400,
	"The boundary in the Content-Type is empty, longer than 70 characters, or "
	"has a character that RFC 2046 does not allow."},
    [INTAKE_TRUNCATED] = {"multipart-truncated", 400,
	"The body ends before its last boundary. It was cut off "
	"on the way; send it "
	"again."},
    [INTAKE_TOO_MANY_PARTS] = {"too-many-parts", 400,
	"The body has more than 64 parts."},
    [INTAKE_PART_HEADER_TOO_LARGE] = {"part-header-too-large", 400,
	"The headers of one part are longer than 8 KiB."},
    [INTAKE_PART_HEADER_BAD] = {"part-header-bad", 400,
	"The headers of one part are malformed: each is one line \"Name: value\" "
	"that ends in CR LF."},
    [INTAKE_PART_NO_NAME] = {"part-no-name", 400,
	"One part has no Content-Disposition: form-data with a name."},
    [INTAKE_FIELDS_TOO_LARGE] = {"fields-too-large", 413,
	"The fields of the report are longer than 64 KiB "
	"together. Send long texts as "
	"files."},
    [INTAKE_QUERY_TOO_LARGE] = {"query-too-large", 413,
	"The query has more than 64 fields, or is longer than 64 KiB."},
    [INTAKE_INFLATE_BAD] = {"inflate-bad", 400,
	"The gzip data is damaged, or something else follows behind it."},
    [INTAKE_INFLATE_TRUNCATED] = {"inflate-truncated", 400,
	"The gzip data ends in the middle. It was cut "
	"off on the way; send it again."},
    [INTAKE_INFLATE_TOO_LARGE] = {"inflate-too-large", 413,
	"The gzip data inflates to more than is accepted."},
    [INTAKE_NO_DUMP] = {"no-dump", 400,
	"The report has no part upload_file_minidump, so there is "
	"no crash to read."},
    [INTAKE_DUMP_EMPTY] = {"dump-empty", 400,
	"The part upload_file_minidump is empty."},
    [INTAKE_NOT_A_DUMP] = {"not-a-dump", 400,
	"The part upload_file_minidump is no dump: it begins "
	"neither with MDMP nor "
	"with PAGE."},
    [INTAKE_NO_MEMORY] = {"intake-no-memory", 503,
	"The server has no memory for this upload just now. Send it again later."},
};

static const struct entry *
entry_of(enum intake_error e)
{
	size_t i = (size_t)e;

	if (i >= sizeof(entries) / sizeof(entries[0]))
		i = INTAKE_NO_MEMORY;
	return &entries[i];
}

const char *
intake_error_text(enum intake_error e)
{
	return entry_of(e)->code;
}

const char *
intake_error_sentence(enum intake_error e)
{
	return entry_of(e)->sentence;
}

int
intake_error_status(enum intake_error e)
{
	return entry_of(e)->status;
}
