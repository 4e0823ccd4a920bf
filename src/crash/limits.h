/*
 * What a dump may ask of us, at most.  A dump is hostile: every count in it is
 * compared with one of these, and with the bytes that are really there, before
 * anything is allocated or looped over.
 */
#ifndef CRASH_LIMITS_H
#define CRASH_LIMITS_H

#include <stddef.h>

/* 512 MiB: uploads end at 200 MB; the rest is room for imported full dumps. */
#define CRASH_MAX_DUMP ((size_t)512 << 20)
/* Directory entries.  Writers use under 30; Linux dumps about 15. */
#define CRASH_MAX_STREAMS 256
/* Modules kept.  The largest process that we have seen had 700; a list of
 * 2,000 is 1 MB of JSON, which is what the worker takes from its child. */
#define CRASH_MAX_MODULES 2000
/* Unloaded modules kept.  Windows itself remembers 64. */
#define CRASH_MAX_UNLOADED 256
/* Threads looked at to find the one that crashed. */
#define CRASH_MAX_THREADS 16384
/* Memory ranges looked at to find a stack.  Wine writes 7,200. */
#define CRASH_MAX_RANGES 131072
/* Frames of the faulting stack: blame is settled in the first dozen, and a
 * recursion repeats itself. */
#define CRASH_MAX_FRAMES 64
/* Bytes of a stack that are scanned for return addresses between two frames;
 * large locals are rarely above 16 KiB (Breakpad scans 40 words, and loses
 * callers of functions with a buffer). */
#define CRASH_MAX_SCAN (16 * 1024)
/* Bytes of a module's or symbol file's name, in the file.  Windows paths end
 * at 32,767 UTF-16 units; the name is the last part, at most 255. */
#define CRASH_MAX_PATH (64 * 1024)
#define CRASH_MAX_NAME 255
/* Bytes of such a name as it is shown: UTF-8, with escapes. */
#define CRASH_MAX_NAME_TEXT 1000
/* A buffer for it, with "_unloaded" behind and a NUL. */
#define CRASH_PLACE_NAME_LEN 1024
/* Bytes of an ELF build id: SHA-1 has 20, SHA-512 64. */
#define CRASH_MAX_BUILD_ID 64
/* Exception parameters; EXCEPTION_MAXIMUM_PARAMETERS. */
#define CRASH_MAX_PARAMS 15
/* Strings of one report: 2,256 names and their ids at a typical 100 bytes,
 * and four times that for names that are all escapes. */
#define CRASH_MAX_TEXT ((size_t)4 << 20)
/* Bytes, entries and the length of an entry of a list of rules. */
#define CRASH_MAX_RULES_TEXT ((size_t)1 << 20)
#define CRASH_MAX_RULES	     20000
/* PE images given for unwinding: files, and bytes of one. */
#define CRASH_MAX_IMAGES 512
#define CRASH_MAX_IMAGE	 ((size_t)512 << 20)

#endif
