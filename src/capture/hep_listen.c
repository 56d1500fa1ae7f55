#include "capture/hep_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/hep.h"

enum {
	PACKET_MAX = 65535,
	HEADERS_MAX = 48,          /* IPv6 and UDP */
	RECEIVE_BUFFER = 8 << 20,
	LINKTYPE_RAW = 101,
};

/* A connection of an agent. */
struct client {
	int fd;
	struct address from;
	uint8_t *bytes;            /* PACKET_MAX of them */
	size_t n;
	size_t taken;              /* given out; to be dropped before more is read */
	uint64_t used;             /* when it spoke last, by the count of packets */
};

struct hep_listener {
	struct address at;
	int udp, tcp;
	struct client clients[HEP_CLIENTS_MAX];
	size_t count, turn;
	uint64_t packets, refused;
	uint8_t packet[HEADERS_MAX + PACKET_MAX];
};

static socklen_t to_sockaddr(const struct address *a, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (a->family == 6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(a->port);
		memcpy(&six->sin6_addr, a->ip, 16);
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(a->port);
	memcpy(&four->sin_addr, a->ip, 4);
	return sizeof(*four);
}

static struct address from_sockaddr(const struct sockaddr_storage *s)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)s;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)s;
	struct address a = {.family = s->ss_family == AF_INET6 ? 6 : 4};

	a.port = ntohs(a.family == 6 ? six->sin6_port : four->sin_port);
	memcpy(a.ip, a.family == 6 ? (const void *)&six->sin6_addr : (const void *)&four->sin_addr,
		a.family == 6 ? 16 : 4);
	return a;
}

static int open_socket(const struct address *at, int type)
{
	struct sockaddr_storage s;
	socklen_t n = to_sockaddr(at, &s);
	int fd = socket(s.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1, size = RECEIVE_BUFFER;

	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&s, n) == 0 && (type != SOCK_STREAM || listen(fd, 64) == 0))
		return fd;
	n = (socklen_t)errno;
	close(fd);
	errno = (int)n;
	return -1;
}

struct hep_listener *hep_listen(const struct address *at, char why[LIVE_TROUBLE])
{
	struct hep_listener *l = xcalloc(1, sizeof(*l));
	char text[ADDRESS_TEXT];

	l->at = *at;
	l->tcp = -1;
	l->udp = open_socket(at, SOCK_DGRAM);
	if (l->udp >= 0)
		l->tcp = open_socket(at, SOCK_STREAM);
	if (l->udp >= 0 && l->tcp >= 0)
		return l;
	snprintf(why, LIVE_TROUBLE, "cannot listen at %s: %s", address_format(at, text), strerror(errno));
	hep_listener_free(l);
	return NULL;
}

static void drop_client(struct hep_listener *l, size_t i)
{
	close(l->clients[i].fd);
	free(l->clients[i].bytes);
	l->clients[i] = l->clients[--l->count];
}

void hep_listener_free(struct hep_listener *l)
{
	if (!l)
		return;
	while (l->count)
		drop_client(l, l->count - 1);
	if (l->udp >= 0)
		close(l->udp);
	if (l->tcp >= 0)
		close(l->tcp);
	free(l);
}

uint64_t hep_listener_refused(const struct hep_listener *l)
{
	return l->refused;
}

size_t hep_listener_fds(const struct hep_listener *l, struct pollfd fds[HEP_FDS_MAX])
{
	size_t n = 0;

	fds[n++] = (struct pollfd){.fd = l->udp, .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = l->tcp, .events = POLLIN};
	for (size_t i = 0; i < l->count; i++)
		fds[n++] = (struct pollfd){.fd = l->clients[i].fd, .events = POLLIN};
	return n;
}

