/*
 * The jobs on foreign bytes, one child each (work/child.h).  Each takes its
 * inputs as numbered below and answers in JSON; whoever asked treats that
 * answer as hostile, because whoever wrote the input may by then have the
 * child.
 */
#ifndef WORK_TASKS_H
#define WORK_TASKS_H

#include <stdbool.h>
#include <stddef.h>

#include "work/child.h"

enum task {
	/*
	 * A crash upload.  0: three strings, each with its NUL: content type,
	 * content encoding, query.  1: the body.  2: the text of conf/rules.conf.
	 * The result is a frame: 4 bytes, little-endian, the length of a JSON
	 * object; the object; and behind it the dump if it had to be inflated and
	 * fits.
	 *   {"error":CODE|null,"detail":text,"client","product","version","guid",
	 *    "channel","platform","annotations":{..},
	 *    "dump":{"offset":N|null,"len":N,"framed":bool},"examination":{..}}
	 * offset: where in input 1 the dump lies as it is.
	 */
	TASK_DUMP,
	/*
	 * A piece of a dump that is too large for TASK_DUMP's frame.  0: as above,
	 * and a fourth and fifth string: offset and length in decimal.  1: the
	 * body.  The result is the bytes.
	 */
	TASK_EXTRACT,
	/*
	 * A signed challenge.  0: host, hash of the code in hex, expires_at, now,
	 * as four strings (times in decimal seconds).  1: the upload.  2: the
	 * roots (work/trust_blob.h).  3: issuers that were fetched
	 * (work/issuers.h).
	 *   {"accepted":bool,"reason":CODE|null,"result":{challenge_verdict_json},
	 *    "signer":{..}|null,"identities":[..],"wanted":[URL..],"used":[URL..]}
	 */
	TASK_PROOF,
	/*
	 * A file for the catalogue.  0: name and now, two strings.  1: the file.
	 * 2: the roots.  3: issuers.
	 *   {"pe":bool,"machine":N,"code_id","debug_id","version","stripped",
	 *    "signature":{signed_file_json},
	 *    "signatures":[{"nested","verdict","reason","signed_at":N|null,
	 *    "timestamp","signer":{..}|null,"identities":[..]}],"wanted":[URL..],"used":[..]}
	 */
	TASK_BINARY,
	TASK_NUM
};

/* Indexed by enum task. */
extern const struct child_task work_tasks[TASK_NUM];

enum child_result task_dump(const struct bytes *, size_t, struct buf *);
enum child_result task_extract(const struct bytes *, size_t, struct buf *);
enum child_result task_proof(const struct bytes *, size_t, struct buf *);
enum child_result task_binary(const struct bytes *, size_t, struct buf *);

/* Splits input 0 into exactly num strings that end in NUL. */
bool task_strings(const char **out, size_t num, struct bytes in);

#endif
