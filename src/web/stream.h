/*
 * Sending a range of a sealed object over kore, record by record.
 */
#ifndef WEB_STREAM_H
#define WEB_STREAM_H

#include <stdbool.h>

#include "store/seal.h"
#include "web/request.h"

struct exchange;

/* Sends status and headers of x's response (its content-length is set) and then
 * the range; the first record is read before the headers go out. Takes over
 * *object with its descriptor, unless it returns false: then nothing was sent.
 * A record that does not open later ends the connection, so that nobody takes
 * the part for the whole. */
bool stream_start(struct exchange *x, const struct sealed *object, struct range);

#endif
