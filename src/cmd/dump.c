/*
 * countersign dump FILE... [--binaries DIR] [--rules FILE] --json: what
 * crash_examine() makes of each file (design, section 7).  Without --json, a
 * few lines for the eye.  The list of rules is --rules, else conf/rules.conf
 * beside the folder of the program, else the one that was compiled in.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/dump.h"
#include "crash/image.h"
#include "crash/report.h"

struct options {
	bool json;
	const char *binaries, *rules;
};

static int
usage(void)
{
	fputs("usage: countersign dump FILE... [--binaries DIR] "
	      "[--rules FILE] [--json]\n",
	    stderr);
	return CMD_USAGE;
}

/* conf/rules.conf of the tree or installation that this program is in. */
static bool
rules_beside_program(struct buf *out)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *slash;

	if (len <= 0)
		return false;
	path[len] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(path, '/');
		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	memcpy(path + strlen(path), "/conf/rules.conf", sizeof("/conf/rules.conf"));
	return dump_read_file(out, path, CRASH_MAX_RULES_TEXT);
}

static struct crash_rules *
read_rules(const char *given)
{
	struct buf text;
	struct crash_rules *rules;
	const char *wrong, *name = given;
	unsigned line;

	buf_init(&text, CRASH_MAX_RULES_TEXT + 1);
	if (given != NULL) {
		if (!dump_read_file(&text, given, CRASH_MAX_RULES_TEXT)) {
			fprintf(stderr, "countersign: %s: %s\n", given,
			    strerror(errno));
			buf_free(&text);
			return NULL;
		}
	} else if (rules_beside_program(&text)) {
		name = "conf/rules.conf";
	} else {
		buf_reset(&text);
		buf_puts(&text, crash_rules_default_text);
		name = "rules";
	}
	rules =
	    crash_rules_parse_line(bytes_of(text.data, text.len), &wrong, &line);
	if (rules == NULL)
		fprintf(stderr, "countersign: %s:%u: %s\n", name, line, wrong);
	buf_free(&text);
	return rules;
}

static void
print_text(const struct crash_report *r, const char *file)
{
	char tmp[CRASH_PLACE_NAME_LEN];

	printf("%s: %s, %s %s, %s\n", file, r->bucket.title,
	    crash_os_text(r->os) != NULL ? crash_os_text(r->os) : "unknown",
	    r->os_version != NULL ? r->os_version : "", r->bucket.class_text);
	if (r->label.type != NULL) {
		printf("  %s", r->label.type);
		for (int i = 0; i < 8; i++)
			printf(" %s", r->label.p[i]);
		printf("\n");
	}
	for (unsigned i = 0; i < r->num_frames; i++) {
		const struct crash_place *p = &r->frames[i].place;
		const char *name = crash_place_name(r, p, tmp);

		printf("  %2u  %s+0x%" PRIx64 "  (%s)\n", i,
		    name != NULL ? name : "?", p->offset,
		    crash_trust_text(r->frames[i].trust));
	}
	printf("  blamed: %s (%s)\n",
	    r->blame.module != NULL ? r->blame.module : "nobody",
	    crash_blame_rule_text(r->blame.rule));
}

static void
print_json(enum crash_error e, const struct crash_report *r, const char *file,
    const uint8_t *sha256)
{
	struct buf out;
	struct json j;

	buf_init(&out, 0);
	json_init(&j, &out);
	if (e == CRASH_OK)
		crash_report_json_with(&j, r, file, sha256);
	else
		crash_error_json(&j, e, file, sha256);
	printf("%s\n", buf_str(&out));
	buf_free(&out);
}

/* A file that the system does not let us read. */
static int
unreadable(const char *file, const struct options *opt)
{
	int error = errno;
	struct buf out;
	struct json j;

	fprintf(stderr, "countersign: %s: %s\n", file, strerror(error));
	if (!opt->json)
		return CMD_REFUSED;
	if (error == EFBIG) {
		print_json(CRASH_ETOOLARGE, NULL, file, NULL);
		return CMD_REFUSED;
	}
	buf_init(&out, 0);
	json_init(&j, &out);
	json_begin_object(&j);
	json_kv_string(&j, "file", file);
	json_kv_string(&j, "error", "unreadable");
	json_end_object(&j);
	printf("%s\n", buf_str(&out));
	buf_free(&out);
	return CMD_REFUSED;
}

static int
one_file(const char *file, const struct options *opt,
    const struct crash_rules *rules, const struct crash_images *images)
{
	struct crash_report *r;
	uint8_t sha256[32];
	struct buf dump;
	enum crash_error e;

	buf_init(&dump, CRASH_MAX_DUMP + 1);
	r = malloc(sizeof(*r));
	if (r == NULL || !dump_read_file(&dump, file, CRASH_MAX_DUMP)) {
		free(r);
		buf_free(&dump);
		return unreadable(file, opt);
	}
	(void)crypto_hash_sha256(sha256, dump.data, dump.len);
	e = crash_examine_with(r, bytes_of(dump.data, dump.len), rules, images);
	if (opt->json)
		print_json(e, r, file, sha256);
	else if (e == CRASH_OK)
		print_text(r, file);
	if (e != CRASH_OK)
		fprintf(stderr, "countersign: %s: %s: %s\n", file,
		    crash_error_text(e), crash_error_sentence(e));
	crash_report_free(r);
	free(r);
	buf_free(&dump);
	return e == CRASH_OK ? CMD_DONE : CMD_REFUSED;
}

static bool
parse_options(struct options *opt, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"json", no_argument, NULL, 'j'},
	    {"binaries", required_argument, NULL, 'b'},
	    {"rules", required_argument, NULL, 'r'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt->json = true;
			break;
		case 'b':
			opt->binaries = optarg;
			break;
		case 'r':
			opt->rules = optarg;
			break;
		default:
			return false;
		}
	}
	return optind < argc;
}

int
cmd_dump(int argc, char **argv)
{
	struct options opt = {.json = false};
	struct dump_binaries *binaries = NULL;
	struct crash_rules *rules;
	int status = CMD_DONE;

	if (!parse_options(&opt, argc, argv))
		return usage();
	rules = read_rules(opt.rules);
	if (rules == NULL)
		return CMD_USAGE;
	if (opt.binaries != NULL) {
		binaries = dump_binaries_read(opt.binaries);
		if (binaries == NULL) {
			fprintf(stderr, "countersign: %s: %s\n", opt.binaries,
			    strerror(errno));
			crash_rules_free(rules);
			return CMD_USAGE;
		}
	}
	for (int i = optind; i < argc; i++) {
		int s =
		    one_file(argv[i], &opt, rules, dump_binaries_images(binaries));

		if (s != CMD_DONE)
			status = s;
	}
	dump_binaries_free(binaries);
	crash_rules_free(rules);
	return status;
}
