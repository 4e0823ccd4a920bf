/*
 * countersign catalogue add: PE files, each examined in a sandboxed child, into
 * the catalogue. Folders are walked in the order of names, so that the same
 * folder gives the same catalogue.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/db.h"
#include "work/catalogue.h"
#include "work/tasks.h"

struct totals {
	bool json;
	unsigned stored, skipped, failed;
};

static int
usage(void)
{
	fputs(
	    "usage: countersign catalogue add [--json] [--no-fetch] FILE|DIR...\n",
	    stderr);
	return CMD_USAGE;
}

static const char *
holder(const struct catalogue_entry *e)
{
	if (e->judged.signature < 0)
		return NULL;
	return proof_name(&e->binary.signatures[e->judged.signature].signer);
}

static void
print_json(const struct catalogue_entry *e, const char *path, const char *outcome,
    const char *note)
{
	const struct binary *b = &e->binary;
	struct buf out;
	struct json j;

	buf_init(&out, 0);
	json_init(&j, &out);
	json_begin_object(&j);
	json_kv_string(&j, "file", path);
	json_kv_string(&j, "outcome", outcome);
	json_kv_string(&j, "sha256", e->sha256[0] != '\0' ? e->sha256 : NULL);
	json_kv_string(&j, "verdict", b->pe ? b->verdict : NULL);
	json_kv_string(&j, "reason", b->reason[0] != '\0' ? b->reason : NULL);
	json_kv_string(&j, "name", b->pe ? e->name : NULL);
	json_kv_string(&j, "code_id", b->pe ? b->code_id : NULL);
	json_kv_string(&j, "debug_id", b->pe ? b->debug_id : NULL);
	json_kv_string(&j, "version", b->version[0] != '\0' ? b->version : NULL);
	json_kv_string(&j, "standing", e->standing[0] != '\0' ? e->standing : NULL);
	json_kv_bool(&j, "kept", e->kept);
	json_kv_bool(&j, "rival", e->rival);
	json_key(&j, "signer");
	if (b->pe && e->judged.signature >= 0) {
		const struct proof_signer *s =
		    &b->signatures[e->judged.signature].signer;

		json_begin_object(&j);
		json_kv_string(&j, "name", proof_name(s));
		json_kv_string(&j, "assurance", proof_assurance(s));
		json_kv_string(&j, "kind", s->identity[0].kind);
		json_kv_string(&j, "value", s->identity[0].value);
		json_end_object(&j);
	} else
		json_none(&j);
	json_kv_string(&j, "note", note != NULL && note[0] != '\0' ? note : NULL);
	json_end_object(&j);
	puts(buf_str(&out));
	buf_free(&out);
}

static void
print_text(const struct catalogue_entry *e, const char *path, const char *outcome,
    const char *note)
{
	const struct binary *b = &e->binary;
	struct buf out;

	buf_init(&out, 0);
	text_visible(&out, bytes_of(path, strlen(path)));
	buf_printf(&out, ": %s", outcome);
	if (strcmp(outcome, "stored") == 0) {
		buf_printf(&out, ", %s", b->verdict);
		if (b->reason[0] != '\0')
			buf_printf(&out, " (%s)", b->reason);
		if (holder(e) != NULL) {
			buf_puts(&out, ", ");
			text_visible(&out, bytes_of(holder(e), strlen(holder(e))));
		}
		buf_printf(
		    &out, ", %s%s", e->standing, e->kept ? " as before" : "");
	}
	if (note != NULL && note[0] != '\0')
		buf_printf(&out, ": %s", note);
	puts(buf_str(&out));
	buf_free(&out);
}

/* False: no use to go on. */
static bool
add_file(struct catalogue *c, struct totals *t, const char *path)
{
	struct catalogue_entry *e = calloc(1, sizeof(*e));
	const char *outcome = "stored", *note;
	bool go_on = true;

	if (e == NULL)
		return false;
	switch (catalogue_add(c, e, path)) {
	case CATALOGUE_STORED:
		note = e->note;
		t->stored++;
		break;
	case CATALOGUE_NOT_PE:
		outcome = "skipped";
		note = "not a PE file";
		t->skipped++;
		break;
	case CATALOGUE_UNREADABLE:
		outcome = "failed";
		note = strerror(errno);
		t->failed++;
		break;
	case CATALOGUE_UNPROCESSABLE:
		outcome = "failed";
		note = e->note;
		t->failed++;
		break;
	case CATALOGUE_NO_POLICY:
		outcome = "failed";
		note = "no roots are loaded: countersign operator trust FILE";
		t->failed++;
		go_on = false;
		break;
	default:
		outcome = "failed";
		note = db_message(c->db);
		t->failed++;
		go_on = db_alive(c->db);
	}
	if (t->json)
		print_json(e, path, outcome, note);
	else
		print_text(e, path, outcome, note);
	catalogue_entry_free(e);
	free(e);
	return go_on;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
add_all(struct catalogue *c, struct totals *t, char **paths)
{
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	bool go_on = fts != NULL;
	FTSENT *f;

	while (go_on && (f = fts_read(fts)) != NULL) {
		if (f->fts_info == FTS_F)
			go_on = add_file(c, t, f->fts_path);
		else if (f->fts_info == FTS_NS || f->fts_info == FTS_DNR ||
		    f->fts_info == FTS_ERR) {
			fprintf(stderr, "%s: %s\n", f->fts_path,
			    strerror(f->fts_errno));
			t->failed++;
		}
	}
	if (fts != NULL)
		fts_close(fts);
	return go_on;
}

int
cmd_catalogue(int argc, char **argv)
{
	struct catalogue c = {
	    .trust_fd = -1, .added_by = "operator", .ask_fetcher = true};
	struct settings *settings = NULL;
	struct totals t = {0};
	int first = 2, rc = CMD_REFUSED;

	if (argc < 3 || strcmp(argv[1], "add") != 0)
		return usage();
	for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
		if (strcmp(argv[first], "--json") == 0)
			t.json = true;
		else if (strcmp(argv[first], "--no-fetch") == 0)
			c.ask_fetcher = false;
		else
			return usage();
	}
	/* options may stand behind the files, too */
	while (argc > first && strcmp(argv[argc - 1], "--json") == 0) {
		t.json = true;
		argv[--argc] = NULL;
	}
	if (first == argc)
		return usage();
	/* before anything is read or connected: work/zygote.h */
	if ((c.zygote = zygote_start(work_tasks, TASK_NUM)) == NULL) {
		perror("countersign catalogue: zygote");
		return CMD_REFUSED;
	}
	if ((settings = cmd_settings("catalogue")) != NULL &&
	    (c.db = cmd_connect("catalogue", settings, "operator")) != NULL) {
		c.timeout_ms =
		    (unsigned)settings_number(settings, "worker.child_timeout") *
		    1000;
		db_listen(c.db, "countersign_fetched");
		if (add_all(&c, &t, argv + first) && t.failed == 0)
			rc = CMD_DONE;
		fprintf(stderr, "%u stored, %u skipped, %u failed\n", t.stored,
		    t.skipped, t.failed);
	}
	catalogue_close(&c);
	db_close(c.db);
	settings_free(settings);
	zygote_stop(c.zygote);
	return rc;
}
