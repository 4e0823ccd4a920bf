/*
 * Reads the roots file with inih, and every certificate that it names.
 */
#include "cmd/roots_file.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/text.h"
#include "pki/certificate.h"
#include "pki/trust.h"

static bool
read_all(struct buf *out, const char *path)
{
	char part[4096];
	FILE *f = fopen(path, "rb");
	bool ok;
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_append(out, part, n);
	ok = !ferror(f) && buf_ok(out);
	fclose(f);
	return ok;
}

/* Words with one space between them, each judged; false for a bad one. */
static bool
take_words(char *out, size_t room, const char *in, bool (*good)(const char *))
{
	size_t used = 0;

	out[0] = '\0';
	for (in += strspn(in, " \t,"); *in != '\0'; in += strspn(in, " \t,")) {
		size_t len = strcspn(in, " \t,");
		char word[130];

		if (len >= sizeof(word) || used + len + 2 > room)
			return false;
		memcpy(word, in, len);
		word[len] = '\0';
		if (!good(word))
			return false;
		used += (size_t)snprintf(
		    out + used, room - used, "%s%s", used ? " " : "", word);
		in += len;
	}
	return true;
}

static bool
good_capability(const char *w)
{
	return capability_by_text(w) != 0;
}

static bool
good_oid(const char *w)
{
	return strspn(w, "0123456789.") == strlen(w) && strlen(w) < 64 &&
	    strchr(w, '.') != NULL;
}

static bool
good_key(const char *w)
{
	uint8_t raw[32];

	return text_unhex(raw, sizeof(raw), w);
}

static struct roots_entry *
entry_of(struct roots_file *f, const char *section)
{
	struct roots_entry *e;

	if (f->num > 0 && strcmp(f->entry[f->num - 1].section, section) == 0)
		return &f->entry[f->num - 1];
	if (f->num == ROOTS_FILE_MAX || strlen(section) >= sizeof(e->section))
		return NULL;
	e = &f->entry[f->num++];
	snprintf(e->section, sizeof(e->section), "%s", section);
	return e;
}

static bool
take_text(char *out, size_t room, const char *value)
{
	if (strlen(value) >= room)
		return false;
	snprintf(out, room, "%s", value);
	return true;
}

/* inih's: 0 stops with the line. */
static int
on_key(void *arg, const char *section, const char *key, const char *value)
{
	struct roots_file *f = arg;
	struct roots_entry *e = section[0] == '\0' ? NULL : entry_of(f, section);
	bool ok = e != NULL;

	if (ok && strcmp(key, "file") == 0)
		ok = take_text(e->file, sizeof(e->file), value);
	else if (ok && strcmp(key, "reason") == 0)
		ok = take_text(e->reason, sizeof(e->reason), value);
	else if (ok && strcmp(key, "capabilities") == 0)
		ok = take_words(e->capabilities, sizeof(e->capabilities), value,
		    good_capability);
	else if (ok && strcmp(key, "policies") == 0)
		ok = take_words(e->policies, sizeof(e->policies), value, good_oid);
	else if (ok && strcmp(key, "issuing_keys") == 0)
		ok = take_words(
		    e->issuing_keys, sizeof(e->issuing_keys), value, good_key);
	else
		ok = false;
	if (!ok && f->error[0] == '\0')
		snprintf(f->error, sizeof(f->error), "[%s] %s: not understood",
		    section, key);
	return ok;
}

static bool
load_certificate(struct roots_file *f, struct roots_entry *e)
{
	size_t offset = 0;
	bool bad = false;
	struct buf b;

	buf_init(&b, 1 << 20);
	if (!read_all(&b, e->file))
		snprintf(f->error, sizeof(f->error),
		    "[%s] file: %.300s cannot be read", e->section, e->file);
	else if ((e->cert = certificate_parse(bytes_of(b.data, b.len))) == NULL &&
	    (e->cert = certificate_next_pem(
		 bytes_of(b.data, b.len), &offset, &bad)) == NULL)
		snprintf(f->error, sizeof(f->error),
		    "[%s] file: %.300s is no certificate", e->section, e->file);
	buf_free(&b);
	return e->cert != NULL;
}

static bool
check(struct roots_file *f)
{
	for (size_t i = 0; i < f->num; i++) {
		struct roots_entry *e = &f->entry[i];

		if (e->file[0] == '\0' || e->reason[0] == '\0') {
			snprintf(f->error, sizeof(f->error), "[%s] needs %s",
			    e->section, e->file[0] == '\0' ? "a file" : "a reason");
			return false;
		}
		if (!load_certificate(f, e))
			return false;
		for (size_t k = 0; k < i; k++)
			if (certificate_same(f->entry[k].cert, e->cert)) {
				snprintf(f->error, sizeof(f->error),
				    "[%s] is the same certificate as [%s]",
				    e->section, f->entry[k].section);
				return false;
			}
	}
	return true;
}

bool
roots_file_read(struct roots_file *out, const char *path)
{
	uint8_t md[32];
	struct buf b;
	int line;

	memset(out, 0, sizeof(*out));
	if ((out->entry = calloc(ROOTS_FILE_MAX, sizeof(*out->entry))) == NULL) {
		snprintf(out->error, sizeof(out->error), "no memory");
		return false;
	}
	buf_init(&b, 4 << 20);
	if (!read_all(&b, path)) {
		snprintf(
		    out->error, sizeof(out->error), "%.300s cannot be read", path);
		buf_free(&b);
		return false;
	}
	if (EVP_Digest(b.data == NULL ? (const void *)"" : b.data, b.len, md, NULL,
		EVP_sha256(), NULL) == 1)
		text_hex(out->sha256, md, sizeof(md));
	line = ini_parse_string(buf_str(&b), on_key, out);
	buf_free(&b);
	if (line != 0) {
		char what[256];

		snprintf(what, sizeof(what), "%.250s", out->error);
		snprintf(out->error, sizeof(out->error), "line %d: %s", line,
		    what[0] != '\0' ? what : "not understood");
		return false;
	}
	return check(out);
}

void
roots_file_free(struct roots_file *f)
{
	for (size_t i = 0; f->entry != NULL && i < f->num; i++)
		certificate_free(f->entry[i].cert);
	free(f->entry);
	memset(f, 0, sizeof(*f));
}
