/*
 * The durable identifier in an extended-validation certificate: which entry of
 * which public register its owner is (CA/Browser Forum, EV Guidelines, sections
 * 7.1.4.2.2 to 7.1.4.2.8).
 */
#ifndef PKI_REGISTRATION_H
#define PKI_REGISTRATION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "pki/certificate.h"

struct buf;

/* Appends the identifier in normal form (name_normalise()), and says whether
 * there is one:
 *
 *	country/state/locality/serialNumber	us/delaware//5157550
 *
 * from the jurisdiction fields, where businessCategory, the country and the
 * serialNumber are there, each once, and the serialNumber is a register's
 * number; else
 *
 *	organizationIdentifier			ntrgb-05417676
 *
 * if it is there once and has a digit.  '/' and '\' within a part stand behind
 * a '\', so the first form always has three bare slashes and the second none. */
bool registration_of(struct buf *out, const struct certificate *);

/* Is this normalised serialNumber a register's number?  Without a digit it is
 * a phrase ("Government Entity"); a date of incorporation, which the guidelines
 * allow where a register gives no numbers, is shared by whoever was founded
 * that day.  Eight digits that can be read as a date in any order are taken
 * for one: a company that this hits by chance is recognised by its key. */
bool registration_number_is_unique(struct bytes normalised);

#endif
