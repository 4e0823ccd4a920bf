/* fuzz: needs pki base; corpus: any PE files, e.g. $(B)/tests/make_pe's, signed or
 * not */
/*
 * A PE file through the whole examination, without a root; and its layout must
 * keep to what it says: ascending slices of the file that do not overlap.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "pki/authenticode.h"
#include "pki/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings findings = {0};
	struct trust_store roots;
	struct signature_options options = {.roots = &roots,
	    .at = 1780272000,
	    .capability = CAPABILITY_BINARIES,
	    .sha1_with_timestamp = true};
	struct signed_file file;
	struct json json;
	struct buf out;
	const uint8_t *end = data;
	struct pe pe;

	if (pe_parse(&pe, &findings, bytes_of(data, size)) !=
	    (finding_reason(&findings) == FINDING_OK))
		abort();
	for (size_t i = 0; i < 3; i++) {
		if (pe.image[i].p == NULL)
			continue;
		if (pe.image[i].p < end || pe.image[i].len > size)
			abort();
		end = pe.image[i].p + pe.image[i].len;
	}
	for (size_t i = 0; i < pe.num_entries; i++) {
		if (pe.entry[i].p < end)
			abort();
		end = pe.entry[i].p + pe.entry[i].len;
	}
	if (end > data + size)
		abort();
	trust_init(&roots);
	authenticode_examine(&file, bytes_of(data, size), &options);
	if (file.verdict == VERDICT_GENUINE)
		abort();
	buf_init(&out, 0);
	json_init(&json, &out);
	signed_file_json(&json, &file, "fuzz");
	buf_free(&out);
	signed_file_free(&file);
	trust_free(&roots);
	return 0;
}
