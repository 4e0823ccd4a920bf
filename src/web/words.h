/*
 * Small texts for one page, kept until it has been made.
 */
#ifndef WEB_WORDS_H
#define WEB_WORDS_H

#include <stdint.h>

#include "crash/arena.h"

/* A page's words and points: 200 rows of sparklines are 100 kB. */
#define WORDS_MAX ((size_t)8 << 20)

/* printf into the arena; "" when memory is short. */
const char *words(struct crash_arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "just now", "6 min ago", "3 h ago", "2 d ago", later the day. */
const char *words_ago(struct crash_arena *, int64_t now, int64_t then);
/* What P1..P8 of a label are called (design section 6: positions differ by
 * event type); index from 0. Static. */
const char *words_label_field(const char *label_type, int index);
/* The rule that chose the blamed module, as a sentence. */
const char *words_rule(const char *rule);

#endif
