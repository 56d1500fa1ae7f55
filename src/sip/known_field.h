/* The header fields that are looked for, and how their names are told. Internal to message.c. */
#ifndef SIP_KNOWN_FIELD_H
#define SIP_KNOWN_FIELD_H

#include "base/find.h"
#include "sip/message.h"

/* What is done with the value of a field: the first of some is just kept, and read when all are there. */
enum field_kind { KEEP_FIRST, KEEP_ONLY, KEEP_VIA, READ_ROUTE, READ_LENGTH, READ_EXPIRES, ADD_AUTH };

/* A name that is looked for. */
struct known_field {
	char name[26];    /* with its colon */
	uint16_t behind;  /* of its first FIND_BLOCK bytes, those behind the colon: a bit for each */
	uint8_t length;
	uint8_t kind;
	uint16_t place;   /* of the value to keep: its offset in struct message; or enum auth_field_kind */
};

enum { FIELD_SLOTS = 256 };

/*
 * No two names have the same length and the same last letter, whose case is left out: its bit becomes too high. These
 * numbers differ, too (a compiler warns).
 */
#define SLOT(length, last) ((8 * (unsigned char)(last) + (length)) % FIELD_SLOTS)
#define FIELD(name, last, ...) \
	[SLOT(sizeof(name) - 1, last)] = {name ":", BEHIND(sizeof(name)), sizeof(name) - 1, __VA_ARGS__}
#define BEHIND(length) (uint16_t)(0xffffull << (length))
#define FIRST(member) KEEP_FIRST, offsetof(struct message, member)
#define ONLY(member) KEEP_ONLY, offsetof(struct message, member)
#define VIA KEEP_VIA, offsetof(struct message, via)
#define AUTH(which) ADD_AUTH, AUTH_##which

/* Compact names: RFC 3261 7.3.3. */
static const struct known_field fields[FIELD_SLOTS] = {
	FIELD("Via", 'a', VIA), FIELD("v", 'v', VIA),
	FIELD("From", 'm', ONLY(from)), FIELD("f", 'f', ONLY(from)),
	FIELD("To", 'o', ONLY(to)), FIELD("t", 't', ONLY(to)),
	FIELD("Call-ID", 'd', ONLY(call_id)), FIELD("i", 'i', ONLY(call_id)),
	FIELD("Contact", 't', FIRST(contact)), FIELD("m", 'm', FIRST(contact)),
	FIELD("Content-Length", 'h', READ_LENGTH), FIELD("l", 'l', READ_LENGTH),
	FIELD("CSeq", 'q', ONLY(cseq_method)),
	FIELD("Expires", 's', READ_EXPIRES),
	FIELD("Route", 'e', READ_ROUTE),
	FIELD("Server", 'r', ONLY(server)),
	FIELD("User-Agent", 't', ONLY(user_agent)),
	FIELD("Authorization", 'n', AUTH(AUTHORIZATION)),
	FIELD("Proxy-Authorization", 'n', AUTH(PROXY_AUTHORIZATION)),
	FIELD("WWW-Authenticate", 'e', AUTH(WWW_AUTHENTICATE)),
	FIELD("Proxy-Authenticate", 'e', AUTH(PROXY_AUTHENTICATE)),
	FIELD("Authentication-Info", 'o', AUTH(AUTHENTICATION_INFO)),
	FIELD("Proxy-Authentication-Info", 'o', AUTH(AUTHENTICATION_INFO)),
};

/* What may be the field whose name ends here. */
static inline const struct known_field *field_like(const char *name_end, size_t length)
{
	return &fields[SLOT(length, name_end[-1])];
}

#endif
