/*
 * Compiles the templates of assets/ into C.  A template has a head that names its
 *fields and their types, and a body of HTML with {{...}}:
 *
 *	{{type crumb            a type of its own, for lists
 *	text label
 *	text href
 *	}}
 *	{{page                  the fields of this template: struct tpl_FILENAME
 *	text title
 *	int hits
 *	flag is_new
 *	list crumb crumbs
 *	sub frame frame
 *	}}
 *	<h1>{{title}}</h1> {{hits|count}}
 *	{{#each crumbs}}<a href="{{href}}">{{label}}</a>{{/each}}
 *	{{#if is_new}}new{{else}}old{{/if}}
 *	{{> frame_top frame}}   another template, with a sub (or . for the element)
 *	{{@app.css}}            the address of an asset
 *
 * Every value is escaped; there is no form that is not.  What escaping cannot
 * make safe does not compile: a value inside a tag but outside a quoted
 * attribute, in script or style, in an event handler or a style attribute.  A
 * value that begins an address (href, src, action) goes through html_url().
 */
#include <ctype.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TYPES  96
#define MAX_FIELDS 48
#define MAX_FILES  128
#define MAX_DEPTH  12
#define NAME_LEN   48

enum kind { TEXT, INT, FLAG, LIST, SUB };

struct field {
	enum kind kind;
	char name[NAME_LEN];
	char type[NAME_LEN]; /* of LIST and SUB */
};

struct type {
	char name[NAME_LEN];
	bool is_page; /* has a body, hence a function */
	size_t num;
	struct field field[MAX_FIELDS];
};

struct file {
	const char *path;
	char name[NAME_LEN]; /* base name without .html, or with its ending */
	char *data;
	size_t len;
	size_t body; /* where the body begins, of a template */
	char hash[17];
};

static struct type types[MAX_TYPES];
static size_t num_types;
static struct file files[MAX_FILES];
static size_t num_files;

/* Where in the HTML the body stands. */
enum context { CTX_TEXT, CTX_TAG, CTX_QUOTED, CTX_RAWTEXT, CTX_COMMENT };

struct scope {
	const struct type *type;
	int var;      /* v0, v1, ... */
	bool is_loop; /* else an #if */
	bool has_else;
	enum context ctx; /* where it began: every branch ends there */
};

struct compiler {
	const struct file *file;
	FILE *out;
	size_t at;
	enum context ctx;
	char quote;
	char attr[NAME_LEN];
	size_t attr_pos; /* bytes or values since the attribute's value began */
	char tag[NAME_LEN];
	int depth, next_var;
	struct scope scope[MAX_DEPTH];
};

