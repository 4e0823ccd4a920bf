/*
 * What does this crash mean?  crash_examine() reads one dump from memory and
 * says which modules were loaded, where it crashed, what Windows Error
 * Reporting would call it, whom the stack blames, and which bucket it belongs
 * to.  Pure: bytes and rules in, a report out; the same bytes give the same
 * report.  Safe for hostile bytes: what is wrong in a dump spoils that part of
 * the report, and bounds are those of crash/limits.h.
 */
#ifndef CRASH_REPORT_H
#define CRASH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crash/arena.h"
#include "crash/limits.h"
#include "crash/rules.h"

struct json;
struct crash_images;

enum crash_error {
	CRASH_OK = 0,
	CRASH_ENOTDUMP,	  /* no known signature */
	CRASH_ETRUNCATED, /* header or directory reach beyond the end */
	CRASH_ETOOLARGE,  /* above CRASH_MAX_DUMP */
	CRASH_EEMPTY,	  /* a directory that names nothing we know */
	CRASH_EMODULES,	  /* the module list lies outside the file */
	CRASH_ENOMEM,
};

/* "ok", "not-a-dump", "truncated", "too-large", "empty",
 * "module-list-outside", "no-memory": the `error` of `countersign dump`.
 * Static. */
const char *crash_error_text(enum crash_error);
/* A sentence for people.  Static. */
const char *crash_error_sentence(enum crash_error);

enum crash_os {
	CRASH_OS_UNKNOWN = 0,
	CRASH_OS_WINDOWS,
	CRASH_OS_LINUX,
	CRASH_OS_ANDROID,
	CRASH_OS_MACOS,
	CRASH_OS_IOS,
	CRASH_OS_FUCHSIA,
};

enum crash_arch {
	CRASH_ARCH_UNKNOWN = 0,
	CRASH_ARCH_X86,
	CRASH_ARCH_AMD64,
	CRASH_ARCH_ARM,
	CRASH_ARCH_ARM64,
};

/* All strings of a report are valid UTF-8 without controls or bidi marks
 * (text_visible), live as long as the report, and are NULL where absent. */
struct crash_module {
	const char *name; /* base name; never NULL, may be "" */
	uint64_t base;
	uint32_t size;
	uint32_t timestamp;
	uint32_t checksum;
	bool has_version;
	uint16_t version[4];	/* file version a.b.c.d; zeros if absent */
	const char *code_id;	/* "67CFFE8C14000", or a build id in hex */
	const char *debug_id;	/* GUID and age, or signature and age */
	const char *debug_file; /* base name of the PDB */
};

struct crash_unloaded {
	const char *name;
	uint64_t base;
	uint32_t size;
	uint32_t timestamp;
	uint32_t checksum;
	const char *code_id;
};

struct crash_exception {
	bool present;
	uint32_t code; /* NTSTATUS, signal or Mach exception */
	uint32_t flags;
	uint64_t address;
	uint32_t thread;
	unsigned num_params;
	uint64_t params[CRASH_MAX_PARAMS];
};

/* Where an address lies.  At most one of module and unloaded is not -1. */
struct crash_place {
	int module;   /* index into modules, or -1 */
	int unloaded; /* index into unloaded, or -1 */
	uint64_t address;
	uint64_t offset; /* into the module; the address where there is none */
};

enum crash_trust {
	CRASH_TRUST_CONTEXT = 0,   /* the thread's registers */
	CRASH_TRUST_CFI,	   /* unwind data of the image */
	CRASH_TRUST_FRAME_POINTER, /* the chain of saved frame pointers */
	CRASH_TRUST_SCAN,	   /* looks like a return address: a guess */
};

struct crash_frame {
	struct crash_place place; /* of the pc; of the return address above */
	enum crash_trust trust;
};

/* P1..P8 as Windows Error Reporting orders them for APPCRASH. */
struct crash_label {
	const char *type; /* "APPCRASH"; NULL: no exception, no label */
	const char *p[8];
};

enum crash_decision {
	CRASH_STEP_PLATFORM = 0, /* skipped: platform module */
	CRASH_STEP_LIBRARY,	 /* skipped: library module */
	CRASH_STEP_NOWHERE,	 /* skipped: outside every module */
	CRASH_STEP_BLAMED,	 /* taken */
	CRASH_STEP_UNLOADED,	 /* taken: a module that was unloaded */
	CRASH_STEP_APPLICATION,	 /* nothing was left: the application */
};

struct crash_step {
	int frame;	    /* index into frames; -1 for the application */
	const char *module; /* NULL: outside every module */
	enum crash_decision decision;
};

