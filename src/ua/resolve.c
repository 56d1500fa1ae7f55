#include "ua/resolve.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
/* it does not include what it needs */
#include <ares.h>

#include "base/err.h"
#include "ua/conn_private.h"
#include "ua/srv.h"
#include "ua/wait.h"

enum { TRY_MS = 2000, TRIES = 3 };

struct resolver {
	ares_channel channel;
	const struct resolve_question *q;
	int64_t until;
	struct resolve_answer *out;
};

/* One question under way: the callback fills it. */
struct lookup {
	bool done;
	int status;
	unsigned char *reply;
	int length;
	struct ares_addrinfo *addresses;
};

/* ---- c-ares, made to wait ---- */

static void on_reply(void *arg, int status, int timeouts, unsigned char *reply, int length)
{
	struct lookup *l = arg;

	(void)timeouts;
	l->done = true;
	l->status = status;
	if (status != ARES_SUCCESS || length <= 0)
		return;
	l->reply = xmalloc((size_t)length);
	memcpy(l->reply, reply, (size_t)length);
	l->length = length;
}

static void on_addresses(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct lookup *l = arg;

	(void)timeouts;
	l->done = true;
	l->status = status;
	l->addresses = found;
}

static nfds_t sockets(struct resolver *r, struct pollfd fds[ARES_GETSOCK_MAXNUM])
{
	ares_socket_t list[ARES_GETSOCK_MAXNUM];
	unsigned bits = (unsigned)ares_getsock(r->channel, list, ARES_GETSOCK_MAXNUM);
	nfds_t n = 0;

	for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		/* the macros of c-ares shift a signed 1 into the sign */
		short events = (short)((bits >> i & 1 ? POLLIN : 0) |
				       (bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));

		if (events)
			fds[n++] = (struct pollfd){.fd = list[i], .events = events};
	}
	return n;
}

