/*
 * The parts of a minidump, read in place.  Format: Microsoft, minidumpapiset.h
 * (MINIDUMP_HEADER and the MINIDUMP_*_STREAM structures), and the additions of
 * Breakpad and Crashpad for other systems.  All numbers are little-endian.
 *
 * Rules that hold for every part: a location with RVA 0 or size 0 is absent;
 * streams may be unaligned; the directory may hold entries of type 0; a stream
 * that reaches beyond the end of the file is cut there.
 */
#ifndef CRASH_MINIDUMP_H
#define CRASH_MINIDUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crash/report.h"

/* Slots for the streams that are read; the type in the file is in
 * minidump.c. */
enum minidump_stream {
	MINIDUMP_THREADS = 0,
	MINIDUMP_MODULES,
	MINIDUMP_MEMORY,
	MINIDUMP_EXCEPTION,
	MINIDUMP_SYSTEM,
	MINIDUMP_MEMORY64,
	MINIDUMP_UNLOADED,
	MINIDUMP_MISC,
	MINIDUMP_MEMORY_INFO,
	MINIDUMP_NUM_STREAMS
};

/* An opened dump: borrows the bytes, owns nothing. */
struct minidump {
	struct bytes file;
	uint32_t timestamp; /* of the header: seconds since 1970 */
	struct bytes stream[MINIDUMP_NUM_STREAMS]; /* .p NULL: absent */
};

/* Registers that a stack walk starts from. */
struct minidump_context {
	bool valid;
	bool has_nonvolatile; /* reg[] is filled (amd64) */
	uint64_t pc, sp, fp;
	uint64_t lr;	  /* arm and arm64 only */
	uint64_t reg[16]; /* amd64: in the order of its encodings, rax..r15 */
};

/* Memory of the process that lies in the dump. */
struct minidump_memory {
	uint64_t base;
	struct bytes data;
};

/* Header and directory.  CRASH_OK, or why it is no readable dump. */
enum crash_error minidump_open(struct minidump *out, struct bytes file);

/* The bytes of a MINIDUMP_LOCATION_DESCRIPTOR (u32 size, u32 RVA) at off of
 * b, cut at the end of the file; false if absent or outside. */
bool minidump_location(
    const struct minidump *, struct bytes b, uint64_t off, struct bytes *out);
/* The UTF-16LE bytes of the MINIDUMP_STRING at rva, without its length;
 * cut at CRASH_MAX_PATH.  False if absent or outside. */
bool minidump_string(const struct minidump *, uint32_t rva, struct bytes *out);
/* Entries of a list that begins with a u32 count: the count that fits into
 * the stream (some writers pad the count to 8 bytes), at most max, with *out
 * the entries' bytes; *out_more counts those that do not fit. */
uint32_t minidump_list(struct bytes stream, size_t entry_len, uint32_t max,
    struct bytes *out, uint32_t *out_more);

/* minidump_modules.c: fill modules, by_base, main and unloaded of a report
 * whose os and arch are set.  CRASH_OK or CRASH_ENOMEM. */
enum crash_error minidump_modules(const struct minidump *, struct crash_report *);
enum crash_error minidump_unloaded(const struct minidump *, struct crash_report *);

/* minidump_system.c: os, arch, versions, time, process id. */
void minidump_system(const struct minidump *, struct crash_report *);

/* minidump_threads.c: the exception record, and the registers and the stack
 * of the thread that it names. */
void minidump_exception(
    const struct minidump *, struct crash_report *, struct minidump_context *out);
bool minidump_thread_stack(
    const struct minidump *, uint32_t thread, struct minidump_memory *out);
/* minidump_context.c: a CONTEXT of the given machine. */
void minidump_context_read(
    struct minidump_context *out, struct bytes, enum crash_arch);

/* minidump_memory.c: the range that holds an address; false if none does. */
bool minidump_memory_at(
    const struct minidump *, uint64_t address, struct minidump_memory *out);
enum minidump_protection {
	MINIDUMP_PROTECTION_UNKNOWN = 0,
	MINIDUMP_EXECUTABLE,
	MINIDUMP_NOT_EXECUTABLE,
};
/* What MINIDUMP_MEMORY_INFO_LIST says of a page; needs it sorted, as it is
 * written, and is merely wrong where it is not. */
enum minidump_protection minidump_protection_at(
    const struct minidump *, uint64_t address);

#endif
