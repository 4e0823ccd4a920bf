/*
 * From the registers of the thread that crashed to the frames of its stack.
 */
#ifndef CRASH_STACKWALK_H
#define CRASH_STACKWALK_H

#include "crash/minidump.h"
#include "crash/report.h"

/*
 * Fills frames of a report whose modules and exception are read.  Frame 0 is
 * the context's pc; each further frame is found by the first of these that
 * yields something plausible, and says which:
 *   CRASH_TRUST_CFI            unwind data of the image, where images has it
 *   CRASH_TRUST_FRAME_POINTER  the saved frame pointer and return address
 *   CRASH_TRUST_SCAN           the next word of the stack that could be a
 *                              return address
 * A place above frame 0 holds the return address; its module is that of the
 * call before it.  images may be NULL.
 */
void stackwalk(const struct minidump *, struct crash_report *,
    const struct minidump_context *, const struct crash_images *images);

#endif
