/*
 * Scanner of the authentication header fields: challenges (WWW-Authenticate, Proxy-Authenticate),
 * credentials (Authorization, Proxy-Authorization) and Authentication-Info (RFC 3261 20.6, 20.7,
 * 20.27, 20.28, 20.44, 25.1; RFC 7616 3.3, 3.4). It accepts everything and keeps it as sent: order,
 * case, quotes, duplicates, unknown parameters; what had to be forgiven is in `defects`.
 */
#ifndef DIGEST_PARAMS_H
#define DIGEST_PARAMS_H

#include "base/arena.h"
#include "base/slice.h"

enum {
	PARAMS_BYTES = 65535,  /* of a header field value, as of a message: no more are read */
	PARAMS_MAX = 64,       /* of one challenge or credentials; more are counted, not kept */
	PARAMS_LIST_MAX = 32   /* challenges in one header field value */
};

/* The parameters whose meaning is known; PARAM_UNKNOWN for all others. */
enum param_id {
	PARAM_REALM, PARAM_NONCE, PARAM_OPAQUE, PARAM_ALGORITHM, PARAM_QOP, PARAM_STALE,
	PARAM_DOMAIN, PARAM_USERHASH, PARAM_CHARSET, PARAM_USERNAME, PARAM_USERNAME_STAR, PARAM_URI,
	PARAM_RESPONSE, PARAM_CNONCE, PARAM_NC, PARAM_AUTS, PARAM_NEXTNONCE, PARAM_RSPAUTH,
	PARAM_UNKNOWN,
	PARAM_COUNT = PARAM_UNKNOWN
};

/* Where a parameter stands, and how it is written: a credential has ten. Its parts are cut out below. */
struct param {
	const char *name;
	uint16_t name_length;
	uint16_t value_at;    /* without its quotes, from the name on; 0: there was no "=" */
	uint16_t value_length;
	uint8_t id;           /* enum param_id */
	uint8_t open : 2;     /* bytes of quotes before the value */
	uint8_t close : 2;    /* and behind it */
	bool quoted : 1;
	bool escaped : 1;     /* holds a backslash: RFC 7616 unq differs, see param_unescape() */
	bool duplicate : 1;   /* an earlier parameter has the same name */
};

/* What had to be forgiven, as bits of params.defects. */
enum params_defect {
	PARAMS_UNCLOSED_QUOTE = 1 << 0,  /* the value ends at the next ", name=", or at the end */
	PARAMS_MISSING_COMMA = 1 << 1,   /* two parameters with only white space between them */
	PARAMS_EXTRA_COMMA = 1 << 2,     /* empty list elements: legal in HTTP lists, harmless */
	PARAMS_NO_VALUE = 1 << 3,        /* a name without "=", or "=" without a value; unquoted
	                                    qop=auth,auth-int too: there the value is both */
	PARAMS_JUNK = 1 << 4,            /* bytes that are no parameter */
	PARAMS_ODD_QUOTES = 1 << 5,      /* single or escaped quotes: realm=\"x\", realm='x' */
	PARAMS_TOO_MANY = 1 << 6,
	PARAMS_FOLDED = 1 << 7,          /* CR or LF inside (legal) */
	PARAMS_NO_SCHEME = 1 << 8,       /* begins with a parameter */
	PARAMS_SEMICOLON = 1 << 9        /* ";" used between parameters */
};
/* Those that make the field malformed (finding header-malformed). */
#define PARAMS_MALFORMED                                                                           \
	(PARAMS_UNCLOSED_QUOTE | PARAMS_MISSING_COMMA | PARAMS_NO_VALUE | PARAMS_JUNK |            \
		PARAMS_ODD_QUOTES | PARAMS_NO_SCHEME | PARAMS_SEMICOLON)

struct params {
	struct slice text;         /* this challenge or these credentials, scheme included */
	struct slice scheme;       /* "Digest"; absent with PARAMS_NO_SCHEME */
	struct slice token68;      /* of Basic, Bearer, Negotiate: the blob; else absent */
	struct param *list;        /* in order; owned by the arena that was given */
	uint32_t present, quoted;  /* sets of ids, one bit each: those in list, and of them those in quotes */
	uint16_t defects;
	uint16_t defect_offset;    /* of the first malformed place, in text */
	uint16_t dropped;          /* beyond PARAMS_MAX */
	uint8_t count;             /* of those in list */
	bool peculiar;             /* one of them is a duplicate, holds a backslash, or has no value or an empty one */
};

/*
 * Scans one header field value into at most `max` entries of `out`, one for each challenge that is
 * joined by commas (illegal in SIP, RFC 3261 7.3.1, but seen). Returns how many. Slices point into
 * `value`, which must live as long; lists come from the arena. Linear in the length of the value.
 */
size_t params_scan(struct slice value, struct arena *arena, struct params *out, size_t max);
/* Authentication-Info and Proxy-Authentication-Info: parameters without a scheme. */
void params_scan_info(struct slice value, struct arena *arena, struct params *out);

static inline struct slice param_name_sent(const struct param *p)
{
	return (struct slice){p->name, p->name_length};
}

/* The value as sent, with its quotes; absent if there was no "=". */
static inline struct slice param_raw(const struct param *p)
{
	return p->value_at ? (struct slice){p->name + p->value_at - p->open,
				     (size_t)p->value_length + p->open + p->close}
			   : SLICE_ABSENT;
}

/* Without its quotes; backslashes untouched (RFC 2617 unq). */
static inline struct slice param_value(const struct param *p)
{
	return p->value_at ? (struct slice){p->name + p->value_at, p->value_length} : SLICE_ABSENT;
}

/* Is there a parameter with this id? */
static inline bool params_have(const struct params *p, enum param_id id)
{
	return p->present >> id & 1;
}

/* The first parameter with this id, or NULL. */
static inline const struct param *params_get(const struct params *p, enum param_id id)
{
	const struct param *param = p->list;

	if (id == PARAM_UNKNOWN || !params_have(p, id))
		return NULL;
	while (param->id != id)
		param++;
	return param;
}

/* Its value; absent if there is none. */
static inline struct slice params_value(const struct params *p, enum param_id id)
{
	const struct param *param = params_get(p, id);

	return param ? param_value(param) : SLICE_ABSENT;
}

bool params_is_digest(const struct params *p);
/* Name as in the RFC: "realm", "username*". */
const char *param_name(enum param_id id);
/* RFC 7616 unq: the value without quoting slashes. From the arena; the value itself if there are none. */
struct slice param_unescape(struct slice value, struct arena *arena);
/* qop lists: is `token` one of the comma-separated words (case ignored)? */
bool qop_has(struct slice list, struct slice token);
/* stale: "true" in any case, quoted or not (CATALOGUE trap 8). */
bool params_stale(const struct params *p);

#endif
