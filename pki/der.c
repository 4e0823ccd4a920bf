/*
 * The strict DER reader.  Whatever the standard leaves no choice about is
 * checked here once, so that the readers above can be straight lists of
 * what they expect.
 */
#include "pki/der.h"

#include "base/instant.h"

bool
der_next(struct bytes *in, struct der *out)
{
	struct bytes rest;
	size_t head = 2, len;

	*out = (struct der){0};
	if (in->len < 2 || (in->p[0] & 0x1f) == 0x1f)
		return false;
	len = in->p[1];
	if (len >= 0x80) {
		size_t num = len & 0x7f;

		/* 0x80 is the indefinite form of BER; four bytes are 4 GiB */
		if (num == 0 || num > 4 || in->len < 2 + num)
			return false;
		len = 0;
		for (size_t i = 0; i < num; i++)
			len = len << 8 | in->p[2 + i];
		head += num;
		if (len < 0x80 || in->p[2] == 0)
			return false;
	}
	if (!bytes_slice(*in, head, len, &out->body) ||
	    !bytes_slice(*in, 0, head + len, &out->whole) ||
	    !bytes_slice(*in, head + len, in->len - head - len, &rest))
		return false;
	out->tag = in->p[0];
	*in = rest;
	return true;
}

/* The next element if it has this tag; *in stays where it was otherwise. */
static bool
take(struct bytes *in, uint8_t tag, struct der *out)
{
	struct bytes before = *in;

	if (der_next(in, out) && out->tag == tag)
		return true;
	*in = before;
	out->body = out->whole = bytes_of(NULL, 0);
	return false;
}

bool
der_take(struct bytes *in, uint8_t tag, struct bytes *out_body)
{
	struct der item;
	bool ok = take(in, tag, &item);

	*out_body = item.body;
	return ok;
}

bool
der_take_whole(struct bytes *in, uint8_t tag, struct bytes *out_whole)
{
	struct der item;
	bool ok = take(in, tag, &item);

	*out_whole = item.whole;
	return ok;
}

bool
der_take_optional(struct bytes *in, uint8_t tag, struct bytes *out_body)
{
	*out_body = bytes_of(NULL, 0);
	if (der_peek(*in) != tag)
		return true;
	return der_take(in, tag, out_body);
}

bool
der_take_uint(struct bytes *in, uint32_t *out)
{
	struct bytes b;

	*out = 0;
	if (!der_take(in, DER_INTEGER, &b) || b.len == 0 || b.len > 5)
		return false;
	if (b.p[0] & 0x80)
		return false;
	if (b.len > 1 && b.p[0] == 0 && !(b.p[1] & 0x80))
		return false;
	if (b.len == 5 && b.p[0] != 0)
		return false;
	for (size_t i = 0; i < b.len; i++)
		*out = *out << 8 | b.p[i];
	return true;
}

/* num decimal digits at *at, which is moved; -1 if they are none. */
static int
digits(struct bytes b, size_t *at, int num)
{
	int value = 0;

	for (int i = 0; i < num; i++, (*at)++) {
		if (*at >= b.len || b.p[*at] < '0' || b.p[*at] > '9')
			return -1;
		value = value * 10 + (b.p[*at] - '0');
	}
	return value;
}

static int
days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool
der_take_time(struct bytes *in, int64_t *out)
{
	struct der item;
	size_t at = 0;
	int year, part[5];

	*out = 0;
	if (!der_next(in, &item))
		return false;
	if (item.tag == DER_UTC_TIME) {
		year = digits(item.body, &at, 2);
		if (year >= 0)
			year += year < 50 ? 2000 : 1900;
	} else if (item.tag == DER_GENERALIZED_TIME) {
		year = digits(item.body, &at, 4);
	} else {
		return false;
	}
	if (year < 0)
		return false;
	for (int i = 0; i < 5; i++)
		if ((part[i] = digits(item.body, &at, 2)) < 0)
			return false;
	if (part[0] < 1 || part[0] > 12 || part[1] < 1 ||
	    part[1] > days_in(year, part[0]) || part[2] > 23 || part[3] > 59 ||
	    part[4] > 60)
		return false;
	if (item.tag == DER_GENERALIZED_TIME && at < item.body.len &&
	    item.body.p[at] == '.') {
		size_t first = ++at;

		while (at < item.body.len && item.body.p[at] >= '0' &&
		    item.body.p[at] <= '9')
			at++;
		if (at == first)
			return false;
	}
	if (at + 1 != item.body.len || item.body.p[at] != 'Z')
		return false;
	*out =
	    instant_from_civil(year, part[0], part[1], part[2], part[3], part[4]);
	return true;
}

uint8_t
der_peek(struct bytes in)
{
	return in.len > 0 ? in.p[0] : 0;
}
