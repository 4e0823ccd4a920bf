/*
 * Turns SQL files into C, at build time.
 *
 *	gen_sql queries OUT.h OUT.c FILE.sql...
 *	gen_sql migrations OUT.c FILE.sql...
 *
 * A file of queries opens with `-- roles: web worker` (whose connections
 * prepare its statements, up to the next such line) and holds blocks of
 * `-- name: bucket_top :many` followed by one statement with $1 .. $n. Whatever
 * is not exactly that stops the build with file and line. A migration is taken as
 *it is.
 *
 * An output that would not change is left alone, so that a new WHERE does not
 * recompile the world.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As DB_ARGS_MAX in db/args.h. */
#define PARAMS_MAX   32
#define QUERIES_MAX  1024
#define NAME_MAX_LEN 60 /* an identifier of PostgreSQL has at most 63 bytes */

static const char *const role_names[] = {"web", "worker", "operator", "fetcher"};
#define NUM_ROLES (sizeof(role_names) / sizeof(role_names[0]))

static const char *const kind_names[] = {"many", "one", "exec"};
#define NUM_KINDS (sizeof(kind_names) / sizeof(kind_names[0]))

struct query {
	char name[NAME_MAX_LEN + 1];
	char *sql; /* owned, without comments and the closing semicolon */
	const char *file;
	int line;
	size_t kind;
	unsigned roles;
	int num_params;
};

static struct query queries[QUERIES_MAX];
static size_t num_queries;

static void __attribute__((noreturn, format(printf, 3, 4)))
die(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static char *
read_file(const char *path, size_t *out_len)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 0)
		die(path, 0, "%s", strerror(errno));
	rewind(f);
	if ((text = malloc((size_t)len + 1)) == NULL ||
	    fread(text, 1, (size_t)len, f) != (size_t)len)
		die(path, 0, "cannot be read");
	fclose(f);
	text[len] = '\0';
	*out_len = (size_t)len;
	if (strlen(text) != (size_t)len)
		die(path, 0, "has a NUL byte");
	return text;
}

/* Writes path only if its content would change. */
static void
write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "rb");
	char *old;
	size_t old_len;

	if (f != NULL) {
		fclose(f);
		old = read_file(path, &old_len);
		if (old_len == len && memcmp(old, text, len) == 0) {
			free(old);
			return;
		}
		free(old);
	}
	if ((f = fopen(path, "wb")) == NULL || fwrite(text, 1, len, f) != len ||
	    fclose(f) != 0)
		die(path, 0, "%s", strerror(errno));
}

/* ---- a statement ---- */

/* Moves over one quoted run ('..', "..", doubled quotes inside). */
static const char *
skip_quoted(const struct query *q, const char *p)
{
	char quote = *p++;

	for (; *p != '\0'; p++) {
		if (*p != quote)
			continue;
		if (p[1] != quote)
			return p + 1;
		p++;
	}
	die(q->file, q->line, "%s: a quote is not closed", q->name);
}

static const char *
skip_comment(const struct query *q, const char *p)
{
	const char *end;

	if (p[1] == '-') {
		end = strchr(p, '\n');
		return end == NULL ? p + strlen(p) : end;
	}
	if ((end = strstr(p + 2, "*/")) == NULL)
		die(q->file, q->line, "%s: a comment is not closed", q->name);
	return end + 2;
}

static const char *
take_param(struct query *q, const char *p, bool seen[PARAMS_MAX + 1])
{
	char *end;
	long n;

	if (!isdigit((unsigned char)p[1]))
		die(q->file, q->line,
		    "%s: $ without a number (no dollar quotes here)", q->name);
	n = strtol(p + 1, &end, 10);
	if (n < 1 || n > PARAMS_MAX)
		die(q->file, q->line, "%s: parameter $%ld is not in 1..%d", q->name,
		    n, PARAMS_MAX);
	seen[n] = true;
	if (n > q->num_params)
		q->num_params = (int)n;
	return end;
}

