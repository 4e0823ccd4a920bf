/* Whose file it is, by its signatures. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "work/binary.h"

static struct binary_standing
judge(const char *verdict, size_t num, const struct binary_signature *s)
{
	struct binary *b = calloc(1, sizeof(*b));
	struct binary_standing out;

	snprintf(b->verdict, sizeof(b->verdict), "%s", verdict);
	b->num_signatures = num;
	for (size_t i = 0; i < num; i++)
		b->signatures[i] = s[i];
	out = binary_judge(b);
	free(b);
	return out;
}

Test(binary, standing_by_import)
{
	static struct binary_signature genuine = {.genuine = true},
				       shared = {.genuine = true, .shared = true},
				       refused = {.genuine = false},
				       nested = {.genuine = true, .nested = true};
	static struct binary_signature s[2];
	struct binary_standing r;

	s[0] = genuine;
	s[1] = nested;
	r = judge("genuine", 2, s);
	cr_expect(r.signature == 0 && strcmp(r.standing, "firm") == 0);
	s[0] = shared;
	r = judge("genuine", 2, s);
	cr_expect(r.signature == 1 && strcmp(r.standing, "provisional") == 0);
	r = judge("genuine", 1, s);
	cr_expect(r.signature == -1 && strcmp(r.standing, "unowned") == 0);
	s[0] = refused;
	r = judge("genuine", 2, s);
	cr_expect(r.signature == 1 && strcmp(r.standing, "firm") == 0);
	r = judge("unsigned", 0, s);
	cr_expect(r.signature == -1 && strcmp(r.standing, "unowned") == 0);
	/* a container that is malformed has no owner, whatever is in it */
	s[0] = genuine;
	r = judge("refused", 1, s);
	cr_expect(r.signature == -1 && strcmp(r.standing, "unowned") == 0);
}

Test(binary, answers_of_a_child)
{
	static const char *const bad[] = {"", "[]", "{\"pe\":true}",
	    "{\"pe\":true,\"code_id\":\"1\",\"stripped\":\"zz\",\"signature\":{"
	    "\"verdict\":"
	    "\"genuine\"}}"};
	struct binary *b = calloc(1, sizeof(*b));

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(
		    binary_read(b, bytes_of(bad[i], strlen(bad[i]))), "%s", bad[i]);
		binary_free(b);
	}
	cr_expect(binary_read(b, bytes_of("{\"pe\":false}", 12)));
	cr_expect_not(b->pe);
	free(b);
}
