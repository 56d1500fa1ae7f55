/*
 * What a trace holds that a client may have hashed in place of the right value: realms, URIs, nonces,
 * names and addresses, each with what it is. Newest first; borrowed.
 */
#ifndef AUTH_CLUES_H
#define AUTH_CLUES_H

#include "base/slice.h"

enum { CLUES_MAX = 384, CLUES_OF_KIND_MAX = 64 };

enum clue_kind {
	CLUE_REALM,       /* of other challenges and credentials */
	CLUE_REALM_GIVEN, /* that the user named: --realm, the credentials file */
	CLUE_FROM,
	CLUE_TO,
	CLUE_CONTACT,
	CLUE_ROUTE, /* URIs */
	CLUE_REQUEST_URI,
	CLUE_FIRST_REQUEST_URI,
	CLUE_OTHER_LEG_URI,
	CLUE_URI,
	CLUE_DOMAIN, /* the domain parameter of the challenge */
	CLUE_VIA,
	CLUE_RECEIVED, /* "host" or "host:port" */
	CLUE_SERVER,
	CLUE_CLIENT,    /* "address:port" */
	CLUE_USER,      /* other user names: of the secret, of other credentials */
	CLUE_USER_SENT, /* as it stands in the header field, where that is a hash or username* */
	CLUE_NONCE,
	CLUE_NEXTNONCE,
	CLUE_SIBLING_NONCE,
	CLUE_OPAQUE,
	CLUE_FIRST_NONCE,
	CLUE_FIRST_CNONCE, /* of this exchange: RFC 2617 keeps them for -sess */
	CLUE_CNONCE,
	CLUE_QOP_LIST,
	CLUE_METHOD, /* of earlier requests */
	CLUE_CSEQ_METHOD,
	CLUE_BODY, /* of other requests and legs */
	CLUE_COUNT
};

struct clue {
	enum clue_kind kind;
	struct slice value;
};

struct clues {
	struct clue list[CLUES_MAX];
	unsigned count;
	uint8_t of_kind[CLUE_COUNT];
};

/* Absent values, repeated ones and those beyond the limits are left out. */
void clues_add(struct clues *c, enum clue_kind kind, struct slice value);
/* The first (newest) of a kind, or absent. */
struct slice clues_first(const struct clues *c, enum clue_kind kind);

#endif