enum crash_blame_rule {
	CRASH_BLAME_NONE = 0,	    /* no module to blame */
	CRASH_BLAME_FAULTING,	    /* the module that faulted */
	CRASH_BLAME_CALLER,	    /* first after platform and libraries */
	CRASH_BLAME_RETURN_ADDRESS, /* pc was outside every module */
	CRASH_BLAME_UNLOADED,	    /* its code was unloaded */
	CRASH_BLAME_APPLICATION,    /* nobody else was on the stack */
};

struct crash_blame {
	enum crash_blame_rule rule;
	int frame; /* the frame that decided, or -1 */
	struct crash_place place;
	const char *module; /* name of the blamed module, or NULL */
	unsigned num_trail;
	struct crash_step trail[CRASH_MAX_FRAMES + 1];
};

struct crash_bucket {
	uint8_t key[32];	/* SHA-256 over canonical text, rules version */
	const char *title;	/* "reverb.dll+0x1386" */
	const char *class_id;	/* "null-read"; static */
	const char *class_text; /* "read of null"; static */
};

struct crash_report {
	const char *kind; /* "minidump"; static */
	enum crash_os os;
	enum crash_arch arch;
	const char *os_version; /* "10.0.22631" */
	const char *os_build;	/* CSD version or build string, NULL if none */
	int64_t time;		/* seconds since 1970; 0 unknown */
	uint32_t process_id;	/* 0 unknown */

	struct crash_module *modules; /* in the order of the dump */
	unsigned num_modules;
	unsigned num_modules_bad;     /* entries that could not be read */
	unsigned num_modules_omitted; /* above CRASH_MAX_MODULES */
	int main;		      /* index of the application, or -1 */
	uint32_t *by_base;	      /* indices into modules by base */

	struct crash_unloaded *unloaded;
	unsigned num_unloaded;

	struct crash_exception exception;
	struct crash_place faulting; /* meaningful with an exception */
	bool has_faulting;
	struct crash_label label;
	struct crash_frame frames[CRASH_MAX_FRAMES];
	unsigned num_frames;
	struct crash_blame blame;
	struct crash_bucket bucket;
	uint8_t atom[32]; /* SHA-256 of normalised label, blame candidates */
	uint32_t rules_version;

	struct crash_arena arena; /* owns all of the above */
};

/*
 * Examines a dump.  The dump is borrowed for the call only; the report is
 * filled in place, and freed with crash_report_free() whatever is returned.
 * Errors mean that the bytes are no readable dump (or no memory); a dump that
 * lacks parts gives a report that lacks them.  images (may be NULL) are PE
 * files to unwind with.  Format: Microsoft, minidumpapiset.h.
 */
enum crash_error crash_examine(
    struct crash_report *out, struct bytes dump, const struct crash_rules *);
enum crash_error crash_examine_with(struct crash_report *out, struct bytes dump,
    const struct crash_rules *, const struct crash_images *images);
void crash_report_free(struct crash_report *);

/* The place of an address among loaded, then unloaded modules. */
struct crash_place crash_locate(const struct crash_report *, uint64_t address);
/* The module's name, or "NAME_unloaded" for an unloaded one (written to
 * tmp), NULL if outside. */
const char *crash_place_name(const struct crash_report *,
    const struct crash_place *, char tmp[CRASH_PLACE_NAME_LEN]);

/* "windows", "linux", ... and "x86", "amd64", ...; NULL for unknown. */
const char *crash_os_text(enum crash_os);
const char *crash_arch_text(enum crash_arch);
const char *crash_trust_text(enum crash_trust);
const char *crash_decision_text(enum crash_decision);
const char *crash_blame_rule_text(enum crash_blame_rule);

/*
 * The object of the design's section 7 for `countersign dump`, with:
 *   os_version, os_build, time (RFC 3339 or null), main (index or null),
 *   exception.flags, exception.params, faulting.index, frames[].index,
 *   modules_bad, modules_omitted, blame.index, blame.unloaded_index,
 *   blame.unloaded (bool), blame.frame, blame.offset,
 *   blame.trail[] {frame, module, decision}, unloaded[] {name, base, size,
 *   timestamp, checksum, code_id}, atom, bucket {key, title, class, text},
 *   rules_version.
 * base, timestamp (8 digits), checksum, addresses, offsets and codes (8
 * digits) are hex strings; sizes, thread ids and indices are numbers.  file
 * and sha256 may be NULL.  `error` is null.
 */
void crash_report_json(
    struct json *, const struct crash_report *, const char *file);
void crash_report_json_with(struct json *, const struct crash_report *,
    const char *file, const uint8_t *sha256);
/* The same object for bytes that could not be read: all null but file, sha256
 * and error. */
void crash_error_json(
    struct json *, enum crash_error, const char *file, const uint8_t *sha256);

#endif
