/* The operator's settings; see settings.h. */
#include "base/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any sensible file; a loop that includes itself ends here. */
#define SETTINGS_MAX 512

struct settings {
	size_t num;
	struct {
		char *key; /* "section.key" */
		char *value;
	} pair[SETTINGS_MAX];
};

static int
on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct settings *s = user;
	char key[256];
	char *copy;

	if (snprintf(key, sizeof(key), "%s.%s", section, name) >= (int)sizeof(key))
		return 0;
	if ((copy = strdup(value)) == NULL)
		return 0;
	for (size_t i = 0; i < s->num; i++) {
		if (strcmp(s->pair[i].key, key) == 0) {
			free(s->pair[i].value);
			s->pair[i].value = copy;
			return 1;
		}
	}
	if (s->num == SETTINGS_MAX || (s->pair[s->num].key = strdup(key)) == NULL) {
		free(copy);
		return 0;
	}
	s->pair[s->num++].value = copy;
	return 1;
}

static bool
read_one(struct settings *s, const char *path, const char **error)
{
	static char message[512];
	int line = ini_parse(path, on_pair, s);

	if (line == 0)
		return true;
	if (line < 0)
		snprintf(message, sizeof(message), "%s: %s", path, strerror(errno));
	else
		snprintf(message, sizeof(message),
		    "%s:%d: neither a [section] nor a key = value", path, line);
	*error = message;
	return false;
}

struct settings *
settings_read(const char *path, const char **error)
{
	struct settings *s = calloc(1, sizeof(*s));
	const char *more = getenv("COUNTERSIGN_SETTINGS");
	char *list = NULL, *save = NULL;

	*error = "out of memory";
	if (s == NULL)
		return NULL;
	if (!read_one(s, path, error))
		goto fail;
	if (more != NULL) {
		if ((list = strdup(more)) == NULL)
			goto fail;
		for (char *f = strtok_r(list, ":", &save); f != NULL;
		     f = strtok_r(NULL, ":", &save)) {
			if (!read_one(s, f, error))
				goto fail;
		}
		free(list);
	}
	*error = NULL;
	return s;
fail:
	free(list);
	settings_free(s);
	return NULL;
}

void
settings_free(struct settings *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->num; i++) {
		free(s->pair[i].key);
		free(s->pair[i].value);
	}
	free(s);
}

const char *
settings_get(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->num; i++) {
		if (strcmp(s->pair[i].key, key) == 0)
			return s->pair[i].value;
	}
	return NULL;
}

const char *
settings_string(const struct settings *s, const char *key)
{
	const char *v = settings_get(s, key);

	if (v == NULL) {
		fprintf(stderr,
		    "countersign: the settings lack %s; conf/countersign.ini lists "
		    "every key with its default\n",
		    key);
		exit(2);
	}
	return v;
}

int64_t
settings_number(const struct settings *s, const char *key)
{
	static const struct {
		const char *suffix;
		int64_t factor;
	} unit[] = {{"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30},
	    {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	const char *v = settings_string(s, key);
	char *end;
	int64_t n, out;

	errno = 0;
	n = strtoll(v, &end, 10);
	for (size_t i = 0;
	     end != v && errno == 0 && i < sizeof(unit) / sizeof(*unit); i++) {
		if (strcmp(end, unit[i].suffix) == 0 &&
		    !__builtin_mul_overflow(n, unit[i].factor, &out))
			return out;
	}
	fprintf(stderr,
	    "countersign: setting %s is \"%s\"; a whole number is wanted, with "
	    "k, m "
	    "or g for bytes or s, min, h or d for a time\n",
	    key, v);
	exit(2);
}

bool
settings_bool(const struct settings *s, const char *key)
{
	const char *v = settings_string(s, key);

	if (strcmp(v, "yes") == 0)
		return true;
	if (strcmp(v, "no") == 0)
		return false;
	fprintf(stderr, "countersign: setting %s is \"%s\"; yes or no is wanted\n",
	    key, v);
	exit(2);
}
