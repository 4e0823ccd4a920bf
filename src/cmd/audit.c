/*
 * countersign audit verify [--head SEQ:HASH] [--json]: walks the audit chain and
 * says whether it is whole, and what its head is. A head that was noted on
 * another machine proves that nothing was cut off since.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "db/audit.h"

/* {"verdict":"whole"|"broken","reason":CODE|null,"seq":N|null,"rows":N,
 *  "head":"SEQ:HASH"|null} */
static void
print_json(const struct audit_report *rep, const char *head)
{
	bool whole = rep->verdict == AUDIT_WHOLE;
	struct json j;
	struct buf b;

	buf_init(&b, 0);
	json_init(&j, &b);
	json_begin_object(&j);
	json_kv_string(&j, "verdict", whole ? "whole" : "broken");
	json_kv_string(&j, "reason", whole ? NULL : audit_code(rep->verdict));
	json_key(&j, "seq");
	if (whole)
		json_none(&j);
	else
		json_int(&j, rep->seq);
	json_kv_int(&j, "rows", rep->num_rows);
	json_kv_string(&j, "head", rep->head.seq > 0 ? head : NULL);
	json_end_object(&j);
	puts(buf_str(&b));
	buf_free(&b);
}

static void
print_report(const struct audit_report *rep, bool json)
{
	char hash[AUDIT_HASH_LEN * 2 + 1], head[32 + sizeof(hash)];

	text_hex(hash, rep->head.hash, AUDIT_HASH_LEN);
	snprintf(head, sizeof(head), "%lld:%s", (long long)rep->head.seq, hash);
	if (json) {
		print_json(rep, head);
		return;
	}
	if (rep->verdict == AUDIT_WHOLE)
		printf("whole: %lld rows\n", (long long)rep->num_rows);
	else
		printf(
		    "broken at row %lld: %s (%s)\nright before that: %lld rows\n",
		    (long long)rep->seq, audit_sentence(rep->verdict),
		    audit_code(rep->verdict), (long long)rep->num_rows);
	if (rep->head.seq > 0)
		printf("head %s\n", head);
}

static int
verify(bool json, const struct audit_head *expected)
{
	struct settings *s = cmd_settings("audit");
	struct audit_report rep;
	struct db *d = NULL;
	int rc = CMD_REFUSED;

	if (s != NULL)
		d = cmd_connect("audit", s, "operator");
	if (d != NULL && audit_verify(d, &rep, expected) != DB_OK) {
		fprintf(stderr, "countersign audit: %s\n", db_message(d));
	} else if (d != NULL) {
		print_report(&rep, json);
		rc = rep.verdict == AUDIT_WHOLE ? CMD_DONE : CMD_REFUSED;
	}
	db_close(d);
	settings_free(s);
	return rc;
}

int
cmd_audit(int argc, char **argv)
{
	struct audit_head head;
	bool json = false, given = false, usage;
	int i = 2;

	usage = argc < 2 || strcmp(argv[1], "verify") != 0;
	for (; !usage && i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--head") == 0 && i + 1 < argc)
			given = audit_parse_head(&head, argv[++i]), usage = !given;
		else
			usage = true;
	}
	if (usage) {
		fputs(
		    "usage: countersign audit verify [--head SEQ:HASH] [--json]\n",
		    stderr);
		return CMD_USAGE;
	}
	return verify(json, given ? &head : NULL);
}
