/* A time-stamp authority for tests; see tsa.h. The time comes with the path of
 * the request, so that one process stamps at every time that a test wants. */
#include "tests/support/tsa.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX  8192 /* a head and a query, which have about 300 bytes */
#define PATIENCE     10	  /* seconds that a client may be silent */
#define POLICY	     "1.3.6.1.4.1.311.3.2.1" /* any; nobody judges it */
#define CONTENT_TYPE "Content-Type: application/timestamp-reply\r\n"

static int64_t stamped; /* of the request at hand */

static int
time_of_request(struct TS_resp_ctx *ctx, void *unused, long *seconds, long *micros)
{
	(void)ctx;
	(void)unused;
	*seconds = stamped != 0 ? (long)stamped : (long)time(NULL);
	*micros = 0;
	return 1;
}

/* What it signs with and what it accepts: also the weak digests, which are the
 * program's to refuse. */
static bool
configure(TS_RESP_CTX *ctx, X509 *cert, EVP_PKEY *key)
{
	const EVP_MD *digests[] = {
	    EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
	ASN1_OBJECT *policy = OBJ_txt2obj(POLICY, 1);
	bool ok = policy != NULL && TS_RESP_CTX_set_def_policy(ctx, policy) == 1;

	ASN1_OBJECT_free(policy);
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		ok = ok && TS_RESP_CTX_add_md(ctx, digests[i]) == 1;
	if (!ok || TS_RESP_CTX_set_signer_cert(ctx, cert) != 1 ||
	    TS_RESP_CTX_set_signer_key(ctx, key) != 1 ||
	    TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) != 1 ||
	    TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()) != 1)
		return false;
	TS_RESP_CTX_set_time_cb(ctx, time_of_request, NULL);
	return true;
}

static TS_RESP_CTX *
authority_new(const char *cert_file, const char *key_file)
{
	BIO *cert_in = BIO_new_file(cert_file, "r"),
	    *key_in = BIO_new_file(key_file, "r");
	X509 *cert = cert_in ? PEM_read_bio_X509(cert_in, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key =
	    key_in ? PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL) : NULL;
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();

	if (cert == NULL || key == NULL || ctx == NULL ||
	    !configure(ctx, cert, key)) {
		TS_RESP_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_PKEY_free(key);
	X509_free(cert);
	BIO_free(key_in);
	BIO_free(cert_in);
	return ctx;
}

/* The body's place in a request that is whole; 0 while it is not. Writes the
 * body's length. */
static size_t
body_at(const char *request, size_t len, size_t *out_body_len)
{
	const char *end = memmem(request, len, "\r\n\r\n", 4), *line;
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - request) + 4;
	*out_body_len = 0;
	for (line = request; line < end; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			*out_body_len = strtoul(line + 15, NULL, 10);
	return *out_body_len <= len - head ? head : 0;
}

static void
send_all(int client, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = send(client, p, len, MSG_NOSIGNAL)) <= 0)
			return;
}

/* The answer to a query that is DER; a query that is none is refused by a
 * TimeStampResp too, as RFC 3161 has it. */
static void
answer(int client, TS_RESP_CTX *ctx, const void *query, size_t len)
{
	BIO *in = BIO_new_mem_buf(query, (int)len);
	TS_RESP *response = in ? TS_RESP_create_response(ctx, in) : NULL;
	unsigned char *der = NULL;
	int der_len = response ? i2d_TS_RESP(response, &der) : -1;
	char head[160];

	if (der_len > 0) {
		snprintf(head, sizeof(head),
		    "HTTP/1.0 200 OK\r\n" CONTENT_TYPE "Content-Length: %d\r\n\r\n",
		    der_len);
		send_all(client, head, strlen(head));
		send_all(client, der, (size_t)der_len);
	}
	OPENSSL_free(der);
	TS_RESP_free(response);
	BIO_free(in);
}

static void
serve(int client, TS_RESP_CTX *ctx)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	char request[REQUEST_MAX + 1];
	size_t len = 0, at = 0, body_len = 0;
	ssize_t n;

	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	do {
		n = recv(client, request + len, REQUEST_MAX - len, 0);
		if (n <= 0)
			return;
		len += (size_t)n;
		request[len] = '\0';
	} while ((at = body_at(request, len, &body_len)) == 0);
	if (strncmp(request, "POST /", 6) != 0)
		return;
	stamped = strtoll(request + 6, NULL, 10);
	answer(client, ctx, request + at, body_len);
}

/* Holds nothing of the parent's open: criterion waits for its pipes' ends. */
static void __attribute__((noreturn))
run(int listener, TS_RESP_CTX *ctx, pid_t parent)
{
	int client;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (int fd = 0; fd < 256; fd++)
		if (fd != listener)
			close(fd);
	for (;;) {
		if ((client = accept(listener, NULL, NULL)) < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			_exit(1);
		}
		serve(client, ctx);
		close(client);
	}
}

static int
listen_somewhere(uint16_t *out_port)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0)
		return -1;
	if (bind(listener, (struct sockaddr *)&a, len) != 0 ||
	    listen(listener, 16) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) != 0) {
		close(listener);
		return -1;
	}
	*out_port = ntohs(a.sin_port);
	return listener;
}

uint16_t
tsa_start(const char *cert, const char *key)
{
	TS_RESP_CTX *ctx = authority_new(cert, key);
	uint16_t port = 0;
	int listener = ctx != NULL ? listen_somewhere(&port) : -1;
	pid_t parent = getpid(), pid = -1;

	if (listener >= 0 && (pid = fork()) == 0)
		run(listener, ctx, parent);
	if (pid < 0)
		fprintf(stderr, "no time-stamp authority of %s: %s\n", cert,
		    ctx == NULL ? "not a signer of timestamps" : strerror(errno));
	if (listener >= 0)
		close(listener);
	TS_RESP_CTX_free(ctx);
	setenv("no_proxy", "127.0.0.1", 1);
	return pid > 0 ? port : 0;
}

void
tsa_url(char *out, size_t out_len, uint16_t port, int64_t at)
{
	snprintf(out, out_len, "http://127.0.0.1:%u/%" PRId64, (unsigned)port, at);
}
