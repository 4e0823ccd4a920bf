/*
 * The two Authenticode structures inside a signature: SpcIndirectDataContent,
 * which names the file's digest, and SpcSpOpusInfo, which names the program
 * (Microsoft, "Windows Authenticode Portable Executable Signature Format").
 */
#ifndef PKI_SPC_H
#define PKI_SPC_H

#include "base/bytes.h"
#include "pki/digest.h"

struct spc_indirect {
	enum oid kind;		     /* of data: SPC_PE_IMAGE_DATA, SPC_CAB_DATA */
	const struct digest *digest; /* NULL for an unknown algorithm */
	struct bytes value;	     /* the file's digest */
};

/* The fields of an SpcIndirectDataContent without its tag and length. */
bool spc_indirect_parse(struct spc_indirect *out, struct bytes body);
/* The program name of an SpcSpOpusInfo (with tag and length) as UTF-8 into
 * out, cut to size (a NUL included); "" if it has none.  False for broken DER
 * or a name that does not fit. */
bool spc_program_name(char *out, size_t size, struct bytes opus);

#endif
