/* See craft.h. */
#include "craft.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
generator(char *out, size_t len)
{
	ssize_t n = readlink("/proc/self/exe", out, len - 32);
	char *slash;

	cr_assert_gt(n, 0);
	out[n] = '\0';
	slash = strrchr(out, '/');
	cr_assert_not_null(slash);
	memcpy(slash, "/make_minidump", sizeof("/make_minidump"));
}

struct craft
craft_dump(const char *options)
{
	char program[1024], path[] = "/tmp/craft-XXXXXX", command[8192];
	struct craft c = {.data = NULL};
	int fd = mkstemp(path);
	FILE *f;
	long len;

	cr_assert_geq(fd, 0);
	(void)close(fd);
	generator(program, sizeof(program));
	(void)snprintf(
	    command, sizeof(command), "'%s' %s '%s'", program, options, path);
	cr_assert_eq(system(command), 0, "%s", command);
	f = fopen(path, "rb");
	cr_assert_not_null(f);
	cr_assert_eq(fseek(f, 0, SEEK_END), 0);
	len = ftell(f);
	cr_assert_gt(len, 0);
	rewind(f);
	c.len = (size_t)len;
	c.data = malloc(c.len);
	cr_assert_not_null(c.data);
	cr_assert_eq(fread(c.data, 1, c.len, f), c.len);
	(void)fclose(f);
	(void)unlink(path);
	return c;
}

void
craft_free(struct craft *c)
{
	free(c->data);
	c->data = NULL;
	c->len = 0;
}

uint32_t
craft_u32(const struct craft *c, size_t at)
{
	uint32_t v;

	cr_assert(bytes_u32(bytes_of(c->data, c->len), at, &v));
	return v;
}

void
craft_put32(struct craft *c, size_t at, uint32_t v)
{
	cr_assert_leq(at + 4, c->len);
	for (int i = 0; i < 4; i++)
		c->data[at + (size_t)i] = (uint8_t)(v >> (8 * i));
}

size_t
craft_entry(const struct craft *c, uint32_t type)
{
	uint32_t num = craft_u32(c, 8), at = craft_u32(c, 12);

	for (uint32_t i = 0; i < num; i++)
		if (craft_u32(c, at + 12 * (size_t)i) == type)
			return at + 12 * (size_t)i;
	cr_assert_fail("no stream %u", type);
	return 0;
}

size_t
craft_stream(const struct craft *c, uint32_t type)
{
	return craft_u32(c, craft_entry(c, type) + 8);
}

const struct crash_rules *
craft_rules(void)
{
	static const char text[] = "version 7\nplatform NTDLL.dll\n"
				   "library vcruntime*\n";
	static struct crash_rules *rules;
	const char *wrong;

	if (rules == NULL)
		rules = crash_rules_parse(bytes_of(text, strlen(text)), &wrong);
	cr_assert_not_null(rules);
	return rules;
}

enum crash_error
craft_examine(struct crash_report *r, const struct craft *c)
{
	return crash_examine(r, bytes_of(c->data, c->len), craft_rules());
}

void
craft_report(struct crash_report *r, const char *options)
{
	struct craft c = craft_dump(options);
	enum crash_error e = craft_examine(r, &c);

	cr_assert_eq(e, CRASH_OK, "%s", crash_error_text(e));
	craft_free(&c);
}