static void __attribute__((noreturn, format(printf, 3, 4)))
fail(const struct file *f, size_t at, const char *fmt, ...)
{
	va_list ap;
	size_t line = 1, i;

	for (i = 0; f->data != NULL && i < at && i < f->len; i++)
		line += f->data[i] == '\n';
	fprintf(stderr, "%s:%zu: ", f->path, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static char *
slurp(const char *path, size_t *out_len)
{
	FILE *f = fopen(path, "rb");
	char *data;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	data = malloc((size_t)len + 1);
	if (data == NULL || fread(data, 1, (size_t)len, f) != (size_t)len) {
		perror(path);
		exit(1);
	}
	data[len] = '\0';
	fclose(f);
	*out_len = (size_t)len;
	return data;
}

static struct type *
type_find(const char *name)
{
	for (size_t i = 0; i < num_types; i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* ---- heads ---------------------------------------------------------------- */

static void
head_line(const struct file *f, size_t at, struct type *t, char *line)
{
	char kind[NAME_LEN] = "", a[NAME_LEN] = "", b[NAME_LEN] = "";
	int n = sscanf(line, "%47s %47s %47s", kind, a, b);
	struct field *fd = &t->field[t->num];

	if (n <= 0)
		return;
	if (t->num == MAX_FIELDS)
		fail(f, at, "too many fields");
	if (n == 2 && strcmp(kind, "text") == 0)
		fd->kind = TEXT;
	else if (n == 2 && strcmp(kind, "int") == 0)
		fd->kind = INT;
	else if (n == 2 && strcmp(kind, "flag") == 0)
		fd->kind = FLAG;
	else if (n == 3 && strcmp(kind, "list") == 0)
		fd->kind = LIST;
	else if (n == 3 && strcmp(kind, "sub") == 0)
		fd->kind = SUB;
	else
		fail(f, at, "no field: %s", line);
	snprintf(fd->name, sizeof(fd->name), "%s", n == 3 ? b : a);
	snprintf(fd->type, sizeof(fd->type), "%s", n == 3 ? a : "");
	t->num++;
}

/* One {{type X ...}} or {{page ...}}; returns the offset behind it. */
static size_t
head_block(struct file *f, size_t at)
{
	char *end = strstr(f->data + at, "}}"), *line, *save = NULL, *copy;
	struct type *t = &types[num_types];
	char word[NAME_LEN] = "";

	if (end == NULL || num_types == MAX_TYPES)
		fail(f, at, "head without end, or too many types");
	copy = strndup(f->data + at + 2, (size_t)(end - f->data) - at - 2);
	line = strtok_r(copy, "\n", &save);
	if (line == NULL)
		fail(f, at, "empty head");
	if (strncmp(line, "page", 4) == 0) {
		snprintf(word, sizeof(word), "%s", f->name);
		t->is_page = true;
	} else if (sscanf(line, "type %47s", word) != 1) {
		fail(f, at, "a head begins with type or page");
	}
	if (type_find(word) != NULL)
		fail(f, at, "type %s exists already", word);
	snprintf(t->name, sizeof(t->name), "%s", word);
	num_types++;
	while ((line = strtok_r(NULL, "\n", &save)) != NULL)
		head_line(f, at, t, line);
	free(copy);
	at = (size_t)(end - f->data) + 2;
	return at + (f->data[at] == '\n');
}

static void
heads(struct file *f)
{
	size_t at = 0;

	while (strncmp(f->data + at, "{{type ", 7) == 0 ||
	    strncmp(f->data + at, "{{page", 6) == 0)
		at = head_block(f, at);
	if (type_find(f->name) == NULL)
		fail(f, 0, "no {{page ...}} head");
	f->body = at;
}

/* ---- the place in the HTML ------------------------------------------------- */

static bool
is_raw_tag(const char *tag)
{
	return strcmp(tag, "script") == 0 || strcmp(tag, "style") == 0;
}

static void
step_tag(struct compiler *c, const char *p)
{
	size_t n;

	if (*p == '>') {
		c->ctx = is_raw_tag(c->tag) ? CTX_RAWTEXT : CTX_TEXT;
	} else if (*p == '"' || *p == '\'') {
		if (p[-1] != '=')
			fail(c->file, c->at, "a quote that begins no value");
		c->ctx = CTX_QUOTED;
		c->quote = *p;
		c->attr_pos = 0;
	} else if (isspace((unsigned char)*p)) {
		c->attr[0] = '\0';
	} else if (*p != '=') {
		n = strlen(c->attr);
		if (n + 1 < sizeof(c->attr)) {
			c->attr[n] = (char)tolower((unsigned char)*p);
			c->attr[n + 1] = '\0';
		}
	}
}

/* Follows one byte of HTML. */
static void
step(struct compiler *c, const char *p)
{
	size_t n = 0;

	switch (c->ctx) {
	case CTX_TEXT:
		if (strncmp(p, "<!--", 4) == 0) {
			c->ctx = CTX_COMMENT;
		} else if (*p == '<') {
			for (p++; n + 1 < sizeof(c->tag) &&
			     (isalnum((unsigned char)*p) || *p == '/' || *p == '!');
			     p++)
				c->tag[n++] = (char)tolower((unsigned char)*p);
			c->tag[n] = '\0';
			c->attr[0] = '\0';
			c->ctx = CTX_TAG;
		}
		break;
	case CTX_TAG:
		step_tag(c, p);
		break;
	case CTX_QUOTED:
		if (*p == c->quote)
			c->ctx = CTX_TAG;
		else
			c->attr_pos++;
		break;
	case CTX_RAWTEXT:
		if (strncmp(p, "</", 2) == 0) {
			c->tag[0] = '\0';
			c->ctx = CTX_TAG;
		}
		break;
	case CTX_COMMENT:
		if (strncmp(p, "-->", 3) == 0)
			c->ctx = CTX_TEXT;
		break;
	}
}

static bool
is_address(const char *attr)
{
	static const char *const known[] = {"href", "src", "action", "formaction",
	    "xlink:href", "poster", "cite", "data"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(attr, known[i]) == 0)
			return true;
	return false;
}

/* Which function writes a text value here. */
static const char *
text_writer(struct compiler *c)
{
	if (c->ctx == CTX_TEXT)
		return "html_text";
	if (c->ctx != CTX_QUOTED)
		fail(c->file, c->at,
		    "a value may stand in text and in quoted attributes only");
	if (strncmp(c->attr, "on", 2) == 0 || strcmp(c->attr, "style") == 0 ||
	    strcmp(c->attr, "srcdoc") == 0)
		fail(c->file, c->at, "no value in %s", c->attr);
	return is_address(c->attr) && c->attr_pos == 0 ? "html_url" : "html_text";
}

/* ---- bodies ---------------------------------------------------------------- */

static void
emit_literal(struct compiler *c, size_t from, size_t to)
{
	if (from == to)
		return;
	fprintf(c->out, "\thtml_literal(h, \"");
	for (size_t i = from; i < to; i++) {
		unsigned char b = (unsigned char)c->file->data[i];

		c->at = i;
		step(c, c->file->data + i);
		if (b == '\n')
			fprintf(c->out, "\\n\"\n\t    \"");
		else if (b == '"' || b == '\\')
			fprintf(c->out, "\\%c", b);
		else if (b == '?') /* no trigraphs */
			fprintf(c->out, "\\?");
		else if (b < 0x20 || b >= 0x7f)
			fprintf(c->out, "\\%03o", b);
		else
			fputc(b, c->out);
	}
	fprintf(c->out, "\", %zu);\n", to - from);
}

/* Innermost first; *out_var is where it was found. */
static const struct field *
lookup(struct compiler *c, const char *name, int *out_var)
{
	for (int d = c->depth; d >= 0; d--) {
		const struct type *t = c->scope[d].type;

		for (size_t i = 0; i < t->num; i++)
			if (strcmp(t->field[i].name, name) == 0) {
				*out_var = c->scope[d].var;
				return &t->field[i];
			}
	}
	fail(c->file, c->at, "no field %s", name);
}

static void
emit_value(struct compiler *c, char *expr)
{
	static const char *const filters[] = {
	    "count", "permille", "size", "day", "time", "iso", "hex"};
	char *filter = strchr(expr, '|');
	const struct field *f;
	const char *writer;
	int var;

	if (filter != NULL)
		*filter++ = '\0';
	f = lookup(c, expr, &var);
	writer = text_writer(c);
	c->attr_pos++;
	if (f->kind == TEXT && filter == NULL) {
		fprintf(c->out, "\t%s(h, v%d->%s);\n", writer, var, f->name);
		return;
	}
	if (f->kind != INT)
		fail(c->file, c->at, "%s cannot be written so", expr);
	if (filter == NULL) {
		fprintf(c->out, "\thtml_int(h, v%d->%s);\n", var, f->name);
		return;
	}
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (strcmp(filters[i], filter) == 0) {
			fprintf(c->out, "\thtml_%s(h, v%d->%s);\n", filter, var,
			    f->name);
			return;
		}
	fail(c->file, c->at, "no filter %s", filter);
}

static void
push(struct compiler *c, struct scope s)
{
	if (c->depth + 1 == MAX_DEPTH)
		fail(c->file, c->at, "nested too deep");
	s.ctx = c->ctx;
	c->scope[++c->depth] = s;
}

static void
emit_each(struct compiler *c, const char *name)
{
	int var, v;
	const struct field *f = lookup(c, name, &var);
	const struct type *t = f->kind == LIST ? type_find(f->type) : NULL;

	if (t == NULL)
		fail(c->file, c->at, "%s is no list of a known type", name);
	v = c->next_var++;
	fprintf(c->out,
	    "\tfor (size_t i%d = 0; i%d < v%d->num_%s; i%d++) {\n"
	    "\tconst struct tpl_%s *v%d = &v%d->%s[i%d];\n\t(void)v%d;\n",
	    v, v, var, f->name, v, t->name, v, var, f->name, v, v);
	push(c, (struct scope){.type = t, .var = v, .is_loop = true});
}

static void
emit_if(struct compiler *c, const char *name)
{
	int var;
	const struct field *f = lookup(c, name, &var);
	struct scope same = c->scope[c->depth];

	switch (f->kind) {
	case TEXT:
		fprintf(c->out, "\tif (v%d->%s != NULL && *v%d->%s != '\\0') {\n",
		    var, name, var, name);
		break;
	case LIST:
		fprintf(c->out, "\tif (v%d->num_%s != 0) {\n", var, name);
		break;
	case SUB:
		fprintf(c->out, "\tif (v%d->%s != NULL) {\n", var, name);
		break;
	default:
		fprintf(c->out, "\tif (v%d->%s) {\n", var, name);
	}
	same.is_loop = same.has_else = false;
	push(c, same);
}

static void
emit_partial(struct compiler *c, const char *args)
{
	char name[NAME_LEN] = "", arg[NAME_LEN] = "";
	const struct field *f;
	const struct type *t;
	int var;

	if (sscanf(args, "%47s %47s", name, arg) != 2)
		fail(c->file, c->at, "{{> template value}}");
	t = type_find(name);
	if (t == NULL || !t->is_page)
		fail(c->file, c->at, "no template %s", name);
	if (c->ctx != CTX_TEXT)
		fail(c->file, c->at, "a template stands in text only");
	if (strcmp(arg, ".") == 0) {
		if (c->scope[c->depth].type != t)
			fail(c->file, c->at, "the element is no %s", name);
		fprintf(
		    c->out, "\ttpl_%s(h, v%d);\n", name, c->scope[c->depth].var);
		return;
	}
	f = lookup(c, arg, &var);
	if (f->kind != SUB || strcmp(f->type, name) != 0)
		fail(c->file, c->at, "%s is no sub %s", arg, name);
	fprintf(c->out, "\tif (v%d->%s != NULL)\n\t\ttpl_%s(h, v%d->%s);\n", var,
	    arg, name, var, arg);
}

static void
emit_asset(struct compiler *c, const char *name)
{
	for (size_t i = 0; i < num_files; i++) {
		const char *dot = strrchr(files[i].name, '.');

		if (strcmp(files[i].name, name) == 0 && dot != NULL) {
			fprintf(c->out,
			    "\thtml_literal(h, \"/static/%.*s.%s%s\", %zu);\n",
			    (int)(dot - files[i].name), files[i].name,
			    files[i].hash, dot,
			    strlen(files[i].name) + 9 + strlen(files[i].hash));
			c->attr_pos++;
			return;
		}
	}
	fail(c->file, c->at, "no asset %s", name);
}

static void
emit_directive(struct compiler *c, char *d)
{
	struct scope *s = &c->scope[c->depth];

	if ((*d == '/' || strcmp(d, "else") == 0) && c->depth > 0 &&
	    s->ctx != c->ctx)
		fail(c->file, c->at, "a branch leaves a tag or a quote open");
	if (strncmp(d, "#each ", 6) == 0) {
		emit_each(c, d + 6);
	} else if (strncmp(d, "#if ", 4) == 0) {
		emit_if(c, d + 4);
	} else if (strcmp(d, "else") == 0) {
		if (c->depth == 0 || s->is_loop || s->has_else)
			fail(c->file, c->at, "else without if");
		s->has_else = true;
		fprintf(c->out, "\t} else {\n");
	} else if (strcmp(d, "/if") == 0 || strcmp(d, "/each") == 0) {
		if (c->depth == 0 || s->is_loop != (strcmp(d, "/each") == 0))
			fail(c->file, c->at, "%s closes nothing", d);
		c->depth--;
		fprintf(c->out, "\t}\n");
	} else if (strncmp(d, "> ", 2) == 0) {
		emit_partial(c, d + 2);
	} else if (*d == '@') {
		emit_asset(c, d + 1);
	} else {
		emit_value(c, d);
	}
}

static void
compile(const struct file *f, FILE *out)
{
	struct compiler c = {.file = f, .out = out, .next_var = 1};
	size_t at = f->body;
	char word[128];

	c.scope[0].type = type_find(f->name);
	fprintf(out,
	    "\nvoid\ntpl_%s(struct html *h, const struct tpl_%s *v0)\n{\n"
	    "\t(void)v0;\n",
	    f->name, f->name);
	for (;;) {
		char *open = strstr(f->data + at, "{{"), *end;

		if (open == NULL)
			break;
		emit_literal(&c, at, (size_t)(open - f->data));
		c.at = (size_t)(open - f->data);
		end = strstr(open, "}}");
		if (end == NULL || (size_t)(end - open - 2) >= sizeof(word))
			fail(f, c.at, "{{ without }}");
		memcpy(word, open + 2, (size_t)(end - open - 2));
		word[end - open - 2] = '\0';
		emit_directive(&c, word);
		at = (size_t)(end - f->data) + 2;
		/* A directive on a line of its own leaves no empty line. */
		if ((strchr("#/>", word[0]) != NULL || strcmp(word, "else") == 0) &&
		    f->data[at] == '\n' && open[-1] == '\n')
			at++;
	}
	emit_literal(&c, at, f->len);
	if (c.depth != 0 || c.ctx != CTX_TEXT)
		fail(f, f->len, "something is still open at the end");
	fprintf(out, "}\n");
}

/* ---- output ---------------------------------------------------------------- */

static FILE *
create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	fprintf(f, "/* Made from assets/ by tools/gen_templates.c. */\n");
	return f;
}

static void
write_struct(FILE *out, const struct type *t)
{
	fprintf(out, "struct tpl_%s {\n", t->name);
	if (t->num == 0)
		fprintf(out, "\tchar unused;\n");
	for (size_t i = 0; i < t->num; i++) {
		const struct field *f = &t->field[i];

		switch (f->kind) {
		case TEXT:
			fprintf(out, "\tconst char *%s;\n", f->name);
			break;
		case INT:
			fprintf(out, "\tint64_t %s;\n", f->name);
			break;
		case FLAG:
			fprintf(out, "\tbool %s;\n", f->name);
			break;
		case LIST:
			fprintf(out,
			    "\tconst struct tpl_%s *%s;\n\tsize_t num_%s;\n",
			    f->type, f->name, f->name);
			break;
		case SUB:
			fprintf(
			    out, "\tconst struct tpl_%s *%s;\n", f->type, f->name);
		}
	}
	fprintf(out, "};\n");
}

static void
write_templates(const char *dir)
{
	FILE *h = create(dir, "templates.h"), *c = create(dir, "templates.c");

	fprintf(h,
	    "#ifndef GEN_TEMPLATES_H\n#define GEN_TEMPLATES_H\n"
	    "#include <stdbool.h>\n#include <stddef.h>\n#include "
	    "<stdint.h>\nstruct html;\n");
	fprintf(c, "#include \"templates.h\"\n#include \"web/html.h\"\n");
	for (size_t i = 0; i < num_types; i++)
		fprintf(h, "struct tpl_%s;\n", types[i].name);
	for (size_t i = 0; i < num_types; i++) {
		write_struct(h, &types[i]);
		if (types[i].is_page)
			fprintf(h,
			    "void tpl_%s(struct html *, const struct tpl_%s *);\n",
			    types[i].name, types[i].name);
	}
	for (size_t i = 0; i < num_files; i++)
		if (files[i].body != SIZE_MAX)
			compile(&files[i], c);
	fprintf(h, "#endif\n");
	if (fclose(h) != 0 || fclose(c) != 0)
		exit(1);
}

static const char *
media_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot != NULL && strcmp(dot, ".css") == 0)
		return "text/css; charset=utf-8";
	if (dot != NULL && strcmp(dot, ".svg") == 0)
		return "image/svg+xml";
	return "text/javascript; charset=utf-8";
}

static void
write_assets(const char *dir)
{
	FILE *h = create(dir, "assets.h"), *c = create(dir, "assets.c");

	fprintf(h,
	    "#ifndef GEN_ASSETS_H\n#define GEN_ASSETS_H\n#include <stddef.h>\n"
	    "struct asset {\n\tconst char *name;\n\tconst char *path;\n\tconst "
	    "char *type;\n"
	    "\tconst char *etag;\n\tconst unsigned char *data;\n\tsize_t len;\n};\n"
	    "extern const struct asset assets[];\nextern const size_t "
	    "num_assets;\n#endif\n");
	fprintf(c, "#include \"assets.h\"\n");
	for (size_t i = 0; i < num_files; i++) {
		if (files[i].body != SIZE_MAX)
			continue;
		fprintf(c, "static const unsigned char data_%zu[] = {", i);
		for (size_t n = 0; n < files[i].len; n++)
			fprintf(c, "%s%u,", n % 24 == 0 ? "\n" : "",
			    (unsigned char)files[i].data[n]);
		fprintf(c, "0};\n");
	}
	fprintf(c, "const struct asset assets[] = {\n");
	for (size_t i = 0; i < num_files; i++) {
		const char *dot = strrchr(files[i].name, '.');

		if (files[i].body == SIZE_MAX && dot != NULL)
			fprintf(c,
			    "\t{\"%s\", \"/static/%.*s.%s%s\", \"%s\", "
			    "\"\\\"%s\\\"\", "
			    "data_%zu, %zu},\n",
			    files[i].name, (int)(dot - files[i].name),
			    files[i].name, files[i].hash, dot,
			    media_type(files[i].name), files[i].hash, i,
			    files[i].len);
	}
	fprintf(
	    c, "};\nconst size_t num_assets = sizeof(assets) / sizeof(*assets);\n");
	if (fclose(h) != 0 || fclose(c) != 0)
		exit(1);
}

static void
add_file(const char *path)
{
	struct file *f = &files[num_files];
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (num_files == MAX_FILES || dot == NULL)
		exit(1);
	f->path = path;
	f->data = slurp(path, &f->len);
	f->body = SIZE_MAX;
	if (strlen(f->data) != f->len)
		fail(f, 0, "a NUL byte");
	if (strcmp(dot, ".html") == 0) {
		snprintf(f->name, sizeof(f->name), "%.*s", (int)(dot - name), name);
		heads(f);
	} else {
		snprintf(f->name, sizeof(f->name), "%s", name);
		SHA256((unsigned char *)f->data, f->len, digest);
		for (int i = 0; i < 8; i++)
			snprintf(f->hash + 2 * i, 3, "%02x", digest[i]);
	}
	num_files++;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: gen_templates OUTDIR FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		add_file(argv[i]);
	write_templates(argv[1]);
	write_assets(argv[1]);
	return 0;
}
