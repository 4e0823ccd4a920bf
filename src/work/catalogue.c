/*
 * One file into the catalogue.
 */
#include "work/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "work/issuers.h"
#include "work/memfd.h"
#include "work/tasks.h"
#include "work/trust_load.h"

/* Rounds of asking for issuers: one a link of the chain, Windows' limit is 3. */
#define FETCH_ROUNDS 4
/* Milliseconds that one round waits. */
#define FETCH_WAIT_MS 10000
#define FILE_MAX      ((off_t)512 << 20)

static bool
hash(struct catalogue_entry *e, struct bytes file)
{
	uint8_t md[32];

	if (EVP_Digest(file.p, file.len, md, NULL, EVP_sha256(), NULL) != 1)
		return false;
	text_hex(e->sha256, md, 32);
	if (EVP_Digest(file.p, file.len, md, NULL, EVP_sha1(), NULL) != 1)
		return false;
	text_hex(e->sha1, md, 20);
	return true;
}

/* The name that a dump would use: the last part of the path. */
static void
name_of(char *out, size_t room, const char *path)
{
	const char *base = strrchr(path, '/');
	struct buf b;

	base = base == NULL ? path : base + 1;
	buf_init(&b, room);
	text_utf8(&b, bytes_of(base, strlen(base)));
	snprintf(out, room, "%s", buf_str(&b));
	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	buf_free(&b);
}

static int
open_file(struct catalogue_entry *e, const char *path)
{
	struct stat st;
	void *map;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		close(fd);
		return -1;
	}
	e->size = st.st_size;
	name_of(e->name, sizeof(e->name), path);
	if (st.st_size == 0)
		return fd;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED || !hash(e, bytes_of(map, (size_t)st.st_size))) {
		close(fd);
		fd = -1;
	}
	if (map != MAP_FAILED)
		munmap(map, (size_t)st.st_size);
	return fd;
}

/* ---- examining
 * ------------------------------------------------------------------- */

static enum child_outcome
examine(struct catalogue *c, struct catalogue_entry *e, int fd, const char *urls,
    int *sig)
{
	enum child_outcome o = CHILD_UNSTARTED;
	struct buf request, answer;
	char now[24];
	int fds[4] = {-1, fd, c->trust_fd, -1};

	buf_init(&request, 0);
	buf_init(&answer, CHILD_MAX_RESULT);
	snprintf(now, sizeof(now), "%lld", (long long)time(NULL));
	buf_append(&request, e->name, strlen(e->name) + 1);
	buf_append(&request, now, strlen(now) + 1);
	fds[0] = memfd_with(bytes_of(request.data, request.len));
	if (fds[0] >= 0 && issuers_memfd(&fds[3], c->db, urls) == DB_OK)
		o = zygote_run(
		    c->zygote, TASK_BINARY, fds, 4, &answer, c->timeout_ms, sig);
	binary_free(&e->binary);
	if (o == CHILD_OK &&
	    !binary_read(&e->binary, bytes_of(answer.data, answer.len)))
		o = CHILD_REFUSED;
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[3] >= 0)
		close(fds[3]);
	buf_free(&request);
	buf_free(&answer);
	return o;
}

/* Asks and waits until nothing of it is open any more. */
static bool
fetch(struct catalogue *c, const char *urls)
{
	int64_t open = 1;

	if (issuers_want(c->db, urls) != DB_OK)
		return false;
	for (int waited = 0; open > 0 && waited < FETCH_WAIT_MS; waited += 250) {
		struct db_args args;
		PGresult *r;

		db_args_init(&args);
		db_arg_text(&args, urls);
		if (db_run_one(c->db, QUERY_ISSUERS_OPEN, &args, &r) != DB_OK)
			return false;
		open = db_int(r, 0, 0);
		PQclear(r);
		if (open > 0)
			db_wait(c->db, 250, NULL);
	}
	return true;
}

/* Examines; while only an issuer is missing, asks for it and examines again. */
static enum child_outcome
examine_with_issuers(
    struct catalogue *c, struct catalogue_entry *e, int fd, int *sig)
{
	char *all[FETCH_ROUNDS * PROOF_MAX_URLS];
	size_t num = 0;
	enum child_outcome o = examine(c, e, fd, "[]", sig);

