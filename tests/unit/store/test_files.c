/* store/keys, store/local, store/spool: the files. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/keys.h"
#include "store/local.h"
#include "store/seal.h"
#include "store/spool.h"
#include "support.h"

static void
start(void)
{
	cr_assert_eq(seal_init(), STORE_OK);
	test_dir();
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

TestSuite(keys, .init = start, .fini = test_dir_remove);
TestSuite(local, .init = start, .fini = test_dir_remove);
TestSuite(spool, .init = start, .fini = test_dir_remove);

Test(keys, made_once_and_never_replaced)
{
	static const char *const names[] = {"keys/inbox.key", "keys/download.key"};
	struct store_keys a, b;
	struct stat st;

	cr_assert_eq(store_keys_load(&a, test_path("keys")), STORE_NOT_FOUND);
	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(store_keys_load(&a, test_path("keys")), STORE_OK);
	cr_assert(a.has_inbox_public && a.has_inbox_secret && a.has_download_key);
	cr_assert_neq(memcmp(a.inbox_secret, a.download_key, STORE_KEY_LEN), 0);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(stat(test_path(names[i]), &st), 0);
		cr_assert_eq(st.st_mode & 0777, 0600);
	}
	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(store_keys_load(&b, test_path("keys")), STORE_OK);
	cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
	cr_assert_eq(test_num_files(), 3);
}

Test(keys, public_half_comes_back_from_the_secret_one)
{
	struct store_keys a, b;
	struct buf box, plain;

	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(store_keys_load(&a, test_path("keys")), STORE_OK);
	cr_assert_eq(unlink(test_path("keys/inbox.pub")), 0);
	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(store_keys_load(&b, test_path("keys")), STORE_OK);
	cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);

	buf_init(&box, 0);
	buf_init(&plain, 0);
	cr_assert_eq(seal_box(&box, bytes_of("x", 1), b.inbox_public), STORE_OK);
	cr_assert_eq(seal_box_open(&plain, bytes_of(box.data, box.len),
			 a.inbox_public, a.inbox_secret),
	    STORE_OK);
	buf_free(&box);
	buf_free(&plain);
}

Test(keys, web_never_holds_the_inbox_secret)
{
	static const uint8_t zero[STORE_KEY_LEN];
	struct store_keys web;

	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(store_keys_load_web(&web, test_path("keys")), STORE_OK);
	cr_assert(web.has_inbox_public && web.has_download_key);
	cr_assert(!web.has_inbox_secret);
	cr_assert_eq(memcmp(web.inbox_secret, zero, STORE_KEY_LEN), 0);
}

Test(keys, open_or_damaged_files_are_refused)
{
	struct store_keys k;

	cr_assert_eq(store_keys_create(test_path("keys")), STORE_OK);
	cr_assert_eq(chmod(test_path("keys/inbox.key"), 0640), 0);
	cr_assert_eq(store_keys_load(&k, test_path("keys")), STORE_OK);
	cr_assert_eq(chmod(test_path("keys/inbox.key"), 0644), 0);
	cr_assert_eq(store_keys_load(&k, test_path("keys")), STORE_KEY_BAD);
	cr_assert(!k.has_inbox_secret);
	cr_assert_eq(chmod(test_path("keys/inbox.key"), 0600), 0);
	write_file(test_path("keys/download.key"), "short");
	cr_assert_eq(store_keys_load(&k, test_path("keys")), STORE_KEY_BAD);
	cr_assert_eq(unlink(test_path("keys/download.key")), 0);
	cr_assert_eq(store_keys_load(&k, test_path("keys")), STORE_OK);
	cr_assert(!k.has_download_key);
}

Test(local, put_get_delete)
{
	struct local_store s;
	struct local_put put;
	char text[8] = "";
	int fd;

	cr_assert_eq(local_open(&s, test_path("objects")), STORE_OK);
	cr_assert_eq(local_put_begin(&s, &put), STORE_OK);
	cr_assert_eq(write(put.fd, "content", 7), 7);
	/* Not there before it is whole. */
	cr_assert_eq(local_get(&s, &fd, put.id), STORE_NOT_FOUND);
	cr_assert_eq(local_put_commit(&s, &put), STORE_OK);
	local_put_abort(&s, &put);
	cr_assert_eq(strlen(put.id), LOCAL_ID_LEN);
	cr_assert_eq(local_get(&s, &fd, put.id), STORE_OK);
	cr_assert_eq(read(fd, text, 7), 7);
	cr_assert_str_eq(text, "content");
	cr_assert_eq(write(fd, "x", 1), -1);
	close(fd);
	cr_assert_eq(test_num_files(), 1);
	cr_assert_eq(local_delete(&s, put.id), STORE_OK);
	cr_assert_eq(local_delete(&s, put.id), STORE_NOT_FOUND);
	cr_assert_eq(local_get(&s, &fd, put.id), STORE_NOT_FOUND);
	cr_assert_eq(test_num_files(), 0);
	local_close(&s);
}

Test(local, aborted_and_abandoned_objects_leave_nothing)
{
	struct local_store s;
	struct local_put put, lost;
	size_t removed;

	cr_assert_eq(local_open(&s, test_path("objects")), STORE_OK);
	cr_assert_eq(local_put_begin(&s, &put), STORE_OK);
	local_put_abort(&s, &put);
	cr_assert_eq(test_num_files(), 0);
	cr_assert_eq(local_put_begin(&s, &lost), STORE_OK);
	close(lost.fd); /* as if killed */
	cr_assert_eq(local_sweep(&s, &removed, time(NULL) - 60), STORE_OK);
	cr_assert_eq(removed, 0);
	cr_assert_eq(local_sweep(&s, &removed, time(NULL) + 60), STORE_OK);
	cr_assert_eq(removed, 1);
	cr_assert_eq(test_num_files(), 0);
	local_close(&s);
}

