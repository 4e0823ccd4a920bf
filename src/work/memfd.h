/*
 * Bytes in a memfd, to hand to a child.
 */
#ifndef WORK_MEMFD_H
#define WORK_MEMFD_H

#include "base/bytes.h"

/* -1 when the system has no room. */
int memfd_with(struct bytes);

#endif
