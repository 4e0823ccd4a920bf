/*
 * countersign signature FILE...: is each file signed, by whom, and does the
 * signature hold?  Everything that decides comes from the command line: the
 * roots, the intermediates, the map that stands for the network, the time.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/json.h"
#include "cmd/aia_map.h"
#include "cmd/cmd.h"
#include "cmd/lazy_roots.h"
#include "cmd/map.h"
#include "cmd/signature_text.h"
#include "pki/aia.h"
#include "pki/authenticode.h"
#include "pki/crl.h"

/* What the options come to. */
struct run {
	bool json;
	int64_t at;
	struct lazy_roots lazy;
	struct trust_store roots;
	struct certificates intermediates;
	struct aia_map *map;
	struct crls crls;
};

static int
usage(void)
{
	fputs("usage: countersign signature FILE... [--roots PEM] "
	      "[--intermediates PEM]... [--aia-map JSON]\n"
	      "           [--crl FILE]... [--at RFC3339] [--json]\n",
	    stderr);
	return CMD_USAGE;
}

static void
before_chain(void *context, const struct certificates *set)
{
	struct run *run = context;

	lazy_roots_want(&run->lazy, &run->roots, set);
}

static bool
revoked(void *context, const struct path *path, size_t index, int64_t at)
{
	struct run *run = context;

	return crl_revoked(
	    &run->crls, path->cert[index], path->cert[index + 1], at);
}

/* One file that an option names, handed to a reader while it is mapped. */
static bool
read_option(struct run *run, int option, const char *path)
{
	struct certificate *cert;
	struct bytes file;
	size_t offset = 0;
	bool ok, bad = false;

	if (!map_open(&file, path))
		return false;
	if (option == 'r') {
		ok = lazy_roots_read(&run->lazy, file);
	} else if (option == 'c') {
		ok = crl_add(&run->crls, file);
	} else if ((cert = certificate_parse(file)) != NULL) {
		ok =
		    certificates_add(&run->intermediates, cert, SOURCE_GIVEN, NULL);
		certificate_free(cert);
	} else {
		size_t before = run->intermediates.num;

		while ((cert = certificate_next_pem(file, &offset, &bad)) != NULL) {
			certificates_add(
			    &run->intermediates, cert, SOURCE_GIVEN, NULL);
			certificate_free(cert);
		}
		ok = !bad && run->intermediates.num > before;
	}
	map_close(&file);
	if (!ok)
		fprintf(stderr, "countersign: %s: cannot be read as %s\n", path,
		    option == 'c' ? "a CRL" : "certificates");
	return ok;
}

/* CMD_DONE when the options are good and optind stands at the first file. */
static int
read_options(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
	    {"roots", required_argument, NULL, 'r'},
	    {"intermediates", required_argument, NULL, 'i'},
	    {"aia-map", required_argument, NULL, 'm'},
	    {"crl", required_argument, NULL, 'c'},
	    {"at", required_argument, NULL, 't'}, {"json", no_argument, NULL, 'j'},
	    {NULL, 0, NULL, 0}};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'r':
		case 'i':
		case 'c':
			if (!read_option(run, c, optarg))
				return CMD_USAGE;
			break;
		case 'm':
			aia_map_free(run->map);
			if ((run->map = aia_map_read(optarg)) == NULL)
				return CMD_USAGE;
			break;
		case 't':
			if (!instant_parse(&run->at, optarg)) {
				fprintf(stderr,
				    "countersign: \"%s\" is no time such "
				    "as 2026-11-22T14:02:00Z\n",
				    optarg);
				return CMD_USAGE;
			}
			break;
		case 'j':
			run->json = true;
			break;
		default:
			return usage();
		}
	}
	return optind < argc ? CMD_DONE : usage();
}

static void
print(const struct run *run, const struct signed_file *file, const char *name)
{
	struct buf out;
	struct json json;

	buf_init(&out, 0);
	if (run->json) {
		json_init(&json, &out);
		signed_file_json(&json, file, name);
		buf_putc(&out, '\n');
	} else {
		signature_text(&out, file, name);
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
}

/* Is the file genuine? */
static bool
examine(struct run *run, const char *name)
{
	/* a pool of the file's own: what was fetched for one file is not
	 * shown as found for the next */
	struct certificates pool = {0};
	struct signature_options options = {.roots = &run->roots,
	    .intermediates = &pool,
	    .at = run->at,
	    .capability = CAPABILITY_BINARIES,
	    .sha1_with_timestamp = true,
	    .before_chain = before_chain,
	    .context = run,
	    .revoked = run->crls.num > 0 ? revoked : NULL};
	struct signed_file file;
	struct bytes map;
	bool genuine;

	if (!map_open(&map, name))
		return false;
	for (size_t i = 0; i < run->intermediates.num; i++)
		certificates_add(
		    &pool, run->intermediates.item[i].cert, SOURCE_GIVEN, NULL);
	authenticode_examine(&file, map, &options);
	map_close(&map);
	if (run->map != NULL)
		aia_map_complete(run->map, &file, &options, &pool);
	genuine = file.verdict == VERDICT_GENUINE;
	print(run, &file, name);
	signed_file_free(&file);
	certificates_clear(&pool);
	return genuine;
}

int
cmd_signature(int argc, char **argv)
{
	struct run run = {.at = time(NULL)};
	int result;

	/* the verdict must not depend on a system's openssl.cnf, and reading it
	 * takes longer than a signature */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	trust_init(&run.roots);
	result = read_options(&run, argc, argv);
	for (int i = optind; result != CMD_USAGE && i < argc; i++)
		if (!examine(&run, argv[i]))
			result = CMD_REFUSED;
	aia_map_free(run.map);
	crl_clear(&run.crls);
	certificates_clear(&run.intermediates);
	trust_free(&run.roots);
	lazy_roots_free(&run.lazy);
	return result;
}
