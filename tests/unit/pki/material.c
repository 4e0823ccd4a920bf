/* Certificates and files for the tests of pki/; see material.h. */
#include "material.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <spawn.h>
#include <openssl/conf.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char script[] = "tests/data/pki/make-pki.sh";

/* Tests end as processes and free little.  What is noted here stays reachable,
 * so that the leak checker speaks of the program only. */
static void *
keep(void *p)
{
	static void *kept[8192];
	static size_t num;

	if (num < sizeof(kept) / sizeof(kept[0]))
		kept[num++] = p;
	return p;
}

/* ---- files ------------------------------------------------------------------ */

static void
run_script(char *target)
{
	char *argv[] = {(char *)script, target, "http://aia.example.test", NULL};
	int status = -1;
	pid_t pid;

	cr_assert_eq(posix_spawn(&pid, script, NULL, NULL, argv, environ), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0, "%s failed", script);
}

/* One directory for each state of the script, so that a changed script never
 * meets an old directory; a lock, because every test is a process. */
const char *
material_pki(void)
{
	static char dir[256];
	char target[300], mark[300];
	struct stat st;
	int lock;

	if (dir[0] != '\0')
		return dir;
	cr_assert_eq(stat(script, &st), 0, "run from the repository's root");
	snprintf(dir, sizeof(dir), "%s/countersign-test-pki-%u-%llx",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp",
	    (unsigned)getuid(),
	    (unsigned long long)st.st_mtim.tv_sec * 1000 +
		(unsigned long long)st.st_size);
	mkdir(dir, 0700);
	cr_assert_eq(lstat(dir, &st), 0);
	cr_assert(
	    S_ISDIR(st.st_mode) && st.st_uid == getuid(), "%s is not ours", dir);
	lock = open(dir, O_RDONLY | O_DIRECTORY);
	cr_assert(lock >= 0 && flock(lock, LOCK_EX) == 0);
	snprintf(mark, sizeof(mark), "%s/done", dir);
	if (access(mark, F_OK) != 0) {
		snprintf(target, sizeof(target), "%s/pki", dir);
		run_script(target);
		close(open(mark, O_CREAT | O_WRONLY, 0600));
	}
	close(lock);
	snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/pki");
	return dir;
}

const char *
material_path(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", material_pki(), name);
	return path;
}

const char *
material_shared(const char *name)
{
	static char path[512];
	const char *root = getenv("COUNTERSIGN_DATA");

	snprintf(path, sizeof(path), "%s/%s",
	    root != NULL ? root : "../shared/data", name);
	if (access(path, R_OK) == 0)
		return path;
	cr_log_warn(
	    "skipped: %s is absent (COUNTERSIGN_DATA names the shared data)", path);
	return NULL;
}

struct bytes
material_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = keep(malloc(1 << 20));
	size_t len;

	cr_assert_not_null(f, "cannot open %s", path);
	len = fread(data, 1, 1 << 20, f);
	fclose(f);
	return bytes_of(data, len);
}

struct certificate *
material_certificate(const char *path)
{
	struct bytes file = material_read(path);
	struct certificate *c = certificate_parse(file);
	size_t offset = 0;
	bool bad;

	if (c == NULL)
		c = certificate_next_pem(file, &offset, &bad);
	free((void *)file.p);
	cr_assert_not_null(c, "no certificate in %s", path);
	return keep(c);
}

void
material_add_all(
    struct certificates *set, const char *path, enum certificate_source source)
{
	struct bytes file = material_read(path);
	struct certificate *c;
	size_t offset = 0;
	bool bad;

	while ((c = certificate_next_pem(file, &offset, &bad)) != NULL) {
		cr_assert(certificates_add(set, c, source, NULL));
		certificate_free(c);
	}
	cr_assert_not(bad, "%s", path);
	free((void *)file.p);
}

/* ---- certificates ------------------------------------------------------------ */

EVP_PKEY *
material_key(int rsa_bits)
{
	EVP_PKEY *key =
	    rsa_bits != 0 ? EVP_RSA_gen((unsigned)rsa_bits) : EVP_EC_gen("P-256");

	cr_assert_not_null(key);
	return keep(key);
}

