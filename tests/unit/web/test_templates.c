/*
 * The template compiler: what escaping cannot make safe does not compile, and
 * what compiles is escaped.  The compiler lies beside this program, in the build
 * directory's tools/.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "templates.h"
#include "web/html.h"

/* Generated code is part of the module only; here it is tested as it is. */
#include "templates.c"

/* Runs gen_templates DIR FILE, silently; its exit status. */
static int
run_compiler(char *tool, char *dir, char *file)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		close(STDERR_FILENO);
		execl(tool, tool, dir, file, (char *)NULL);
		_exit(127);
	}
	cr_assert(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Whether a template with fields `text x`, `int n`, `flag f` compiles. */
static bool
compiles(const char *body)
{
	static const char *const made[] = {
	    "t.html", "templates.h", "templates.c", "assets.h", "assets.c"};
	char exe[PATH_MAX], tool[PATH_MAX + 32], dir[] = "/tmp/cs-templates-XXXXXX",
						 path[64];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	FILE *f;
	int status;

	cr_assert(n > 0);
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	snprintf(tool, sizeof(tool), "%s/../tools/gen_templates", exe);
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.html", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fprintf(f, "{{page\ntext x\nint n\nflag f\n}}\n%s\n", body);
	fclose(f);
	status = run_compiler(tool, dir, path);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		unlink(path);
	}
	cr_assert_eq(rmdir(dir), 0);
	cr_assert(status == 0 || status == 1, "the compiler did not run");
	return status == 0;
}

Test(compiler, takes_text_and_quoted_attributes)
{
	cr_assert(compiles("<p class=\"a {{x}}\">{{x}} {{n|count}}</p>"));
	cr_assert(compiles("<a href=\"{{x}}\"{{#if f}} class=\"y\"{{/if}}>a</a>"));
	cr_assert(compiles("{{#if f}}<b>{{else}}<b class='z'>{{/if}}</b>"));
	cr_assert(compiles("<!-- no {values} --><p>a</p>"));
}

Test(compiler, refuses_dangerous_places)
{
	cr_assert_not(compiles("<p class={{x}}>a</p>"));
	cr_assert_not(compiles("<p {{x}}>a</p>"));
	cr_assert_not(compiles("<{{x}}>a"));
	cr_assert_not(compiles("<script>var a = \"{{x}}\";</script>"));
	cr_assert_not(compiles("<style>{{x}}</style>"));
	cr_assert_not(compiles("<p onclick=\"{{x}}\">a</p>"));
	cr_assert_not(compiles("<p style=\"{{x}}\">a</p>"));
	cr_assert_not(compiles("<iframe srcdoc=\"{{x}}\"></iframe>"));
	cr_assert_not(compiles("<!-- {{x}} -->"));
}

Test(compiler, refuses_mistakes)
{
	cr_assert_not(compiles("{{y}}"));
	cr_assert_not(compiles("{{x|count}}"));
	cr_assert_not(compiles("{{n|money}}"));
	cr_assert_not(compiles("{{#if f}}a"));
	cr_assert_not(compiles("{{/if}}"));
	cr_assert_not(compiles("{{#each x}}{{/each}}"));
	cr_assert_not(compiles("{{#if f}}<p{{/if}}>a</p>"));
	cr_assert_not(compiles("{{> nothing x}}"));
	cr_assert_not(compiles("{{@nothing.css}}"));
	cr_assert_not(compiles("<p class=\"a"));
}

Test(pages, foreign_text_stays_text)
{
	static const char evil[] = "\"><script>alert(1)</script>";
	struct tpl_head head = {
	    .title = evil, .vendor = evil, .assurance = evil, .identity = evil};
	struct tpl_bucket_row row = {.rank = 1,
	    .href = "javascript:alert(1)",
	    .title = evil,
	    .class = evil,
	    .mark = evil,
	    .spark = evil,
	    .last_words = evil};
	struct tpl_trend trend = {.points = evil};
	struct tpl_buckets t = {.frame = &head,
	    .trend = &trend,
	    .rows = &row,
	    .num_rows = 1,
	    .curve = evil,
	    .host = evil};
	struct buf b;
	struct html h = {.out = &b};

	buf_init(&b, 0);
	tpl_buckets(&h, &t);
	cr_assert(buf_ok(&b));
	cr_assert_null(strstr(buf_str(&b), "<script"));
	cr_assert_null(strstr(buf_str(&b), "javascript:"));
	cr_assert_not_null(strstr(buf_str(&b), "&lt;script&gt;"));
	buf_free(&b);
}
