/*
 * The lines that `countersign signature` prints without --json.
 */
#include "base/buf.h"
#include "base/instant.h"
#include "base/text.h"
#include "cmd/signature_text.h"
#include "pki/digest.h"

static void
write_reason(struct buf *out, const char *indent, enum finding_code code)
{
	if (code == FINDING_OK)
		return;
	buf_printf(
	    out, "%s%s: %s\n", indent, finding_text(code), finding_seen(code));
	buf_printf(out, "%sWhat to do: %s\n", indent, finding_remedy(code));
}

static void
write_findings(struct buf *out, const char *indent, const struct findings *findings)
{
	static const char *const word[] = {
	    [SEVERITY_NOTE] = "note",
	    [SEVERITY_WARNING] = "warning",
	    [SEVERITY_ERROR] = "refused",
	};

	for (size_t i = 0; i < findings->num; i++) {
		const struct finding *f = &findings->item[i];

		buf_printf(out, "%s%s: %s", indent, word[f->severity],
		    finding_text(f->code));
		if (f->detail[0] != '\0')
			buf_printf(out, " (%s)", f->detail);
		buf_putc(out, '\n');
	}
}

static void
write_ladder(struct buf *out, const struct path *path)
{
	for (size_t i = 0; i < path->num; i++) {
		buf_printf(out, "    %*s%s  [%s", (int)i * 2, "",
		    path->cert[i]->subject,
		    certificate_source_text(path->source[i]));
		if (path->url[i] != NULL) {
			buf_puts(out, " ");
			text_visible(
			    out, bytes_of(path->url[i], strlen(path->url[i])));
		}
		buf_puts(out, "]\n");
	}
	if (!path->valid && path->num > 0)
		buf_printf(out, "    %*s(no accepted root above)\n",
		    (int)path->num * 2, "");
}

static void
write_signature(struct buf *out, const struct signature *sig)
{
	const struct digest *digest = digest_by_name(sig->digest);
	char time[INSTANT_TEXT_LEN];

	buf_printf(out, "  signature %u%s: %s, %s\n", sig->index,
	    sig->nested ? " (nested)" : "",
	    sig->verdict == VERDICT_GENUINE ? "genuine" : "refused",
	    digest != NULL ? digest->label : "unknown digest");
	if (sig->signer != NULL)
		buf_printf(out, "    signer: %s\n", sig->signer->subject);
	if (sig->program_name[0] != '\0') {
		buf_puts(out, "    program name: ");
		text_visible(
		    out, bytes_of(sig->program_name, strlen(sig->program_name)));
		buf_putc(out, '\n');
	}
	if (sig->timestamp.kind != TIMESTAMP_NONE) {
		instant_text(time, sig->timestamp.time);
		buf_printf(out, "    timestamp: %s, %s\n", time,
		    sig->timestamp.valid ? "valid" : "does not count");
	}
	write_ladder(out, &sig->path);
	for (size_t i = 0; i < sig->identities.num; i++)
		buf_printf(out, "    identity: %s %s\n",
		    identity_kind_text(sig->identities.item[i].kind),
		    sig->identities.item[i].display);
	write_findings(out, "    ", &sig->findings);
}

void
signature_text(struct buf *out, const struct signed_file *file, const char *name)
{
	static const char *const word[] = {
	    [VERDICT_REFUSED] = "REFUSED",
	    [VERDICT_UNSIGNED] = "UNSIGNED",
	    [VERDICT_GENUINE] = "GENUINE",
	};

	text_visible(out, bytes_of(name, strlen(name)));
	buf_printf(out, ": %s\n", word[file->verdict]);
	write_reason(out, "  ", signed_file_reason(file));
	if (file->verdict != VERDICT_UNSIGNED)
		write_findings(out, "  ", &file->findings);
	for (size_t i = 0; i < file->num_signatures; i++)
		write_signature(out, &file->signature[i]);
}
