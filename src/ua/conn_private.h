/* Inside of conn.c, udp.c, stream.c and ws.c. */
#ifndef UA_CONN_PRIVATE_H
#define UA_CONN_PRIVATE_H

#include <sys/socket.h>

#include "sip/frame.h"
#include "sip/websocket.h"
#include "ua/conn.h"

enum { CONN_BUFFER = 65536 };

struct conn {
	enum transport transport;
	int fd;
	struct address local, peer;
	struct tls *tls; /* NULL: bytes go in clear */
	bool is_websocket;
	/* streams */
	struct buf in;              /* bytes that came */
	size_t used;                /* of these, given out already */
	struct websocket websocket; /* frames that came */
	struct frame frame;
	bool ended;                  /* the peer closed it, or broke it */
	struct conn_failure failure; /* then */
	char *buffer;                /* UDP: the datagram */
};

socklen_t conn_to_sockaddr(const struct address *a, struct sockaddr_storage *out);
void conn_from_sockaddr(const struct sockaddr_storage *from, struct address *out);
void conn_fail(struct conn_failure *why, enum conn_trouble trouble, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* From errno, in words. */
void conn_fail_errno(struct conn_failure *why, const char *doing);
/* Waits for the descriptor. False: time is over or a signal came. */
bool conn_wait(struct conn *c, short events, int64_t until, struct conn_failure *why);

/* udp.c */
bool udp_open(struct conn *c, const struct conn_options *o, struct conn_failure *why);
bool udp_send(struct conn *c, struct slice message, struct conn_failure *why);
void udp_next(struct conn *c, struct conn_event *e);

/* stream.c: bytes over TCP, in clear or through TLS */
bool stream_open(
	struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why);
void stream_next(struct conn *c, struct conn_event *e);
bool stream_write(struct conn *c, struct slice bytes, int64_t until, struct conn_failure *why);
/* Reads what is there into c->in; what was taken is forgotten. Sets c->ended at its end. */
void stream_read(struct conn *c);
/* Forgets `n` bytes at the front of what came. */
void stream_take(struct conn *c, size_t n);
struct slice stream_rest(const struct conn *c);

/* ws.c: RFC 6455 and RFC 7118 */
bool ws_open(struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why);
void ws_next(struct conn *c, struct conn_event *e);
bool ws_send(struct conn *c, struct slice message, int64_t until, struct conn_failure *why);

#endif
