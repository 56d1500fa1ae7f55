/*
 * UDP. The socket is not connected: an answer from another address is seen, too. ICMP errors come
 * with the address of who reports them (IP_RECVERR).
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <time.h>
#include <unistd.h>
/* it does not include what it needs */
#include <linux/errqueue.h>

#include "base/err.h"
#include "ua/conn_private.h"

/* The address that the route to the peer gives us. */
static bool find_local(struct conn *c, const struct conn_options *o, struct conn_failure *why)
{
	struct sockaddr_storage to, here;
	socklen_t n = conn_to_sockaddr(&c->peer, &to), size = sizeof(here);
	int fd;

	if (o->local.family) {
		c->local = o->local;
		return true;
	}
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, n) != 0 ||
		getsockname(fd, (struct sockaddr *)&here, &size) != 0) {
		conn_fail_errno(why, "no way to the target");
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	conn_from_sockaddr(&here, &c->local);
	c->local.port = o->local.port;
	return true;
}

bool udp_open(struct conn *c, const struct conn_options *o, struct conn_failure *why)
{
	struct sockaddr_storage at;
	socklen_t n;
	int on = 1;
	bool six = c->peer.family == 6;

	if (!find_local(c, o, why))
		return false;
	n = conn_to_sockaddr(&c->local, &at);
	c->fd = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&at, n) != 0 ||
		setsockopt(c->fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR,
			&on, sizeof(on)) != 0) {
		conn_fail_errno(why, "local address");
		why->trouble = CONN_LOCAL;
		return false;
	}
	n = sizeof(at);
	getsockname(c->fd, (struct sockaddr *)&at, &n);
	conn_from_sockaddr(&at, &c->local);
	c->buffer = xmalloc(CONN_BUFFER);
	return true;
}

bool udp_send(struct conn *c, struct slice message, struct conn_failure *why)
{
	struct sockaddr_storage to;
	socklen_t n = conn_to_sockaddr(&c->peer, &to);

	/* an ICMP error that waits is told by the next call that sends: that one is not at fault */
	for (int try = 0; try < 3; try++) {
		if (sendto(c->fd, message.p, message.n, 0, (struct sockaddr *)&to, n) ==
			(ssize_t)message.n)
			return true;
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != EINTR)
			break;
	}
	conn_fail_errno(why, "sending");
	return false;
}

static const char *icmp_name(const struct sock_extended_err *e)
{
	if (e->ee_origin == SO_EE_ORIGIN_ICMP && e->ee_type == ICMP_DEST_UNREACH) {
		switch (e->ee_code) {
		case ICMP_NET_UNREACH:
			return "network unreachable";
		case ICMP_HOST_UNREACH:
			return "host unreachable";
		case ICMP_PROT_UNREACH:
			return "protocol unreachable";
		case ICMP_PORT_UNREACH:
			return "port unreachable";
		case ICMP_PKT_FILTERED:
		case ICMP_NET_ANO:
		case ICMP_HOST_ANO:
			return "administratively prohibited";
		}
	}
	if (e->ee_origin == SO_EE_ORIGIN_ICMP6 && e->ee_type == ICMP6_DST_UNREACH) {
		switch (e->ee_code) {
		case ICMP6_DST_UNREACH_NOROUTE:
			return "no route to destination";
		case ICMP6_DST_UNREACH_ADMIN:
			return "administratively prohibited";
		case ICMP6_DST_UNREACH_ADDR:
			return "address unreachable";
		case ICMP6_DST_UNREACH_NOPORT:
			return "port unreachable";
		}
	}
	/* the kernel itself: no neighbour answers */
	if (e->ee_origin == SO_EE_ORIGIN_LOCAL && e->ee_errno == EHOSTUNREACH)
		return "host unreachable";
	return NULL;
}

static const struct sock_extended_err *find_error(struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
		if ((h->cmsg_level == IPPROTO_IP && h->cmsg_type == IP_RECVERR) ||
			(h->cmsg_level == IPPROTO_IPV6 && h->cmsg_type == IPV6_RECVERR))
			return (const struct sock_extended_err *)CMSG_DATA(h);
	return NULL;
}

/* False: the error queue is empty. Errors that do not tell of the peer are passed over. */
static bool next_error(struct conn *c, struct conn_event *e)
{
	struct sockaddr_storage to;
	char control[512];
	struct iovec iov = {c->buffer, CONN_BUFFER};

	for (;;) {
		struct msghdr m = {.msg_name = &to,
			.msg_namelen = sizeof(to),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(c->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
		const struct sock_extended_err *error;

		if (n < 0)
			return false;
		error = find_error(&m);
		if (!error || !icmp_name(error))
			continue;
		e->kind = CONN_ICMP;
		e->what = icmp_name(error);
		e->bytes = (struct slice){c->buffer, (size_t)n};
		conn_from_sockaddr(&to, &e->from);
		conn_from_sockaddr(
			(const struct sockaddr_storage *)SO_EE_OFFENDER(error), &e->reporter);
		if (!e->reporter.family)
			e->reporter = c->local;
		return true;
	}
}

static bool only_line_breaks(struct slice s)
{
	return !slice_trim(s).n;
}

void udp_next(struct conn *c, struct conn_event *e)
{
	struct sockaddr_storage from;

	if (next_error(c, e))
		return;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(c->fd, c->buffer, CONN_BUFFER, MSG_DONTWAIT,
			(struct sockaddr *)&from, &size);

		if (n < 0 && (errno == EINTR || errno == ECONNREFUSED || errno == EHOSTUNREACH))
			continue;
		if (n < 0)
			return;
		e->bytes = (struct slice){c->buffer, (size_t)n};
		/* keep-alives (RFC 5626 3.5.1) are nothing */
		if (only_line_breaks(e->bytes))
			continue;
		conn_from_sockaddr(&from, &e->from);
		e->kind = sip_looks_like(e->bytes) ? CONN_MESSAGE : CONN_JUNK;
		return;
	}
}
