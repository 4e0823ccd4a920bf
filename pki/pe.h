/*
 * Where a PE file's Authenticode parts lie: what the image digest covers and
 * the entries of the certificate table (Microsoft, "PE Format"; "Windows
 * Authenticode Portable Executable Signature Format").
 */
#ifndef PKI_PE_H
#define PKI_PE_H

#include "base/bytes.h"
#include "pki/finding.h"

/* WIN_CERTIFICATE entries in one table; more are refused. */
#define PE_ENTRIES_MAX 16
/* Sections that Windows loads. */
#define PE_SECTIONS_MAX 96

struct pe {
	struct bytes image[3]; /* what the digest covers, in file order */
	size_t num_entries;
	struct bytes entry[PE_ENTRIES_MAX]; /* bCertificate, padding included */
};

/* Does it begin like one? */
bool pe_is(struct bytes file);
/* Fills *out with slices of file.  False after a finding of severity error;
 * a file without a table is fine and has no entries. */
bool pe_parse(struct pe *out, struct findings *, struct bytes file);

#endif
