/*
 * Dumps for the unit tests of src/crash/: written by make_minidump, which the
 * build puts beside the test program, and then altered byte by byte.
 */
#ifndef TESTS_CRASH_CRAFT_H
#define TESTS_CRASH_CRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "crash/report.h"

struct craft {
	uint8_t *data; /* owned */
	size_t len;
};

/* Options of make_minidump, as a shell reads them.  Fails the test if it
 * refuses them. */
struct craft craft_dump(const char *options);
void craft_free(struct craft *);

uint32_t craft_u32(const struct craft *, size_t at);
void craft_put32(struct craft *, size_t at, uint32_t);
/* Offset of the directory entry of a stream type; fails if there is none. */
size_t craft_entry(const struct craft *, uint32_t type);
/* Offset of that stream. */
size_t craft_stream(const struct craft *, uint32_t type);

/* A small list of rules: ntdll.dll is platform, vcruntime* is library. */
const struct crash_rules *craft_rules(void);
enum crash_error craft_examine(struct crash_report *, const struct craft *);
/* craft_dump() and craft_examine() in one; fails unless CRASH_OK. */
void craft_report(struct crash_report *, const char *options);

#define HOST                                                           \
	"--module 'C:\\host\\host.exe,0x140000000,0x14000,0x67cffe8c," \
	"0,4.2.0.17,host.pdb,461E9036760803D673C83A2FCE4C7018,1' "
#define REVERB                                               \
	"--module 'C:\\vst\\reverb.dll,0x180000000,0x11000," \
	"0x67ed42ff,0x6456,1.0.0.0,reverb.pdb,"              \
	"479B5A0E867C571A65A8E22DC1D69044,12' "
#define NTDLL	"--module 'C:\\Windows\\ntdll.dll,0x7ff800000000,0x200000,5' "
#define RUNTIME "--module 'VCRUNTIME140.dll,0x7ff700000000,0x20000,6' "

#endif
