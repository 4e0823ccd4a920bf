/* The register entry that an EV certificate names; see registration.h. */
#include "pki/registration.h"

#include "base/buf.h"
#include "pki/name.h"

/* Years in which an entity that signs code can have been founded. */
#define YEAR_FIRST 1500
#define YEAR_LAST  2199

/* ---- dates ----------------------------------------------------------------- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
day_and_month(unsigned a, unsigned b)
{
	return a >= 1 && b >= 1 && a <= 31 && b <= 31 && (a <= 12 || b <= 12);
}

static bool
is_year(unsigned y)
{
	return y >= YEAR_FIRST && y <= YEAR_LAST;
}

/* YYYYMMDD, DDMMYYYY or MMDDYYYY. */
static bool
eight_digits_are_a_date(unsigned n)
{
	return (is_year(n / 10000) && day_and_month(n / 100 % 100, n % 100)) ||
	    (is_year(n % 10000) && day_and_month(n / 1000000, n / 10000 % 100));
}

static bool
year_and_day(unsigned y, unsigned d)
{
	return is_year(y) && d >= 1 && d <= 31;
}

/* Three groups of digits, whatever stands between them: 2011-04-05, 5.4.2011,
 * 04/05/11, "2011 04 05". */
static bool
three_groups_are_a_date(const unsigned g[3], const unsigned len[3])
{
	if (len[0] == 4)
		return is_year(g[0]) && len[1] <= 2 && len[2] <= 2 &&
		    day_and_month(g[1], g[2]);
	return len[0] <= 2 && len[1] <= 2 && day_and_month(g[0], g[1]) &&
	    (len[2] == 2 || (len[2] == 4 && is_year(g[2])));
}

/* The groups of digits in s, at most four counted; a value stops growing at
 * nine digits. */
static size_t
digit_groups(struct bytes s, unsigned value[4], unsigned len[4])
{
	size_t num = 0;

	for (size_t i = 0; i < s.len && num < 4; num++) {
		while (i < s.len && !is_digit(s.p[i]))
			i++;
		if (i == s.len)
			break;
		value[num] = len[num] = 0;
		for (; i < s.len && is_digit(s.p[i]); i++)
			if (len[num] < 9) {
				value[num] = value[num] * 10 + (s.p[i] - '0');
				len[num]++;
			}
	}
	return num;
}

static bool
has_letter(struct bytes s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] >= 0x80)
			return true;
	return false;
}

bool
registration_number_is_unique(struct bytes s)
{
	unsigned value[4] = {0}, len[4] = {0};
	size_t groups = digit_groups(s, value, len);
	bool letters = has_letter(s);

	if (groups == 0)
		return false;
	if (groups == 1 && len[0] == 8 && !letters &&
	    eight_digits_are_a_date(value[0]))
		return false;
	if (groups == 3 && three_groups_are_a_date(value, len))
		return false;
	/* "5 april 2011", "okt 5th, 2011": the month in any language; and a date
	 * with a time behind it */
	if (groups == 2 && letters &&
	    (year_and_day(value[0], value[1]) || year_and_day(value[1], value[0])))
		return false;
	if (groups == 4 && len[0] == 4 && is_year(value[0]) && len[1] == 2 &&
	    len[2] == 2 && day_and_month(value[1], value[2]) &&
	    memchr(s.p, ':', s.len) != NULL)
		return false;
	return true;
}

/* ---- fields ---------------------------------------------------------------- */

enum field { FIELD_ABSENT, FIELD_PRESENT, FIELD_UNUSABLE };

/* The normalised attribute in out; unusable when it is there twice, empty, or
 * has characters that cannot be seen. */
static enum field
field_of(struct buf *out, const X509_NAME *name, int nid)
{
	struct buf raw;
	bool ok;

	switch (name_count(name, nid)) {
	case 0:
		return FIELD_ABSENT;
	case 1:
		break;
	default:
		return FIELD_UNUSABLE;
	}
	buf_init(&raw, 0);
	ok = name_attribute(&raw, name, nid) && buf_ok(&raw) &&
	    name_normalise(out, bytes_of(raw.data, raw.len)) && buf_ok(out) &&
	    out->len > 0;
	buf_free(&raw);
	return ok ? FIELD_PRESENT : FIELD_UNUSABLE;
}

static void
put_part(struct buf *out, const struct buf *part)
{
	for (size_t i = 0; i < part->len; i++) {
		if (part->data[i] == '/' || part->data[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, (char)part->data[i]);
	}
}

enum { CATEGORY, COUNTRY, STATE, LOCALITY, NUMBER, NUM_FIELDS };

static bool
register_entry(struct buf *out, const X509_NAME *name)
{
	static const struct {
		int nid;
		bool required;
	} wanted[NUM_FIELDS] = {
	    [CATEGORY] = {NID_businessCategory, true},
	    [COUNTRY] = {NID_jurisdictionCountryName, true},
	    [STATE] = {NID_jurisdictionStateOrProvinceName, false},
	    [LOCALITY] = {NID_jurisdictionLocalityName, false},
	    [NUMBER] = {NID_serialNumber, true},
	};
	struct buf part[NUM_FIELDS];
	bool ok = true;

	for (int i = 0; i < NUM_FIELDS; i++) {
		enum field got;

		buf_init(&part[i], 0);
		got = field_of(&part[i], name, wanted[i].nid);
		ok = ok &&
		    (got == FIELD_PRESENT ||
			(got == FIELD_ABSENT && !wanted[i].required));
	}
	ok = ok &&
	    registration_number_is_unique(
		bytes_of(part[NUMBER].data, part[NUMBER].len));
	for (int i = COUNTRY; ok && i <= NUMBER; i++) {
		if (i != COUNTRY)
			buf_putc(out, '/');
		put_part(out, &part[i]);
	}
	for (int i = 0; i < NUM_FIELDS; i++)
		buf_free(&part[i]);
	return ok && buf_ok(out);
}

static bool
organisation_identifier(struct buf *out, const X509_NAME *name)
{
	struct buf part;
	bool ok;

	buf_init(&part, 0);
	ok = field_of(&part, name, NID_organizationIdentifier) == FIELD_PRESENT &&
	    registration_number_is_unique(bytes_of(part.data, part.len));
	if (ok)
		put_part(out, &part);
	buf_free(&part);
	return ok && buf_ok(out);
}

bool
registration_of(struct buf *out, const struct certificate *c)
{
	const X509_NAME *name = X509_get_subject_name(c->x509);

	return register_entry(out, name) || organisation_identifier(out, name);
}
