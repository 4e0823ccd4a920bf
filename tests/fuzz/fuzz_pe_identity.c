/* fuzz: needs work auth pki base; corpus: what build/tests/make_pe writes */
/*
 * The identity of a PE file: whatever the bytes are, reading them ends inside
 * them, and the ids fit.
 */
#include <stdlib.h>
#include <string.h>

#include "work/pe_identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pe_identity id;

	if (pe_identity_read(&id, bytes_of(data, len)) &&
	    (strlen(id.code_id) < 9 || strlen(id.debug_id) >= sizeof(id.debug_id)))
		abort();
	return 0;
}