Test(local, failed_commit_leaves_nothing)
{
	struct local_store s;
	struct local_put put;
	char first[3] = "";

	cr_assert_eq(local_open(&s, test_path("objects")), STORE_OK);
	cr_assert_eq(local_put_begin(&s, &put), STORE_OK);
	/* A file where its directory would be. */
	memcpy(first, put.id, 2);
	char path[32];
	snprintf(path, sizeof(path), "objects/%s", first);
	write_file(test_path(path), "");
	cr_assert_eq(local_put_commit(&s, &put), STORE_IO);
	cr_assert_eq(put.fd, -1);
	cr_assert_eq(test_num_files(), 1);
	local_close(&s);
}

Test(local, ids_that_were_never_given_out_reach_no_file)
{
	static const char *const bad[] = {NULL, "", "abc", "../../../../etc/passwd",
	    "../../../../../../../../../../../../../../../../../../../../../etc/"
	    "pwd",
	    "ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/"};
	struct local_store s;
	int fd;

	cr_assert_eq(local_open(&s, test_path("objects")), STORE_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(local_get(&s, &fd, bad[i]), STORE_BAD_NAME);
		cr_expect_eq(local_delete(&s, bad[i]), STORE_BAD_NAME);
	}
	local_close(&s);
}

/* What a listing saw. */
struct seen {
	struct spool *spool;
	size_t num;
	uint64_t size;
	bool remove;
};

static bool
visit(const char *name, uint64_t size, void *arg)
{
	struct seen *seen = arg;

	seen->num++;
	seen->size += size;
	if (seen->remove)
		cr_expect_eq(spool_unlink(seen->spool, name), STORE_OK);
	return true;
}

Test(spool, body_survives_the_server_that_wrote_it)
{
	char name[SPOOL_NAME_LEN + 1], text[8] = "";
	struct spool s;
	uint64_t size;
	int fd;

	cr_assert_eq(spool_open(&s, test_path("spool")), STORE_OK);
	write_file(test_path("body"), "content");
	cr_assert_eq(spool_take(&s, name, &size, test_path("body")), STORE_OK);
	cr_assert_eq(strlen(name), SPOOL_NAME_LEN);
	cr_assert_eq(size, 7);
	cr_assert_eq(unlink(test_path("body")), 0); /* nginx's "clean" */
	cr_assert_eq(spool_get(&s, &fd, name), STORE_OK);
	cr_assert_eq(read(fd, text, 7), 7);
	cr_assert_str_eq(text, "content");
	close(fd);
	cr_assert_eq(spool_sync(&s, name), STORE_OK);
	cr_assert_eq(spool_unlink(&s, name), STORE_OK);
	cr_assert_eq(spool_unlink(&s, name), STORE_NOT_FOUND);
	cr_assert_eq(test_num_files(), 0);
	spool_close(&s);
}

Test(spool, takes_regular_files_only)
{
	char name[SPOOL_NAME_LEN + 1];
	struct spool s;
	uint64_t size;

	cr_assert_eq(spool_open(&s, test_path("spool")), STORE_OK);
	cr_assert_eq(
	    spool_link(&s, name, &size, test_path("none")), STORE_NOT_FOUND);
	write_file(test_path("body"), "x");
	cr_assert_eq(symlink(test_path("body"), test_path("link")), 0);
	cr_assert_eq(
	    spool_link(&s, name, &size, test_path("link")), STORE_BAD_NAME);
	cr_assert_str_eq(name, "");
	cr_assert_eq(mkfifo(test_path("fifo"), 0600), 0);
	cr_assert_eq(
	    spool_link(&s, name, &size, test_path("fifo")), STORE_BAD_NAME);
	cr_assert_neq(spool_link(&s, name, &size, test_path("spool")), STORE_OK);
	cr_assert_eq(test_num_files(), 3);
	spool_close(&s);
}

Test(spool, names_that_were_never_given_out_reach_no_file)
{
	static const char *const bad[] = {NULL, "", "../body", ".body",
	    "0123456789abcdef0123456789abcdef",
	    "0123456789abcdef0123456789abcdef.bod",
	    "0123456789abcdef0123456789abcdef.bodyx",
	    "../3456789abcdef0123456789abcdef.body"};
	struct spool s;
	int fd;

	cr_assert_eq(spool_open(&s, test_path("spool")), STORE_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(spool_get(&s, &fd, bad[i]), STORE_BAD_NAME);
		cr_expect_eq(spool_unlink(&s, bad[i]), STORE_BAD_NAME);
		cr_expect_eq(spool_sync(&s, bad[i]), STORE_BAD_NAME);
	}
	spool_close(&s);
}

Test(spool, lists_what_is_old)
{
	char name[SPOOL_NAME_LEN + 1];
	struct seen seen = {0};
	struct spool s;
	uint64_t size;

	cr_assert_eq(spool_open(&s, test_path("spool")), STORE_OK);
	write_file(test_path("body"), "content");
	write_file(test_path("spool/other"), "not ours");
	for (int i = 0; i < 3; i++)
		cr_assert_eq(
		    spool_take(&s, name, &size, test_path("body")), STORE_OK);
	cr_assert_eq(spool_list(&s, time(NULL) - 60, visit, &seen), STORE_OK);
	cr_assert_eq(seen.num, 0);
	seen.spool = &s;
	seen.remove = true;
	cr_assert_eq(spool_list(&s, time(NULL) + 60, visit, &seen), STORE_OK);
	cr_assert_eq(seen.num, 3);
	cr_assert_eq(seen.size, 21);
	cr_assert_eq(test_num_files(), 2);
	spool_close(&s);
}