	for (int round = 0; o == CHILD_OK && c->ask_fetcher &&
	     e->binary.num_wanted > 0 && round < FETCH_ROUNDS;
	     round++) {
		struct buf urls;

		for (size_t i = 0; i < e->binary.num_wanted; i++)
			if ((all[num] = strdup(e->binary.wanted[i])) != NULL)
				num++;
		buf_init(&urls, 0);
		issuers_json(&urls, all, num);
		if (fetch(c, buf_str(&urls)))
			o = examine(c, e, fd, buf_str(&urls), sig);
		else
			round = FETCH_ROUNDS;
		buf_free(&urls);
	}
	while (num > 0)
		free(all[--num]);
	return o;
}

/* ---- storing
 * ---------------------------------------------------------------------- */

static enum db_error
put_binary(struct catalogue *c, const struct catalogue_entry *e)
{
	struct db_args args;
	enum db_error err;

	db_args_init(&args);
	db_arg_text(&args, e->sha256);
	db_arg_text(&args, e->sha1);
	db_arg_text(&args, e->binary.stripped);
	db_arg_text(&args, e->name);
	db_arg_int(&args, e->size);
	db_arg_text(&args, e->binary.verdict);
	db_arg_text(&args, e->binary.reason[0] != '\0' ? e->binary.reason : NULL);
	db_arg_int(&args, c->policy);
	db_arg_text(&args, c->added_by);
	if ((err = db_run(c->db, QUERY_BINARY_PUT, &args, NULL)) != DB_OK)
		return err;
	db_args_init(&args);
	db_arg_text(&args, e->sha256);
	return db_run(c->db, QUERY_BINARY_SIGNATURES_FORGET, &args, NULL);
}

/* One signature's rows. Only a genuine one makes a signer. */
static enum db_error
put_signature(struct catalogue *c, const struct catalogue_entry *e, size_t i,
    int64_t *out_signer)
{
	const struct binary_signature *s = &e->binary.signatures[i];
	int64_t signers[PROOF_MAX_IDENTITIES] = {0};
	struct proof_signer bare = s->signer;
	enum db_error err = DB_OK;
	struct db_args args;
	struct buf ids;

	if (!s->genuine)
		bare.num_identities = 0;
	if (s->signer.present)
		err = proof_signer_store(c->db, &bare, signers);
	if (err != DB_OK)
		return err;
	*out_signer = signers[0];
	buf_init(&ids, 0);
	proof_identities_json(&ids, &s->signer);
	db_args_init(&args);
	db_arg_text(&args, e->sha256);
	db_arg_int(&args, (int64_t)i);
	db_arg_bool(&args, s->nested);
	signers[0] != 0 ? db_arg_int(&args, signers[0]) : db_arg_null(&args);
	db_arg_text(&args, s->signer.present ? s->signer.sha256 : NULL);
	db_arg_text(&args, s->genuine ? "genuine" : "refused");
	db_arg_text(&args, s->genuine ? NULL : s->reason);
	s->has_time ? db_arg_int(&args, s->signed_at) : db_arg_null(&args);
	db_arg_text(&args, s->timestamp[0] != '\0' ? s->timestamp : NULL);
	db_arg_text(&args, buf_str(&ids));
	err = db_run(c->db, QUERY_BINARY_SIGNATURE_PUT, &args, NULL);
	buf_free(&ids);
	return err;
}

static void
module_args(struct db_args *args, const struct catalogue_entry *e)
{
	db_args_init(args);
	db_arg_text(args, e->name);
	db_arg_text(args, e->binary.code_id);
	db_arg_text(args, e->binary.debug_id);
}

/* Somebody has it already: nothing moves, and if that is another signer the
 * attempt is on record. */
static enum db_error
note_rival(struct catalogue *c, struct catalogue_entry *e, int64_t signer)
{
	struct db_args args;
	enum db_error err;
	char detail[160];
	PGresult *r;

	module_args(&args, e);
	if ((err = db_run_one(c->db, QUERY_MODULE_GET, &args, &r)) != DB_OK)
		return err;
	snprintf(e->standing, sizeof(e->standing), "%s", db_text(r, 0, 1));
	e->kept = true;
	e->rival = signer != 0 && db_int(r, 0, 0) != 0 && db_int(r, 0, 0) != signer;
	PQclear(r);
	if (!e->rival)
		return DB_OK;
	snprintf(e->note, sizeof(e->note),
	    "another signer holds this module; nothing was moved");
	snprintf(detail, sizeof(detail), "{\"sha256\":\"%s\",\"signer\":%lld}",
	    e->sha256, (long long)signer);
	db_args_init(&args);
	db_arg_text(&args, c->added_by);
	db_arg_text(&args, "catalogue rival");
	db_arg_text(&args, e->name);
	db_arg_null(&args);
	db_arg_text(&args, detail);
	return db_run(c->db, QUERY_AUDIT_APPEND, &args, NULL);
}

