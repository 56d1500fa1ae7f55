/*
 * A strict second opinion: what libosip2, and with it many a peer, reads in the authentication fields.
 * It drops, joins and mistakes what is not written exactly as it expects, and says nothing. The scanner
 * (sip/message.h) is the authority on the bytes; where libosip2 reads something else, that is a finding.
 * The door to libosip2's parser.
 */
#ifndef SIP_STRICT_H
#define SIP_STRICT_H

#include "base/arena.h"
#include "sip/message.h"

/* libosip2 needs time that grows with the square of these. */
enum {
	STRICT_BYTES_MAX = 8192,     /* of the header fields */
	STRICT_FIELDS_MAX = 128,
	STRICT_SEPARATORS_MAX = 512  /* "," ";" "&" */
};

enum strict_param {
	STRICT_USERNAME, STRICT_REALM, STRICT_NONCE, STRICT_URI, STRICT_RESPONSE, STRICT_ALGORITHM,
	STRICT_CNONCE, STRICT_NC, STRICT_QOP, STRICT_OPAQUE, STRICT_STALE, STRICT_DOMAIN,
	STRICT_PARAM_COUNT
};

/* One field that libosip2 kept. Those that it dropped are missing: compare the counts of the kind. */
struct strict_field {
	enum auth_field_kind kind;
	struct slice scheme;
	/* without surrounding quotes; absent: not read. libosip2 takes "" for absent */
	struct slice values[STRICT_PARAM_COUNT];
};

struct strict_message {
	bool parsed;                 /* false: libosip2 refuses the message */
	unsigned field_count;        /* 0 if it was refused */
	struct strict_field *fields; /* by kind, in order within one; owned by the arena */
};

/* May libosip2 have it? The header fields must be complete and small, and hold no NUL. */
bool strict_usable(struct slice bytes);
/*
 * Reads the message without its body and its Content-Length. False, and nothing is filled in, if it is
 * not usable. Values are copied into the arena.
 */
bool strict_read(struct slice bytes, struct arena *arena, struct strict_message *out);
/*
 * Of header fields with this name, libosip2 keeps the bytes only, whatever they say: without them the rest is read in
 * half the time. They are left out, unless a line ends with CR alone.
 */
bool strict_is_idle(struct slice name);
/* To libosip2 a CR is the end of a line, whatever follows. Is there one without LF? */
bool strict_has_bare_cr(struct slice lines);
/* "realm": as in the header field. */
const char *strict_param_name(enum strict_param param);

#endif
