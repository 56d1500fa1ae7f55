#include "ua/srv.h"

#include <stdlib.h>
#include <strings.h>

static int by_priority(const void *a, const void *b)
{
	const struct srv_record *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* those without weight go first, so that they have a chance at all (RFC 2782) */
	return (x->weight != 0) - (y->weight != 0);
}

/* Brings one of the first `n`, which have one priority, to the front: by weight. */
static void draw(struct srv_record *list, unsigned n, unsigned (*random)(unsigned below))
{
	unsigned sum = 0, drawn, i;
	struct srv_record chosen;

	for (i = 0; i < n; i++)
		sum += list[i].weight;
	drawn = random(sum + 1);
	for (i = 0, sum = 0; i < n - 1; i++) {
		sum += list[i].weight;
		if (sum >= drawn)
			break;
	}
	chosen = list[i];
	for (; i > 0; i--)
		list[i] = list[i - 1];
	list[0] = chosen;
}

void srv_sort(struct srv_record *list, unsigned n, unsigned (*random)(unsigned below))
{
	if (!n)
		return;
	qsort(list, n, sizeof(*list), by_priority);
	for (unsigned i = 0; i < n; i++) {
		unsigned same = 1;

		while (i + same < n && list[i + same].priority == list[i].priority)
			same++;
		draw(&list[i], same, random);
	}
}

static int by_order(const void *a, const void *b)
{
	const struct naptr_record *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (int)x->preference - (int)y->preference;
}

void naptr_sort(struct naptr_record *list, unsigned n)
{
	if (n)
		qsort(list, n, sizeof(*list), by_order);
}

static const struct {
	const char *service;
	enum transport transport;
	bool secure;
} services[] = {
	{"SIP+D2U", TRANSPORT_UDP, false},
	{"SIP+D2T", TRANSPORT_TCP, false},
	{"SIPS+D2T", TRANSPORT_TLS, true},
	{"SIP+D2W", TRANSPORT_WS, false},
	{"SIPS+D2W", TRANSPORT_WSS, true},
};

int naptr_transport(const char *service, bool sips)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (strcasecmp(services[i].service, service) == 0 && (services[i].secure || !sips))
			return (int)services[i].transport;
	return -1;
}

const char *srv_prefix(enum transport t)
{
	switch (t) {
	case TRANSPORT_UDP:
		return "_sip._udp.";
	case TRANSPORT_TCP:
		return "_sip._tcp.";
	case TRANSPORT_TLS:
		return "_sips._tcp.";
	default:
		return NULL;
	}
}

uint16_t transport_port(enum transport t)
{
	switch (t) {
	case TRANSPORT_TLS:
		return 5061;
	case TRANSPORT_WS:
		return 80; /* RFC 7118 5.3 */
	case TRANSPORT_WSS:
		return 443;
	default:
		return 5060;
	}
}