static void process(struct resolver *r, const struct pollfd *fds, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		ares_process_fd(r->channel, fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
			fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
	/* its timers */
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void wait_for(struct resolver *r, struct lookup *l)
{
	while (!l->done) {
		struct pollfd fds[ARES_GETSOCK_MAXNUM];
		nfds_t n = sockets(r, fds);
		struct timeval most = {1, 0}, tv, *wait = ares_timeout(r->channel, &most, &tv);
		int64_t now = wait_now();
		int64_t until = now + wait->tv_sec * WAIT_SECOND + wait->tv_usec * INT64_C(1000);
		int ready =
			now < r->until ? wait_poll(fds, n, until < r->until ? until : r->until) : 0;

		if (ready < 0)
			r->out->interrupted = true;
		if (ready < 0 || wait_now() >= r->until) {
			/* calls the callback with ARES_ECANCELLED */
			ares_cancel(r->channel);
			continue;
		}
		process(r, fds, n);
	}
}

static void told(struct resolver *r, const char *type, const char *name, const char *result)
{
	buf_printf(&r->out->way, "%s %s: %s\n", type, name, result);
}

/* False: no such records, or no answer; r->out->text says which the last time. */
static bool ask(
	struct resolver *r, const char *name, int type, const char *type_name, struct lookup *l)
{
	*l = (struct lookup){0};
	if (r->out->interrupted)
		return false;
	ares_query(r->channel, name, C_IN, type, on_reply, l);
	wait_for(r, l);
	if (l->reply)
		return true;
	told(r, type_name, name, l->status == ARES_ENODATA ? "none" : ares_strerror(l->status));
	return false;
}

/* ---- records ---- */

static void copy_name(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static unsigned ask_naptr(struct resolver *r, const char *name, struct naptr_record *out)
{
	struct ares_naptr_reply *list = NULL;
	struct lookup l;
	unsigned n = 0;

	if (!ask(r, name, T_NAPTR, "NAPTR", &l))
		return 0;
	if (ares_parse_naptr_reply(l.reply, l.length, &list) == ARES_SUCCESS)
		for (struct ares_naptr_reply *i = list; i && n < SRV_MAX; i = i->next, n++) {
			out[n] = (struct naptr_record){
				.order = i->order, .preference = i->preference};
			copy_name(out[n].flags, sizeof(out[n].flags), (char *)i->flags);
			copy_name(out[n].service, sizeof(out[n].service), (char *)i->service);
			copy_name(out[n].replacement, sizeof(out[n].replacement), i->replacement);
		}
	ares_free_data(list);
	free(l.reply);
	naptr_sort(out, n);
	for (unsigned i = 0; i < n; i++) {
		char text[SRV_NAME + SRV_SERVICE + 32];

		snprintf(text, sizeof(text), "%u %u \"%s\" %s", out[i].order, out[i].preference,
			out[i].service, out[i].replacement);
		told(r, "NAPTR", name, text);
	}
	return n;
}

static unsigned ask_srv(struct resolver *r, const char *name, struct srv_record *out)
{
	struct ares_srv_reply *list = NULL;
	struct lookup l;
	unsigned n = 0;

	if (!ask(r, name, T_SRV, "SRV", &l))
		return 0;
	if (ares_parse_srv_reply(l.reply, l.length, &list) == ARES_SUCCESS)
		for (struct ares_srv_reply *i = list; i && n < SRV_MAX; i = i->next) {
			/* "." says that the service is not to be had here (RFC 2782) */
			if (!*i->host || strcmp(i->host, ".") == 0)
				continue;
			out[n] = (struct srv_record){i->priority, i->weight, i->port, ""};
			copy_name(out[n++].target, SRV_NAME, i->host);
		}
	ares_free_data(list);
	free(l.reply);
	srv_sort(out, n, wait_random);
	for (unsigned i = 0; i < n; i++) {
		char text[SRV_NAME + 32];

		snprintf(text, sizeof(text), "%u %u %s:%u", out[i].priority, out[i].weight,
			out[i].target, out[i].port);
		told(r, "SRV", name, text);
	}
	return n;
}

static void add(struct resolver *r, const struct address *a, uint16_t port, enum transport t)
{
	struct resolve_answer *out = r->out;
	struct resolve_target target = {*a, t};

	target.address.port = port;
	for (unsigned i = 0; i < out->count; i++)
		if (out->list[i].transport == t &&
			address_eq(&out->list[i].address, &target.address))
			return;
	if (out->count < RESOLVE_MAX)
		out->list[out->count++] = target;
}

/* A and AAAA, or an address. */
static bool add_host(struct resolver *r, const char *name, uint16_t port, enum transport t)
{
	struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NUMERICSERV,
		.ai_family = r->q->family == 4   ? AF_INET
			     : r->q->family == 6 ? AF_INET6
						 : AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	};
	unsigned before = r->out->count;
	struct lookup l = {0};

	if (r->out->interrupted)
		return false;
	ares_getaddrinfo(r->channel, name, NULL, &hints, on_addresses, &l);
	wait_for(r, &l);
	for (struct ares_addrinfo_node *i = l.addresses ? l.addresses->nodes : NULL; i;
		i = i->ai_next) {
		struct sockaddr_storage ss = {0};
		struct address a;
		char text[ADDRESS_TEXT];

		memcpy(&ss, i->ai_addr, i->ai_addrlen);
		conn_from_sockaddr(&ss, &a);
		told(r, a.family == 6 ? "AAAA" : "A", name, address_format_ip(&a, text));
		add(r, &a, port, t);
	}
	ares_freeaddrinfo(l.addresses);
	if (r->out->count == before) {
		const char *why = l.status == ARES_SUCCESS ? "no address" : ares_strerror(l.status);

		told(r, "A/AAAA", name, why);
		snprintf(r->out->text, sizeof(r->out->text), "%.150s cannot be resolved: %s", name,
			why);
	}
	return r->out->count > before;
}

static bool add_srv(struct resolver *r, const char *name, enum transport t)
{
	struct srv_record list[SRV_MAX];
	unsigned n = ask_srv(r, name, list);

	for (unsigned i = 0; i < n; i++)
		add_host(r, list[i].target, list[i].port, t);
	return n > 0;
}

/* ---- RFC 3263 4.1, 4.2 ---- */

static bool add_service(struct resolver *r, const char *host, enum transport t)
{
	char name[SRV_NAME + 16];

	if (!srv_prefix(t))
		return false;
	snprintf(name, sizeof(name), "%s%s", srv_prefix(t), host);
	return add_srv(r, name, t);
}

/* The most preferred transport that has servers. */
static bool by_naptr(struct resolver *r, const char *host)
{
	struct naptr_record list[SRV_MAX];
	unsigned n = ask_naptr(r, host, list);

	for (unsigned i = 0; i < n; i++) {
		int t = naptr_transport(list[i].service, r->q->sips);

		if (t < 0 || (list[i].flags[0] | 32) != 's' || list[i].flags[1])
			continue;
		if (add_srv(r, list[i].replacement, (enum transport)t))
			return true;
	}
	return false;
}

static bool by_srv(struct resolver *r, const char *host)
{
	static const enum transport plain[] = {TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS};

	for (size_t i = r->q->sips ? 2 : 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (add_service(r, host, plain[i]))
			return true;
	return false;
}

static void look_up(struct resolver *r, const char *host)
{
	const struct resolve_question *q = r->q;
	enum transport t = q->transport >= 0 ? (enum transport)q->transport
			   : q->sips         ? TRANSPORT_TLS
					     : TRANSPORT_UDP;

	if (q->port)
		add_host(r, host, q->port, t);
	else if (q->transport >= 0 ? !add_service(r, host, t)
				   : !by_naptr(r, host) && !by_srv(r, host))
		add_host(r, host, transport_port(t), t);
}

static bool open_channel(struct resolver *r)
{
	/* a server that was named is the only truth: not the hosts file */
	struct ares_options options = {.timeout = TRY_MS,
		.tries = TRIES,
		.lookups = (char *)(uintptr_t)(r->q->servers ? "b" : "fb")};
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	if (status == ARES_SUCCESS)
		status = ares_init_options(&r->channel, &options,
			ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
	if (status == ARES_SUCCESS && r->q->servers) {
		status = ares_set_servers_ports_csv(r->channel, r->q->servers);
		if (status != ARES_SUCCESS) {
			snprintf(r->out->text, sizeof(r->out->text),
				"%.100s is no address of a DNS server", r->q->servers);
			ares_destroy(r->channel);
			return false;
		}
	}
	if (status != ARES_SUCCESS)
		snprintf(r->out->text, sizeof(r->out->text), "DNS: %s", ares_strerror(status));
	return status == ARES_SUCCESS;
}

bool resolve(const struct resolve_question *q, int64_t until, struct resolve_answer *out)
{
	struct resolver r = {.q = q, .until = until, .out = out};
	struct address a;
	char host[SRV_NAME];

	*out = (struct resolve_answer){0};
	if (address_parse_ip(q->host, &a)) {
		enum transport t = q->transport >= 0 ? (enum transport)q->transport
				   : q->sips         ? TRANSPORT_TLS
						     : TRANSPORT_UDP;

		add(&r, &a, q->port ? q->port : transport_port(t), t);
		return true;
	}
	if (!q->host.n || q->host.n >= sizeof(host)) {
		snprintf(out->text, sizeof(out->text), "the host name is empty or too long");
		return false;
	}
	memcpy(host, q->host.p, q->host.n);
	host[q->host.n] = '\0';
	if (open_channel(&r)) {
		look_up(&r, host);
		ares_destroy(r.channel);
	}
	ares_library_cleanup();
	return out->count > 0;
}