static enum db_error
put_module(struct catalogue *c, struct catalogue_entry *e, int64_t signer)
{
	struct db_args args;
	enum db_error err;
	PGresult *r;

	module_args(&args, e);
	signer != 0 ? db_arg_int(&args, signer) : db_arg_null(&args);
	db_arg_text(&args, e->judged.standing);
	db_arg_text(&args, e->judged.evidence);
	db_arg_text(&args, e->sha256);
	db_arg_text(&args, e->binary.version[0] != '\0' ? e->binary.version : NULL);
	if ((err = db_run_one(c->db, QUERY_MODULE_PUT, &args, &r)) != DB_OK)
		return err;
	if (r == NULL)
		return note_rival(c, e, signer);
	snprintf(e->standing, sizeof(e->standing), "%s", db_text(r, 0, 0));
	PQclear(r);
	return DB_OK;
}

static enum db_error
store(struct catalogue *c, struct catalogue_entry *e)
{
	int64_t holder = 0, signer = 0;
	enum db_error err;

	for (size_t i = 0; i < e->binary.num_signatures; i++)
		if (e->binary.signatures[i].genuine &&
		    (err = proof_shared(c->db, &e->binary.signatures[i].signer,
			 &e->binary.signatures[i].shared)) != DB_OK)
			return err;
	e->judged = binary_judge(&e->binary);
	if ((err = put_binary(c, e)) != DB_OK)
		return err;
	for (size_t i = 0; i < e->binary.num_signatures; i++) {
		if ((err = put_signature(c, e, i, &signer)) != DB_OK)
			return err;
		if ((int)i == e->judged.signature)
			holder = signer;
	}
	if (e->binary.num_used > 0 &&
	    (err = issuers_used(c->db, e->binary.used, e->binary.num_used)) !=
		DB_OK)
		return err;
	return put_module(c, e, holder);
}

static enum db_error
store_in_transaction(struct catalogue *c, struct catalogue_entry *e)
{
	enum db_error err = DB_AGAIN;

	for (int tries = 0; err == DB_AGAIN && tries < 5; tries++) {
		if ((err = db_begin(c->db)) == DB_OK)
			err = store(c, e);
		if (err == DB_OK)
			err = db_commit(c->db);
		if (err != DB_OK)
			db_rollback(c->db);
	}
	return err;
}

static bool
roots(struct catalogue *c)
{
	return c->trust_fd >= 0 ||
	    (trust_version(c->db, &c->policy) == DB_OK && c->policy > 0 &&
		trust_memfd(&c->trust_fd, c->db, c->policy) == DB_OK);
}

enum catalogue_outcome
catalogue_add(struct catalogue *c, struct catalogue_entry *e, const char *path)
{
	enum child_outcome o;
	struct buf why;
	int fd, sig = 0;

	memset(e, 0, sizeof(*e));
	if (!roots(c))
		return db_alive(c->db) ? CATALOGUE_NO_POLICY : CATALOGUE_DATABASE;
	if ((fd = open_file(e, path)) < 0)
		return CATALOGUE_UNREADABLE;
	o = e->size == 0 ? CHILD_OK : examine_with_issuers(c, e, fd, &sig);
	close(fd);
	if (o != CHILD_OK) {
		buf_init(&why, 0);
		child_outcome_sentence(&why, o, sig);
		snprintf(e->note, sizeof(e->note), "%s", buf_str(&why));
		buf_free(&why);
		return CATALOGUE_UNPROCESSABLE;
	}
	if (!e->binary.pe)
		return CATALOGUE_NOT_PE;
	return store_in_transaction(c, e) == DB_OK ? CATALOGUE_STORED
						   : CATALOGUE_DATABASE;
}

void
catalogue_entry_free(struct catalogue_entry *e)
{
	binary_free(&e->binary);
}

void
catalogue_close(struct catalogue *c)
{
	if (c->trust_fd >= 0)
		close(c->trust_fd);
	c->trust_fd = -1;
}
