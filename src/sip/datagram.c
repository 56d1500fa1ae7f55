#include "sip/datagram.h"

static const char *const names[TRANSPORT_COUNT] = {
	[TRANSPORT_UDP] = "UDP",
	[TRANSPORT_TCP] = "TCP",
	[TRANSPORT_TLS] = "TLS",
	[TRANSPORT_SCTP] = "SCTP",
	[TRANSPORT_WS] = "WS",
	[TRANSPORT_WSS] = "WSS",
};

const char *transport_name(enum transport t)
{
	return names[t];
}

bool transport_is_reliable(enum transport t)
{
	return t != TRANSPORT_UDP;
}
