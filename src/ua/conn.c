#include "ua/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ua/conn_private.h"
#include "ua/tls.h"
#include "ua/wait.h"

/* A message is small and the socket's buffer is large: who does not take it in this time is gone.
 */
#define SEND_TIME (5 * WAIT_SECOND)

socklen_t conn_to_sockaddr(const struct address *a, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (a->family == 6) {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)out;

		in->sin6_family = AF_INET6;
		in->sin6_port = htons(a->port);
		memcpy(&in->sin6_addr, a->ip, 16);
		return sizeof(*in);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)out;

	in->sin_family = AF_INET;
	in->sin_port = htons(a->port);
	memcpy(&in->sin_addr, a->ip, 4);
	return sizeof(*in);
}

void conn_from_sockaddr(const struct sockaddr_storage *from, struct address *out)
{
	*out = (struct address){0};
	if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;

		out->family = 6;
		out->port = ntohs(in->sin6_port);
		memcpy(out->ip, &in->sin6_addr, 16);
	} else if (from->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)from;

		out->family = 4;
		out->port = ntohs(in->sin_port);
		memcpy(out->ip, &in->sin_addr, 4);
	}
}

void conn_fail(struct conn_failure *why, enum conn_trouble trouble, const char *format, ...)
{
	va_list args;

	why->trouble = trouble;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
}

void conn_fail_errno(struct conn_failure *why, const char *doing)
{
	int error = errno;
	enum conn_trouble trouble = CONN_CLOSED;

	switch (error) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EACCES:
	case EPERM:
		trouble = CONN_NO_ROUTE;
		break;
	case ECONNREFUSED:
		trouble = CONN_UNREACHABLE;
		break;
	case ETIMEDOUT:
		trouble = CONN_TIMEOUT;
		break;
	case EADDRNOTAVAIL:
	case EADDRINUSE:
	case EMFILE:
	case EAFNOSUPPORT:
		trouble = CONN_LOCAL;
		break;
	}
	conn_fail(why, trouble, "%s: %s", doing, strerror(error));
}

bool conn_wait(struct conn *c, short events, int64_t until, struct conn_failure *why)
{
	struct pollfd p = {.fd = c->fd, .events = events};
	int ready = wait_poll(&p, 1, until);

	if (ready > 0)
		return true;
	if (ready < 0)
		conn_fail(why, CONN_INTERRUPTED, "interrupted");
	else
		conn_fail(why, CONN_TIMEOUT, "no answer in time");
	return false;
}

static bool open_by_kind(
	struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why)
{
	if (c->transport == TRANSPORT_UDP)
		return udp_open(c, o, why);
	if (!stream_open(c, o, until, why))
		return false;
	if (c->transport == TRANSPORT_TLS || c->transport == TRANSPORT_WSS) {
		c->tls = tls_open(c->fd, o->tls, o->domain, until, why);
		if (!c->tls)
			return false;
	}
	return !c->is_websocket || ws_open(c, o, until, why);
}

struct conn *conn_open(const struct conn_options *o, enum transport t, const struct address *peer,
	int64_t until, struct conn_failure *why)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	c->transport = t;
	c->is_websocket = t == TRANSPORT_WS || t == TRANSPORT_WSS;
	c->peer = *peer;
	c->fd = -1;
	if (open_by_kind(c, o, until, why))
		return c;
	conn_close(c);
	return NULL;
}

void conn_close(struct conn *c)
{
	if (!c)
		return;
	tls_close(c->tls);
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->in);
	websocket_free(&c->websocket);
	free(c->buffer);
	free(c);
}

enum transport conn_transport(const struct conn *c)
{
	return c->transport;
}

const struct address *conn_local(const struct conn *c)
{
	return &c->local;
}

const struct address *conn_peer(const struct conn *c)
{
	return &c->peer;
}

bool conn_send(struct conn *c, struct slice message, struct conn_failure *why)
{
	int64_t until = wait_now() + SEND_TIME;
	bool sent;

	if (c->transport == TRANSPORT_UDP)
		return udp_send(c, message, why);
	if (c->ended) {
		*why = c->failure;
		return false;
	}
	sent = c->is_websocket ? ws_send(c, message, until, why)
			       : stream_write(c, message, until, why);
	/* the peer may have said why it hung up: an alert of TLS */
	if (!sent && c->tls) {
		stream_read(c);
		if (c->ended && c->failure.trouble == CONN_TLS)
			*why = c->failure;
	}
	return sent;
}

struct pollfd conn_poll(const struct conn *c)
{
	/* one that has ended has told so */
	return (struct pollfd){.fd = c->ended ? -1 : c->fd, .events = POLLIN};
}

void conn_next(struct conn *c, struct conn_event *e)
{
	*e = (struct conn_event){.kind = CONN_NOTHING};
	if (c->transport == TRANSPORT_UDP)
		udp_next(c, e);
	else if (c->is_websocket)
		ws_next(c, e);
	else
		stream_next(c, e);
}
