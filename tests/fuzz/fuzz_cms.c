/* fuzz: needs pki base; corpus: signatures in DER, e.g. openssl cms -sign -outform
 * DER */
/*
 * A signature block by itself: reading, its certificates, its verification,
 * its timestamps and the signatures nested in it.
 */
#include <stdlib.h>

#include "pki/signature.h"
#include "pki/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t image[DIGEST_MAX_LEN];
	struct trust_store roots;
	struct signature_options options = {.roots = &roots,
	    .at = 1780272000,
	    .capability = CAPABILITY_BINARIES,
	    .sha1_with_timestamp = true};
	struct signature_parts parts;
	struct signature *sig = calloc(1, sizeof(*sig));
	struct bytes values[CMS_VALUES_MAX], block = bytes_of(data, size);
	struct cms cms;
	size_t used;

	if (sig == NULL)
		return 0;
	trust_init(&roots);
	if (cms_parse(&cms, &used, block)) {
		struct certificates set = {0};
		struct certificate *signer;
		struct timestamp timestamp;
		const char *why;

		if (used > size)
			abort();
		cms_certificates(&set, &cms);
		if (cms.num_signers > 0) {
			cms_verify(&signer, &why, &cms.signer, cms.content_type,
			    cms.content, &set);
			timestamp_judge(&timestamp, &sig->findings, &cms.signer,
			    &set, &options);
			if (timestamp.valid)
				abort();
			cms_attribute(values, cms.signer.unsigned_attrs,
			    OID_SPC_NESTED_SIGNATURE);
		}
		certificates_clear(&set);
	}
	if (signature_read(sig, &parts, block, OID_SPC_PE_IMAGE_DATA) > size)
		abort();
	signature_judge(sig, &parts, image, &options);
	if (sig->verdict == VERDICT_GENUINE)
		abort();
	signature_clear(sig);
	free(sig);
	trust_free(&roots);
	return 0;
}
