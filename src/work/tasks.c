/*
 * The table of jobs, and what they share.
 */
#include "work/tasks.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* What libraries do when first asked must be over before the door is closed:
 * OpenSSL reads its configuration and loads algorithms by name. */
static void
prepare_libraries(void)
{
	static const char *const digests[] = {
	    "SHA1", "SHA256", "SHA384", "SHA512", "MD5"};
	static const char *const keys[] = {"RSA", "EC", "RSA-PSS"};
	uint8_t md[EVP_MAX_MD_SIZE];

	OPENSSL_init_crypto(
	    OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		EVP_KEYMGMT_free(EVP_KEYMGMT_fetch(NULL, keys[i], NULL));
	EVP_Digest("", 0, md, NULL, EVP_sha256(), NULL);
	/* jansson opens /dev/urandom for the seed of its tables */
	json_object_seed(0);
}

const struct child_task work_tasks[TASK_NUM] = {
    [TASK_DUMP] = {"dump", task_dump, NULL},
    [TASK_EXTRACT] = {"extract", task_extract, NULL},
    [TASK_PROOF] = {"proof", task_proof, prepare_libraries},
    [TASK_BINARY] = {"binary", task_binary, NULL},
};

bool
task_strings(const char **out, size_t num, struct bytes in)
{
	for (size_t i = 0; i < num; i++) {
		const uint8_t *end = in.len == 0 ? NULL : memchr(in.p, 0, in.len);

		if (end == NULL)
			return false;
		out[i] = (const char *)in.p;
		in.len -= (size_t)(end + 1 - in.p);
		in.p = end + 1;
	}
	return in.len == 0;
}
