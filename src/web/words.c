/*
 * Small texts; see words.h.
 */
#include "web/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "web/html.h"

const char *
words(struct crash_arena *a, const char *fmt, ...)
{
	char text[1024];
	const char *copy;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0)
		return "";
	copy = crash_arena_strndup(a, text, strlen(text));
	return copy == NULL ? "" : copy;
}

const char *
words_ago(struct crash_arena *a, int64_t now, int64_t then)
{
	int64_t s = now - then;
	struct buf day;
	struct html h = {.out = &day};
	const char *text;

	if (s < 60)
		return "just now";
	if (s < 3600)
		return words(a, "%" PRId64 " min ago", s / 60);
	if (s < 48 * 3600)
		return words(a, "%" PRId64 " h ago", s / 3600);
	if (s < 14 * 86400)
		return words(a, "%" PRId64 " d ago", s / 86400);
	buf_init(&day, 64);
	html_day(&h, then);
	text = words(a, "%s", buf_str(&day));
	buf_free(&day);
	return text;
}

const char *
words_label_field(const char *type, int index)
{
	static const char *const crash[] = {"Application", "Application version",
	    "Application timestamp", "Module", "Module version", "Module timestamp",
	    "Exception code", "Exception offset"};
	static const char *const bex[] = {"Application", "Application version",
	    "Application timestamp", "Module", "Module version", "Module timestamp",
	    "Exception offset", "Exception code"};
	static const char *const package[] = {"Package", "Application",
	    "Application version", "Application timestamp", "Module",
	    "Module version", "Module timestamp", "Exception code"};

	if (index < 0 || index > 7)
		return "";
	if (strncmp(type, "BEX", 3) == 0)
		return bex[index];
	if (strcmp(type, "MoAppCrash") == 0)
		return package[index];
	return crash[index];
}

const char *
words_rule(const char *rule)
{
	static const struct {
		const char *rule, *text;
	} known[] = {{"faulting-module",
			 "Blamed: the module that faulted, which is neither the "
			 "platform's nor a library's."},
	    {"first-caller",
		"Blamed: the first caller that is neither the platform's nor a "
		"library's."},
	    {"return-address",
		"The program counter lay outside every module; the return "
		"addresses decided."},
	    {"unloaded-module",
		"Blamed: a module that was called after it had been unloaded."},
	    {"application",
		"Nobody else was left on the stack, so the application is blamed."},
	    {"none", ""}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].rule, rule) == 0)
			return known[i].text;
	return rule;
}
