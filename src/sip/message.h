/*
 * The slice scanner: one pass over the header fields of a SIP message (RFC 3261 7, 25.1), no
 * allocation, no copies. It is the authority on what was on the wire: it accepts what peers send and
 * notes what had to be forgiven. Only the fields that authentication needs are picked out.
 */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "base/slice.h"

enum {
	MESSAGE_MAX = 65535,        /* bytes; the rest is cut off and noted */
	MESSAGE_FIELDS_MAX = 256,   /* header fields; more are not looked at */
	MESSAGE_AUTH_MAX = 32       /* challenges or credentials header fields */
};

enum method {
	METHOD_REGISTER, METHOD_INVITE, METHOD_ACK, METHOD_CANCEL, METHOD_BYE, METHOD_OPTIONS,
	METHOD_SUBSCRIBE, METHOD_NOTIFY, METHOD_PUBLISH, METHOD_MESSAGE, METHOD_REFER, METHOD_INFO,
	METHOD_PRACK, METHOD_UPDATE,
	METHOD_OTHER,
	METHOD_COUNT
};

enum auth_field_kind {
	AUTH_WWW_AUTHENTICATE, AUTH_PROXY_AUTHENTICATE, AUTH_AUTHORIZATION, AUTH_PROXY_AUTHORIZATION,
	AUTH_AUTHENTICATION_INFO
};

struct auth_field {
	enum auth_field_kind kind;
	uint16_t lines;          /* > 1: folded */
	struct slice value;      /* trimmed, folds inside untouched */
};

/* What had to be forgiven, as bits of message.defects. */
enum message_defect {
	MESSAGE_LF_ONLY = 1 << 0,           /* a line ends without CR */
	MESSAGE_NO_END = 1 << 1,            /* no empty line after the header fields: cut, or broken */
	MESSAGE_BODY_SHORT = 1 << 2,        /* Content-Length beyond the bytes that are here */
	MESSAGE_BODY_LONG = 1 << 3,         /* bytes after the body (UDP: ignored, RFC 3261 18.3) */
	MESSAGE_BAD_CONTENT_LENGTH = 1 << 4,
	MESSAGE_BAD_CSEQ = 1 << 5,          /* no number, no method, or not the request's method */
	MESSAGE_MISSING_FIELD = 1 << 6,     /* Call-ID, From, To, CSeq or Via */
	MESSAGE_DUPLICATE_FIELD = 1 << 7,   /* of those that may stand once only */
	MESSAGE_BAD_LINE = 1 << 8,          /* a line without a colon */
	MESSAGE_TOO_LONG = 1 << 9,
	MESSAGE_LEADING_JUNK = 1 << 10      /* CRLF or a few bytes before the start line */
};

struct message {
	bool request;
	bool cseq_valid;
	uint8_t auth_count;
	enum method method : 8;         /* of the request; for a response that of its CSeq */
	uint16_t status;                /* responses: 100-699 */
	uint16_t defects;
	uint16_t via_count;
	uint16_t route_count;           /* Route values */
	uint32_t cseq;
	int32_t content_length;         /* -1: absent or unusable */
	int64_t expires;                /* -1: absent; the Expires field only */
	struct auth_field *auth;        /* in order; lives where message_scan() was told */
	/* all slices: header fields are known by their index */
	union {
		struct {
			struct slice bytes;         /* the message from its start line on */
			struct slice body;          /* absent: none could be found */
			struct slice method_name;   /* requests, as sent */
			struct slice request_uri;
			struct slice reason;        /* responses */
			struct slice call_id, from, to, via, contact, cseq_method;
			struct slice from_tag, to_tag, branch;
			struct slice user_agent, server;
		};
		struct slice slices[16];
	};
};

/*
 * Scans `bytes` (one datagram or one framed message). False: no SIP start line, nothing can be said.
 * Slices point into `bytes`, `out->auth` to `auth`.
 */
bool message_scan(struct slice bytes, struct message *out, struct auth_field auth[MESSAGE_AUTH_MAX]);

/* The method, compared with regard to case (RFC 3261 7.1). */
enum method method_find(struct slice name);
const char *method_name(enum method m); /* "OTHER" for METHOD_OTHER */
/* Inside a dialog: a request with a To tag. */
bool message_in_dialog(const struct message *m);

#endif
