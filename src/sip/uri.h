/* SIP URIs and the header fields that hold them (RFC 3261 19.1, 20.10, 20.20, 20.42). */
#ifndef SIP_URI_H
#define SIP_URI_H

#include "base/slice.h"

/* Parts of a sip:, sips: or other URI; absent where the URI has none. */
struct uri {
	struct slice text;
	struct slice scheme;
	struct slice user, password;
	struct slice host;       /* with its brackets if IPv6 */
	struct slice port;
	struct slice params;     /* from the first ";" on, that included */
	struct slice headers;    /* from "?" on, that included */
};

/* False if there is no scheme; what can be found is filled in all the same. */
bool uri_scan(struct slice text, struct uri *out);
/* The URI inside a From, To, Contact or Route value (name-addr or addr-spec). Absent if none. */
struct slice name_addr_uri(struct slice value);
/* Parameter of such a value or of a Via: ";tag=x". Absent if there is none; empty without "=". */
struct slice header_param(struct slice value, struct slice name);
/* The tag of a From or To value. */
struct slice name_addr_tag(struct slice value);
/* The branch of a Via value without "<". */
struct slice via_branch(struct slice via);
/* User part of the URI in a From/To/Contact value. */
struct slice name_addr_user(struct slice value);
/* Host of it, without port. */
struct slice name_addr_host(struct slice value);
/* sent-by host of a Via value; the port in *port if not NULL (absent if none). */
struct slice via_sent_by(struct slice via, struct slice *port);

/*
 * Where two URIs differ by RFC 3261 19.1.4: NULL if equivalent, else "scheme", "user", "host", "port",
 * "parameters" or "headers".
 */
const char *uri_difference(struct slice a, struct slice b);

#endif
