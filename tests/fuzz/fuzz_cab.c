/* fuzz: needs pki base; corpus: any cabinets, signed or not */
/*
 * A cabinet's layout: ascending slices of the file that do not overlap, the
 * signature last.
 */
#include <stdlib.h>

#include "pki/authenticode.h"
#include "pki/cab.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings findings = {0};
	struct trust_store roots;
	struct signature_options options = {.roots = &roots,
	    .at = 1780272000,
	    .capability = CAPABILITY_SIGN_IN,
	    .ignore_timestamp = true};
	struct signed_file file;
	const uint8_t *end = data;
	struct cab cab;

	if (cab_parse(&cab, &findings, bytes_of(data, size)) !=
	    (finding_reason(&findings) == FINDING_OK))
		abort();
	for (size_t i = 0; i < cab.num_images; i++) {
		if (cab.image[i].p == NULL || cab.image[i].len == 0)
			continue;
		if (cab.image[i].p < end || cab.image[i].len > size)
			abort();
		end = cab.image[i].p + cab.image[i].len;
	}
	if (cab.num_images > 0 &&
	    (cab.signature.p < end ||
		cab.signature.p + cab.signature.len > data + size))
		abort();
	trust_init(&roots);
	authenticode_examine(&file, bytes_of(data, size), &options);
	if (file.verdict == VERDICT_GENUINE)
		abort();
	signed_file_free(&file);
	trust_free(&roots);
	return 0;
}
