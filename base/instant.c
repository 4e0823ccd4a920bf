/* Instants and their text; see instant.h. */
#include "base/instant.h"

#include <stdio.h>
#include <string.h>

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years
 * are counted from March so that the leap day is the last one. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

int64_t
instant_from_civil(int year, int month, int day, int hour, int minute, int second)
{
	return days_from_civil(year, month, day) * 86400 + hour * 3600 +
	    minute * 60 + second;
}

void
instant_text(char out[INSTANT_TEXT_LEN], int64_t t)
{
	int64_t days = t / 86400, secs = t % 86400;
	int64_t era, doe, yoe, doy, mp, year;
	int month, day;

	if (secs < 0) {
		secs += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = (int)(doy - (153 * mp + 2) / 5 + 1);
	month = (int)(mp < 10 ? mp + 3 : mp - 9);
	year = yoe + era * 400 + (month <= 2);
	if (year < 0 || year > 9999) {
		snprintf(out, INSTANT_TEXT_LEN, "%s",
		    year < 0 ? "0000-01-01T00:00:00Z" : "9999-12-31T23:59:59Z");
		return;
	}
	snprintf(out, INSTANT_TEXT_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
	    (unsigned)(secs / 3600) % 24, (unsigned)(secs / 60) % 60,
	    (unsigned)(secs % 60));
}

/* n digits at *p as a number, *p moved behind them; -1 if they are not. */
static int
take_digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool
take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

bool
instant_parse(int64_t *out, const char *s)
{
	int year, month, day, hour = 0, minute = 0, second = 0;
	int64_t offset = 0;

	*out = 0;
	if ((year = take_digits(&s, 4)) < 0 || !take_char(&s, '-') ||
	    (month = take_digits(&s, 2)) < 1 || month > 12 || !take_char(&s, '-') ||
	    (day = take_digits(&s, 2)) < 1 || day > days_in_month(year, month))
		return false;
	if (*s != '\0') {
		if (!take_char(&s, 'T') && !take_char(&s, 't') &&
		    !take_char(&s, ' '))
			return false;
		if ((hour = take_digits(&s, 2)) < 0 || hour > 23 ||
		    !take_char(&s, ':') || (minute = take_digits(&s, 2)) < 0 ||
		    minute > 59 || !take_char(&s, ':') ||
		    (second = take_digits(&s, 2)) < 0 || second > 60)
			return false;
		if (take_char(&s, '.'))
			while (*s >= '0' && *s <= '9')
				s++;
		if (!take_char(&s, 'Z') && !take_char(&s, 'z')) {
			int sign = *s == '-' ? -1 : 1, oh, om;

			if (*s != '+' && *s != '-')
				return false;
			s++;
			if ((oh = take_digits(&s, 2)) < 0 || oh > 23 ||
			    !take_char(&s, ':') || (om = take_digits(&s, 2)) < 0 ||
			    om > 59)
				return false;
			offset = sign * (oh * 3600 + om * 60);
		}
		if (*s != '\0')
			return false;
	}
	*out = instant_from_civil(year, month, day, hour, minute, second) - offset;
	return true;
}