static void
add_extension(X509 *x, X509 *issuer, const char *text)
{
	char name[64];
	const char *value = strchr(text, '=') + 1;
	CONF *conf = NCONF_new(NULL);
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	ASN1_OBJECT *oid;

	snprintf(name, sizeof(name), "%.*s", (int)(value - 1 - text), text);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	/* some kinds insist on a configuration, be it empty */
	X509V3_set_nconf(&ctx, conf);
	if (strncmp(value, "hex:", 4) == 0 ||
	    strncmp(value, "critical,hex:", 13) == 0) {
		/* an extension of a kind that OpenSSL may not know: raw bytes */
		ASN1_OCTET_STRING *raw = ASN1_OCTET_STRING_new();
		long len;
		unsigned char *bytes =
		    OPENSSL_hexstr2buf(strchr(value, ':') + 1, &len);

		ASN1_OCTET_STRING_set(raw, bytes, (int)len);
		oid = OBJ_txt2obj(name, 0);
		e = X509_EXTENSION_create_by_OBJ(NULL, oid, value[0] == 'c', raw);
		ASN1_OBJECT_free(oid);
		ASN1_OCTET_STRING_free(raw);
		OPENSSL_free(bytes);
	} else {
		e = X509V3_EXT_conf(NULL, &ctx, name, value);
	}
	cr_assert_not_null(e, "extension %s", text);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	NCONF_free(conf);
}

static X509_NAME *
name_of(const char *cn)
{
	X509_NAME *n = X509_NAME_new();

	if (cn[0] != '\0')
		X509_NAME_add_entry_by_txt(
		    n, "CN", MBSTRING_UTF8, (const uint8_t *)cn, -1, -1, 0);
	return n;
}

static void
fill_names(X509 *x, const struct spec *s)
{
	X509_NAME *subject = name_of(s->subject), *issuer = NULL;

	X509_set_subject_name(x, subject);
	if (s->issuer_name != NULL)
		issuer = name_of(s->issuer_name);
	X509_set_issuer_name(x,
	    issuer != NULL	    ? issuer
		: s->issuer != NULL ? X509_get_subject_name(s->issuer->cert->x509)
				    : subject);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
}

static void
fill_extensions(X509 *x, const struct spec *s)
{
	X509 *issuer = s->issuer != NULL ? s->issuer->cert->x509 : x;

	if (s->ca) {
		add_extension(x, issuer, "basicConstraints=critical,CA:TRUE");
		add_extension(x, issuer, "keyUsage=critical,keyCertSign,cRLSign");
	}
	if (s->code) {
		add_extension(x, issuer, "keyUsage=critical,digitalSignature");
		add_extension(x, issuer, "extendedKeyUsage=codeSigning");
	}
	for (size_t i = 0; i < 6 && s->extension[i] != NULL; i++)
		add_extension(x, issuer, s->extension[i]);
}

struct made
material_make(const struct spec *s)
{
	static int serial = 1;
	struct made m = {.key = s->key};
	unsigned char *der = NULL;
	X509 *x = X509_new();
	int len;

	if (m.key != NULL)
		EVP_PKEY_up_ref(m.key);
	else
		m.key = material_key(0);
	X509_set_version(x, s->ca || s->code || s->extension[0] != NULL ? 2 : 0);
	ASN1_INTEGER_set(X509_get_serialNumber(x), getpid() * 1000L + serial++);
	fill_names(x, s);
	ASN1_TIME_set(X509_getm_notBefore(x), s->from != 0 ? s->from : 1704067200);
	ASN1_TIME_set(X509_getm_notAfter(x), s->until != 0 ? s->until : 2019686400);
	X509_set_pubkey(x, m.key);
	fill_extensions(x, s);
	cr_assert(X509_sign(x, s->issuer != NULL ? s->issuer->key : m.key,
		      s->digest != NULL ? s->digest : EVP_sha256()) > 0);
	len = i2d_X509(x, &der);
	cr_assert(len > 0);
	if (s->ruin)
		der[len - 1] ^= 1;
	m.cert = certificate_parse(bytes_of(der, (size_t)len));
	cr_assert_not_null(m.cert, "%s", s->subject);
	keep(m.cert);
	OPENSSL_free(der);
	X509_free(x);
	return m;
}
