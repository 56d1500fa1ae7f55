/* Connections: TCP, and TLS over it. SIP messages are cut out by their Content-Length (RFC
 * 3261 18.3). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "ua/conn_private.h"
#include "ua/tls.h"

enum { READ_SIZE = 16384 };

static bool bind_local(struct conn *c, const struct conn_options *o, struct conn_failure *why)
{
	struct sockaddr_storage at;
	struct address local = o->local;
	int on = 1;

	if (!local.family && !local.port)
		return true;
	if (!local.family)
		local.family = c->peer.family;
	/* the port may have served the connection before */
	setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(c->fd, (struct sockaddr *)&at, conn_to_sockaddr(&local, &at)) == 0)
		return true;
	conn_fail_errno(why, "local address");
	why->trouble = CONN_LOCAL;
	return false;
}

static bool finish_connect(struct conn *c, int64_t until, struct conn_failure *why)
{
	int error = 0, on = 1;
	socklen_t size = sizeof(error);

	if (!conn_wait(c, POLLOUT, until, why))
		return false;
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		errno = error;
		conn_fail_errno(why, "connecting");
		return false;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return true;
}

bool stream_open(
	struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why)
{
	struct sockaddr_storage to, here;
	socklen_t n = conn_to_sockaddr(&c->peer, &to), size = sizeof(here);

	c->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0) {
		conn_fail_errno(why, "no socket");
		return false;
	}
	if (!bind_local(c, o, why))
		return false;
	if (connect(c->fd, (struct sockaddr *)&to, n) != 0 && errno != EINPROGRESS) {
		conn_fail_errno(why, "connecting");
		return false;
	}
	if (!finish_connect(c, until, why))
		return false;
	getsockname(c->fd, (struct sockaddr *)&here, &size);
	conn_from_sockaddr(&here, &c->local);
	return true;
}

/* ---- bytes ---- */

static ssize_t write_some(struct conn *c, struct slice bytes, short *wait)
{
	ssize_t n;

	if (c->tls)
		return tls_write(c->tls, bytes, wait);
	n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
	*wait = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLOUT : 0;
	return n;
}

bool stream_write(struct conn *c, struct slice bytes, int64_t until, struct conn_failure *why)
{
	while (bytes.n) {
		short wait = 0;
		ssize_t n = write_some(c, bytes, &wait);

		if (n > 0)
			bytes = slice_from(bytes, (size_t)n);
		else if (!wait) {
			conn_fail_errno(why, "sending");
			why->trouble = CONN_CLOSED;
			return false;
		} else if (!conn_wait(c, wait, until, why) && why->trouble != CONN_INTERRUPTED) {
			return false;
		}
	}
	return true;
}

static ssize_t read_some(struct conn *c, char *to, size_t size, short *wait)
{
	ssize_t n;

	if (c->tls)
		return tls_read(c->tls, to, size, wait);
	n = recv(c->fd, to, size, 0);
	*wait = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLIN : 0;
	return n;
}

/* What was given out is forgotten only now: the caller looked at it. */
static void compact(struct conn *c)
{
	if (!c->used)
		return;
	memmove(c->in.p, c->in.p + c->used, c->in.n - c->used);
	c->in.n -= c->used;
	c->used = 0;
}

void stream_read(struct conn *c)
{
	char part[READ_SIZE];

	compact(c);
	while (!c->ended && c->in.n < 4 * (size_t)FRAME_MAX) {
		short wait = 0;
		ssize_t n = read_some(c, part, sizeof(part), &wait);

		if (n > 0) {
			buf_add(&c->in, part, (size_t)n);
			continue;
		}
		if (wait)
			return;
		c->ended = true;
		if (c->tls && tls_reason(c->tls))
			conn_fail(&c->failure, CONN_TLS, "TLS: %s", tls_reason(c->tls));
		else if (n < 0)
			conn_fail(&c->failure, CONN_CLOSED, "the peer broke the connection: %s",
				strerror(errno));
		else
			conn_fail(&c->failure, CONN_CLOSED, "the peer closed the connection");
	}
}

struct slice stream_rest(const struct conn *c)
{
	return slice_from(buf_slice(&c->in), c->used);
}

void stream_take(struct conn *c, size_t n)
{
	c->used += n;
}

static void tell_end(struct conn *c, struct conn_event *e)
{
	struct slice rest = stream_rest(c);

	if (slice_trim(rest).n) {
		e->kind = CONN_JUNK;
		e->bytes = rest;
		e->from = c->peer;
		stream_take(c, rest.n);
		return;
	}
	e->kind = CONN_ENDED;
	e->failure = c->failure;
	/* once */
	c->failure.trouble = CONN_FINE;
}

void stream_next(struct conn *c, struct conn_event *e)
{
	stream_read(c);
	for (;;) {
		struct slice message = SLICE_ABSENT;
		uint64_t cut = 0;
		ssize_t n = stream_rest(c).n ? frame_next(&c->frame, stream_rest(c), &message, &cut)
					     : 0;

		if (n > 0) {
			stream_take(c, (size_t)n);
			c->frame = (struct frame){0};
			if (!message.p)
				continue;
			e->kind = CONN_MESSAGE;
			e->bytes = message;
			e->from = c->peer;
			return;
		}
		if (n < 0) {
			/* where it goes on cannot be known: the rest of the connection is of no use
			 */
			e->kind = CONN_JUNK;
			e->bytes = stream_rest(c);
			e->from = c->peer;
			stream_take(c, e->bytes.n);
			c->frame = (struct frame){0};
			if (!c->ended)
				conn_fail(&c->failure, CONN_NOT_SIP,
					"the peer does not speak SIP here");
			c->ended = true;
			return;
		}
		if (c->ended && c->failure.trouble != CONN_FINE)
			tell_end(c, e);
		return;
	}
}
