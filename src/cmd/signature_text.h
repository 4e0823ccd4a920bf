/*
 * A judged file for people: verdict, the chain as a ladder, and for a refusal
 * what was seen and what to do.
 */
#ifndef CMD_SIGNATURE_TEXT_H
#define CMD_SIGNATURE_TEXT_H

#include "pki/authenticode.h"

struct buf;

void signature_text(struct buf *, const struct signed_file *, const char *name);

#endif
