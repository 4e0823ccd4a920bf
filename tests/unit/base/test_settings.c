/* base/settings: one file, overlays, numbers with units. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/settings.h"

/* Writes text to a new file and leaves its path in path ("XXXXXX" at the end). */
static void
put_file(char *path, const char *text)
{
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static struct settings *
settings_of(const char *text)
{
	char path[] = "/tmp/settings-XXXXXX";
	const char *error;
	struct settings *s;

	put_file(path, text);
	s = settings_read(path, &error);
	unlink(path);
	cr_assert_not_null(s, "%s", error);
	return s;
}

Test(settings, numbers_carry_units)
{
	struct settings *s =
	    settings_of("[a]\nbytes = 2m\ntime = 10min\ndays=3d\nn = 7\n"
			"on = yes\noff = no\n");

	cr_assert_eq(settings_number(s, "a.bytes"), 2 << 20);
	cr_assert_eq(settings_number(s, "a.time"), 600);
	cr_assert_eq(settings_number(s, "a.days"), 3 * 86400);
	cr_assert_eq(settings_number(s, "a.n"), 7);
	cr_assert(settings_bool(s, "a.on"));
	cr_assert_not(settings_bool(s, "a.off"));
	cr_assert_null(settings_get(s, "a.none"));
	settings_free(s);
}

Test(settings, an_overlay_wins_key_by_key)
{
	char path[] = "/tmp/overlay-XXXXXX";
	struct settings *s;

	put_file(path, "[a]\nx = 2\n");
	setenv("COUNTERSIGN_SETTINGS", path, 1);
	s = settings_of("[a]\nx = 1\ny = 5\n");
	unlink(path);
	cr_assert_eq(settings_number(s, "a.x"), 2);
	cr_assert_eq(settings_number(s, "a.y"), 5);
	settings_free(s);
}

/* Static: a process that ends on purpose has not lost what it still holds. */
static struct settings *volatile held;

Test(settings, a_missing_key_ends_the_process_with_its_name, .exit_code = 2)
{
	held = settings_of("[a]\nx = 1\n");
	settings_string(held, "a.missing");
}

Test(settings, a_number_that_is_none_ends_the_process, .exit_code = 2)
{
	held = settings_of("[a]\nx = 12q\n");
	settings_number(held, "a.x");
}

Test(settings, every_line_is_a_section_or_a_pair)
{
	char path[] = "/tmp/settings-XXXXXX";
	const char *error;

	put_file(path, "[a]\nnonsense\n");
	cr_assert_null(settings_read(path, &error));
	unlink(path);
	cr_assert_not_null(strstr(error, ":2:"), "the line is named: %s", error);
}
