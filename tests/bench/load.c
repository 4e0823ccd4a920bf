/*
 * Sends crash uploads over kept TLS connections as fast as they are answered,
 * and says how many were acknowledged:
 *
 *	load HOST PORT SECONDS CONNECTIONS DUMP [PATH]
 *
 * prints one JSON line: {"acknowledged","other","seconds","per_second",
 * "p50_ms","p99_ms","generator_cpu_seconds"}.  Every upload is its own report:
 * eight bytes of the dump (its process id and time stamp's neighbours) are
 * counted up, so that none is a duplicate.  One thread, non-blocking, epoll: what
 * it takes of the machine is said, because it takes that from the server.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 512
#define MAX_ANSWERS	4000000
#define BOUNDARY	"----load7d0c1a5e"

struct connection {
	SSL *ssl;
	int fd;
	char *request; /* head and body; the dump's counter is written into it */
	size_t request_len, sent;
	char answer[8192];
	size_t answer_len;
	double began;
	bool reading;
};

static struct connection all[MAX_CONNECTIONS];
static uint32_t *took_us; /* of each acknowledged one */
static size_t num_took;
static uint64_t other, serial;
static size_t counter_at; /* in the request */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static char *
read_file(const char *path, size_t *out_len)
{
	FILE *f = fopen(path, "rb");
	char *data;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 64)
		fail(path);
	rewind(f);
	data = malloc((size_t)len);
	if (data == NULL || fread(data, 1, (size_t)len, f) != (size_t)len)
		fail(path);
	fclose(f);
	*out_len = (size_t)len;
	return data;
}

/* Head and body of an upload as Breakpad sends it. */
static void
make_request(struct connection *c, const char *host, const char *port,
    const char *path, const char *dump, size_t dump_len)
{
	static const char fields[] =
	    "--" BOUNDARY
	    "\r\nContent-Disposition: form-data; name=\"prod\"\r\n\r\nload\r\n"
	    "--" BOUNDARY
	    "\r\nContent-Disposition: form-data; name=\"ver\"\r\n\r\n1.0.0.0\r\n"
	    "--" BOUNDARY
	    "\r\nContent-Disposition: form-data; name=\"upload_file_minidump\"; "
	    "filename=\"x.dmp\"\r\nContent-Type: application/octet-stream\r\n\r\n";
	static const char tail[] = "\r\n--" BOUNDARY "--\r\n";
	size_t body = sizeof(fields) - 1 + dump_len + sizeof(tail) - 1;
	int head;

	c->request = malloc(body + 1024);
	if (c->request == NULL)
		fail("memory");
	head = snprintf(c->request, 1024,
	    "POST %s HTTP/1.1\r\nHost: %s:%s\r\n"
	    "Content-Type: multipart/form-data; boundary=" BOUNDARY "\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    path, host, port, body);
	memcpy(c->request + head, fields, sizeof(fields) - 1);
	memcpy(c->request + head + sizeof(fields) - 1, dump, dump_len);
	memcpy(c->request + head + sizeof(fields) - 1 + dump_len, tail,
	    sizeof(tail) - 1);
	c->request_len = (size_t)head + body;
	/* The last eight bytes are memory that nobody reads. */
	counter_at = (size_t)head + sizeof(fields) - 1 + dump_len - 8;
}

static void
dial(struct connection *c, SSL_CTX *ctx, const char *host, int port)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int one = 1;

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		fail("the host is an IPv4 address");
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->ssl = SSL_new(ctx);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1 ||
	    SSL_connect(c->ssl) != 1)
		fail("TLS");
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
		fail("fcntl");
}

static void
begin(struct connection *c)
{
	serial++;
	memcpy(c->request + counter_at, &serial, sizeof(serial));
	c->sent = 0;
	c->answer_len = 0;
	c->reading = false;
	c->began = now();
}

/* The whole answer is there? Its status, or 0. */
static int
answered(struct connection *c)
{
	char *end, *length;

	c->answer[c->answer_len] = '\0';
	end = strstr(c->answer, "\r\n\r\n");
	if (end == NULL)
		return 0;
	length = strcasestr(c->answer, "content-length:");
	if (length != NULL && length < end &&
	    c->answer_len <
		(size_t)(end + 4 - c->answer) + strtoul(length + 15, NULL, 10))
		return 0;
	return (int)strtol(c->answer + 9, NULL, 10);
}

/* Goes on until it would block. */
static void
step(struct connection *c)
{
	int n, status;

	for (;;) {
		if (!c->reading) {
			n = SSL_write(c->ssl, c->request + c->sent,
			    (int)(c->request_len - c->sent));
			if (n > 0 && (c->sent += (size_t)n) == c->request_len)
				c->reading = true;
		} else {
			n = SSL_read(c->ssl, c->answer + c->answer_len,
			    (int)(sizeof(c->answer) - 1 - c->answer_len));
			if (n > 0) {
				c->answer_len += (size_t)n;
				status = answered(c);
				if (status == 200 && num_took < MAX_ANSWERS)
					took_us[num_took++] =
					    (uint32_t)((now() - c->began) * 1e6);
				else if (status != 0)
					other++;
				if (status != 0)
					begin(c);
			}
		}
		if (n <= 0) {
			n = SSL_get_error(c->ssl, n);
			if (n != SSL_ERROR_WANT_READ && n != SSL_ERROR_WANT_WRITE)
				fail("connection");
			return;
		}
	}
}

static int
by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
report(double seconds)
{
	struct rusage used;
	double cpu;

	getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	qsort(took_us, num_took, sizeof(*took_us), by_time);
	printf("{\"acknowledged\":%zu,\"other\":%llu,\"seconds\":%.2f,\"per_"
	       "second\":%.1f,"
	       "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"generator_cpu_seconds\":%.2f}\n",
	    num_took, (unsigned long long)other, seconds,
	    (double)num_took / seconds,
	    num_took ? took_us[num_took / 2] / 1e3 : 0.0,
	    num_took ? took_us[num_took * 99 / 100] / 1e3 : 0.0, cpu);
}

int
main(int argc, char **argv)
{
	struct epoll_event ready[64];
	int n, num, epoll = epoll_create1(EPOLL_CLOEXEC);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	double began, until;
	size_t dump_len;
	char *dump;

	if (argc < 6) {
		fputs("usage: load HOST PORT SECONDS CONNECTIONS DUMP [PATH]\n",
		    stderr);
		return 2;
	}
	num = (int)strtol(argv[4], NULL, 10);
	if (num < 1 || num > MAX_CONNECTIONS)
		num = 32;
	dump = read_file(argv[5], &dump_len);
	took_us = calloc(MAX_ANSWERS, sizeof(*took_us));
	if (took_us == NULL || ctx == NULL || epoll < 0)
		fail("start");
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE);
	serial = (uint64_t)time(NULL) << 32 | (uint64_t)getpid() << 20;
	for (int i = 0; i < num; i++) {
		struct epoll_event e = {
		    .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i]};

		make_request(&all[i], argv[1], argv[2],
		    argc > 6 ? argv[6] : "/submit", dump, dump_len);
		dial(&all[i], ctx, argv[1], (int)strtol(argv[2], NULL, 10));
		begin(&all[i]);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &e) != 0)
			fail("epoll");
	}
	began = now();
	until = began + strtod(argv[3], NULL);
	while (now() < until) {
		n = epoll_wait(epoll, ready, 64, 100);
		for (int i = 0; i < n; i++)
			step(ready[i].data.ptr);
	}
	report(now() - began);
	return other > 0 && num_took == 0;
}
