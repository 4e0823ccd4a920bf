/*
 * Reading stored JSON; see stored.h.
 */
#include "web/stored.h"

#include <jansson.h>

static const json_t *
value(const struct stored *s)
{
	return (const json_t *)s;
}

struct stored *
stored_parse(const char *text)
{
	return text == NULL ? NULL : (struct stored *)json_loads(text, 0, NULL);
}

void
stored_free(struct stored *s)
{
	json_decref((json_t *)s);
}

const struct stored *
stored_get(const struct stored *s, const char *key)
{
	return (const struct stored *)json_object_get(value(s), key);
}

const struct stored *
stored_at(const struct stored *s, size_t index)
{
	return (const struct stored *)json_array_get(value(s), index);
}

size_t
stored_len(const struct stored *s)
{
	return json_array_size(value(s));
}

const char *
stored_text(const struct stored *s, const char *key)
{
	const char *text = json_string_value(json_object_get(value(s), key));

	return text == NULL ? "" : text;
}

bool
stored_is_index(const struct stored *s, const char *key, size_t index)
{
	const json_t *n = json_object_get(value(s), key);

	return json_is_integer(n) && json_integer_value(n) >= 0 &&
	    (size_t)json_integer_value(n) == index;
}

char *
stored_dump(const struct stored *s)
{
	return s == NULL ? NULL : json_dumps(value(s), JSON_COMPACT);
}