/* Cleans the block's text into q->sql and counts its parameters. */
static void
take_statement(struct query *q, const char *text)
{
	bool seen[PARAMS_MAX + 1] = {false};
	const char *p = text, *from;
	size_t len = 0;

	if ((q->sql = malloc(strlen(text) + 1)) == NULL)
		die(q->file, q->line, "no memory");
	while (*p != '\0') {
		from = p;
		if ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*')) {
			p = skip_comment(q, p);
			continue;
		}
		if (*p == ';') {
			for (p++; isspace((unsigned char)*p); p++)
				;
			if (p[0] == '-' && p[1] == '-') {
				p = skip_comment(q, p);
				while (isspace((unsigned char)*p) ||
				    (p[0] == '-' && p[1] == '-'))
					p = *p == '-' ? skip_comment(q, p) : p + 1;
			}
			if (*p != '\0')
				die(q->file, q->line, "%s: more than one statement",
				    q->name);
			break;
		}
		if (*p == '\'' || *p == '"')
			p = skip_quoted(q, p);
		else if (*p == '$')
			p = take_param(q, p, seen);
		else
			p++;
		if (len == 0 && isspace((unsigned char)*from))
			continue;
		memcpy(q->sql + len, from, (size_t)(p - from));
		len += (size_t)(p - from);
	}
	while (len > 0 && isspace((unsigned char)q->sql[len - 1]))
		len--;
	q->sql[len] = '\0';
	if (len == 0)
		die(q->file, q->line, "%s has no statement", q->name);
	for (int n = 1; n <= q->num_params; n++)
		if (!seen[n])
			die(q->file, q->line, "%s uses $%d but not $%d", q->name,
			    q->num_params, n);
}

/* ---- a file of queries ---- */

static unsigned
parse_roles(const char *file, int line, char *words)
{
	unsigned roles = 0;
	char *save = NULL;

	for (char *w = strtok_r(words, " \t", &save); w != NULL;
	     w = strtok_r(NULL, " \t", &save)) {
		size_t i = 0;

		while (i < NUM_ROLES && strcmp(w, role_names[i]) != 0)
			i++;
		if (i == NUM_ROLES)
			die(file, line, "there is no role \"%s\"", w);
		roles |= 1u << i;
	}
	if (roles == 0)
		die(file, line, "no role named");
	return roles;
}

static struct query *
new_query(const char *file, int line, unsigned roles, char *words)
{
	struct query *q = &queries[num_queries];
	char *save = NULL, *name = strtok_r(words, " \t", &save);
	char *kind = strtok_r(NULL, " \t", &save);

	if (num_queries == QUERIES_MAX)
		die(file, line, "more than %d queries", QUERIES_MAX);
	if (name == NULL || kind == NULL || strtok_r(NULL, " \t", &save) != NULL)
		die(file, line, "expected: -- name: NAME :many|:one|:exec");
	if (strlen(name) > NAME_MAX_LEN || !islower((unsigned char)name[0]) ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) ||
	    strcmp(name, "num") == 0 || strncmp(name, "kind_", 5) == 0)
		die(file, line, "\"%s\" is no name for a query", name);
	for (size_t i = 0; i < num_queries; i++)
		if (strcmp(queries[i].name, name) == 0)
			die(file, line, "%s is also at %s:%d", name,
			    queries[i].file, queries[i].line);
	if (roles == 0)
		die(file, line, "%s comes before any \"-- roles:\" line", name);
	for (q->kind = 0; q->kind < NUM_KINDS; q->kind++)
		if (kind[0] == ':' && strcmp(kind + 1, kind_names[q->kind]) == 0)
			break;
	if (q->kind == NUM_KINDS)
		die(file, line, "%s: kind \"%s\" is none of :many :one :exec", name,
		    kind);
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->file = file;
	q->line = line;
	q->roles = roles;
	num_queries++;
	return q;
}

/* Text between two blocks' heads; q is NULL before the first one. */
static void
close_block(struct query *q, const char *file, char *text)
{
	const char *p = text;

	if (q != NULL) {
		take_statement(q, text);
		return;
	}
	for (int line = 1; *p != '\0'; line++) {
		const char *end = strchr(p, '\n');

		if (strncmp(p, "--", 2) != 0 && *p != '\n')
			die(file, line,
			    "a statement without \"-- name:\" before it");
		p = end == NULL ? p + strlen(p) : end + 1;
	}
}

static void
parse_queries(const char *file)
{
	size_t len, block_len = 0;
	char *text = read_file(file, &len), *block = malloc(len + 2), *p = text;
	struct query *q = NULL;
	unsigned roles = 0;

	if (block == NULL)
		die(file, 0, "no memory");
	block[0] = '\0';
	for (int line = 1; *p != '\0'; line++) {
		size_t n = strcspn(p, "\n");
		char *next = p + n + (p[n] == '\n');

		if (strncmp(p, "-- roles:", 9) == 0) {
			p[n] = '\0';
			roles = parse_roles(file, line, p + 9);
			n = 0;
		} else if (strncmp(p, "-- name:", 8) == 0) {
			p[n] = '\0';
			close_block(q, file, block);
			q = new_query(file, line, roles, p + 8);
			n = block_len = 0;
		}
		memcpy(block + block_len, p, n);
		block_len += n;
		block[block_len++] = '\n';
		block[block_len] = '\0';
		p = next;
	}
	close_block(q, file, block);
	free(block);
	free(text);
}

/* ---- output ---- */

