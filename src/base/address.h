/* An IPv4 or IPv6 address with a port. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct address {
	uint8_t family; /* 4, 6, or 0: none */
	uint16_t port;  /* host order */
	uint8_t ip[16]; /* IPv4 in the first four bytes, the rest zero */
};

/* Room for "[" IPv6 "]:65535" and the NUL. */
#define ADDRESS_TEXT 56

static inline bool address_same_ip(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static inline bool address_eq(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_ip(a, b);
}

/* Without the port. */
static inline uint64_t address_ip_hash(const struct address *a, uint64_t seed)
{
	uint64_t low, high;

	memcpy(&low, a->ip, 8);
	memcpy(&high, a->ip + 8, 8);
	return hash_mix(hash_mix(seed ^ a->family, low), high);
}

static inline uint64_t address_hash(const struct address *a, uint64_t seed)
{
	return address_ip_hash(a, hash_mix(seed, a->port));
}

/* "10.0.0.1:5060", "[2001:db8::1]:5060"; returns its argument. */
const char *address_format(const struct address *a, char text[ADDRESS_TEXT]);
/* Without the port (and without brackets). */
const char *address_format_ip(const struct address *a, char text[ADDRESS_TEXT]);
/* "10.0.0.1", "2001:db8::1", "[2001:db8::1]"; the port is left 0. */
bool address_parse_ip(struct slice text, struct address *out);
/* Loopback, RFC 1918, RFC 6598, link-local, unique local (RFC 4193). */
bool address_is_private(const struct address *a);

#endif