static void put16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* IP and UDP before the n bytes at l->packet + HEADERS_MAX. A length above 16 bits is written as 0: unknown. */
static void wrap(struct hep_listener *l, const struct address *from, size_t n, struct packet *out)
{
	size_t ip = from->family == 6 ? 40 : 20;
	uint8_t *udp = l->packet + HEADERS_MAX - 8, *p = udp - ip;
	struct timespec now;

	memset(p, 0, ip + 8);
	put16(udp, from->port);
	put16(udp + 2, l->at.port);
	put16(udp + 4, n + 8 > PACKET_MAX ? 0 : n + 8);
	if (ip == 40) {
		p[0] = 0x60;
		put16(p + 4, n + 8 > PACKET_MAX ? 0 : n + 8);
		p[6] = IP_UDP;
		p[7] = 64;
		memcpy(p + 8, from->ip, 16);
		memcpy(p + 24, l->at.ip, 16);
	} else {
		p[0] = 0x45;
		put16(p + 2, n + 28 > PACKET_MAX ? 0 : n + 28);
		p[8] = 64;
		p[9] = IP_UDP;
		memcpy(p + 12, from->ip, 4);
		memcpy(p + 16, l->at.ip, 4);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct packet){.data = p, .captured = (uint32_t)(ip + 8 + n), .length = (uint32_t)(ip + 8 + n),
		.linktype = LINKTYPE_RAW, .time = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

static bool next_datagram(struct hep_listener *l, struct packet *out)
{
	struct sockaddr_storage s;
	socklen_t size = sizeof(s);
	struct address from;
	ssize_t n = recvfrom(l->udp, l->packet + HEADERS_MAX, PACKET_MAX, 0, (struct sockaddr *)&s, &size);

	if (n < 0)
		return false;
	from = from_sockaddr(&s);
	wrap(l, &from, (size_t)n, out);
	return true;
}

static size_t least_used(const struct hep_listener *l)
{
	size_t least = 0;

	for (size_t i = 1; i < l->count; i++)
		if (l->clients[i].used < l->clients[least].used)
			least = i;
	return least;
}

static void accept_client(struct hep_listener *l)
{
	struct sockaddr_storage s;
	socklen_t size = sizeof(s);
	int fd = accept4(l->tcp, (struct sockaddr *)&s, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	/* too many: the one that has been silent longest goes */
	if (l->count == HEP_CLIENTS_MAX) {
		drop_client(l, least_used(l));
		l->refused++;
	}
	l->clients[l->count++] = (struct client){fd, from_sockaddr(&s), xmalloc(PACKET_MAX), 0, 0, l->packets};
}

/* 1: a packet; 0: none yet; -1: the connection is over. */
static int next_of_client(struct hep_listener *l, struct client *c, struct packet *out)
{
	ssize_t length, got;

	c->n -= c->taken;
	memmove(c->bytes, c->bytes + c->taken, c->n);
	c->taken = 0;
	for (;;) {
		length = hep_length((struct slice){(char *)c->bytes, c->n});
		if (length < 0) {
			l->refused++;
			return -1;
		}
		if (length && (size_t)length <= c->n)
			break;
		got = recv(c->fd, c->bytes + c->n, PACKET_MAX - c->n, 0);
		if (got <= 0)
			return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
		c->n += (size_t)got;
	}
	memcpy(l->packet + HEADERS_MAX, c->bytes, (size_t)length);
	c->taken = (size_t)length;
	c->used = ++l->packets;
	wrap(l, &c->from, (size_t)length, out);
	return 1;
}

bool hep_listener_next(struct hep_listener *l, struct packet *out)
{
	accept_client(l);
	if (next_datagram(l, out))
		return true;
	/* each agent in its turn */
	for (size_t i = 0; i < l->count; i++) {
		size_t k = (l->turn + i) % l->count;
		int result = next_of_client(l, &l->clients[k], out);

		if (result > 0) {
			l->turn = k + 1;
			return true;
		}
		if (result < 0) {
			drop_client(l, k);
			break;
		}
	}
	return false;
}
