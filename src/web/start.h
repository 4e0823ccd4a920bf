/*
 * What happens once, in kore's parent, before it makes its worker.
 */
#ifndef WEB_START_H
#define WEB_START_H

struct web_server;

/* Reads settings and keys, opens the stores; ends the process with a sentence
 * when a setting is wrong. Missing keys leave /readyz at 503. */
void start_read(struct web_server *);
/* Makes the process that syncs spool files: it answers, on a socket, for the
 * worker, which must never wait for a disk and may not fork.
 * Requests are "S NAME" (sync) and "U NAME" (remove), answers "K NAME" or
 * "E NAME"; one message each. */
void start_syncer(struct web_server *);

#endif