static void
print_string(FILE *f, const char *s)
{
	fputs("\t    \"", f);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n' && s[1] != '\0')
			fputs("\\n\"\n\t    \"", f);
		else if (c == '\n')
			fputs("\\n", f);
		else if (c == '"' || c == '\\' || c == '?')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(f, "\\%03o", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static const char *
upper(const char *s)
{
	static char out[NAME_MAX_LEN + 1];
	size_t i;

	for (i = 0; s[i] != '\0' && i < NAME_MAX_LEN; i++)
		out[i] = (char)toupper((unsigned char)s[i]);
	out[i] = '\0';
	return out;
}

static void
print_header(FILE *f)
{
	fputs("/* Made by tools/gen_sql from queries/; do not edit. */\n"
	      "#ifndef QUERIES_H\n#define QUERIES_H\n\n"
	      "/* Whose connections prepare a statement. */\n",
	    f);
	for (size_t i = 0; i < NUM_ROLES; i++)
		fprintf(
		    f, "#define DB_ROLE_%s %uu\n", upper(role_names[i]), 1u << i);
	fputs("\nenum query_kind {\n", f);
	for (size_t i = 0; i < NUM_KINDS; i++)
		fprintf(f, "\tQUERY_KIND_%s,\n", upper(kind_names[i]));
	fputs("};\n\nenum query {\n", f);
	for (size_t i = 0; i < num_queries; i++)
		fprintf(f, "\tQUERY_%s,\n", upper(queries[i].name));
	fputs("\tQUERY_NUM\n};\n\nstruct query_info {\n\tconst char *name;\n"
	      "\tconst char *sql;\n\tint num_params;\n\tenum query_kind kind;\n"
	      "\tunsigned roles; /* DB_ROLE_* */\n};\n\n"
	      "extern const struct query_info queries[QUERY_NUM];\n\n#endif\n",
	    f);
}

static void
print_table(FILE *f)
{
	fputs("/* Made by tools/gen_sql from queries/; do not edit. */\n"
	      "#include \"queries.h\"\n\n"
	      "const struct query_info queries[QUERY_NUM] = {\n",
	    f);
	for (size_t i = 0; i < num_queries; i++) {
		const struct query *q = &queries[i];

		fprintf(f, "\t{ /* %s:%d */\n\t    \"%s\",\n", q->file, q->line,
		    q->name);
		print_string(f, q->sql);
		fprintf(f, ",\n\t    %d, QUERY_KIND_%s, %uu},\n", q->num_params,
		    upper(kind_names[q->kind]), q->roles);
	}
	fputs("};\n", f);
}

/* NNNN_what.sql, numbers going up by one from 1. */
static void
print_migration(FILE *f, const char *path, int want)
{
	const char *base =
	    strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	size_t len;
	char *text, *end;
	long version = strtol(base, &end, 10);

	if (end != base + 4 || *end != '_' || strlen(base) < 10)
		die(path, 0, "a migration is called NNNN_what.sql");
	if (version != want)
		die(path, 0, "its number should be %04d", want);
	text = read_file(path, &len);
	fprintf(f, "\t{%ld, \"%.*s\",\n", version, (int)(strlen(base) - 4), base);
	print_string(f, text);
	fprintf(f, ",\n\t    %zu},\n", len);
	free(text);
}

static void
emit(const char *path, void (*print)(FILE *, int, char **), int num, char **files)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		die(path, 0, "%s", strerror(errno));
	print(f, num, files);
	fclose(f);
	write_file(path, text, len);
	free(text);
}

static void
emit_header(FILE *f, int num, char **files)
{
	(void)num, (void)files;
	print_header(f);
}

static void
emit_table(FILE *f, int num, char **files)
{
	(void)num, (void)files;
	print_table(f);
}

static void
emit_migrations(FILE *f, int num, char **files)
{
	fputs("/* Made by tools/gen_sql from migrations/; do not edit. */\n"
	      "#include \"db/migrate.h\"\n\n"
	      "const struct migration migrations[] = {\n",
	    f);
	for (int i = 0; i < num; i++)
		print_migration(f, files[i], i + 1);
	fprintf(f, "\t{0, 0, 0, 0}\n};\n\nconst int num_migrations = %d;\n", num);
}

int
main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "queries") == 0) {
		for (int i = 4; i < argc; i++)
			parse_queries(argv[i]);
		emit(argv[2], emit_header, 0, NULL);
		emit(argv[3], emit_table, 0, NULL);
		for (size_t i = 0; i < num_queries; i++)
			free(queries[i].sql);
		return 0;
	}
	if (argc >= 3 && strcmp(argv[1], "migrations") == 0) {
		emit(argv[2], emit_migrations, argc - 3, argv + 3);
		return 0;
	}
	fprintf(stderr,
	    "usage: gen_sql queries OUT.h OUT.c FILE...\n"
	    "       gen_sql migrations OUT.c FILE...\n");
	return 2;
}
