/* Private to the digest command: options, pasted text, one computation, and how it is printed. */
#ifndef CMD_DIGEST_H
#define CMD_DIGEST_H

#include "auth/deviation.h"
#include "auth/secrets.h"
#include "base/buf.h"
#include "cmd_search.h"
#include "digest/params.h"
#include "digest/response.h"

enum { PASTED_MAX = 16, NOTES_MAX = 48, FITS_MAX = 4 };

/* One challenge or credentials. */
struct pasted_auth {
	struct params params;
	bool named;                             /* by a header field name, not a bare value */
	bool proxy;                             /* Proxy-Authenticate, Proxy-Authorization */
	struct slice method, request_uri, body; /* of the message; absent: not pasted, or altered */
};

struct pasted {
	struct arena arena;
	struct pasted_auth challenges[PASTED_MAX], credentials[PASTED_MAX];
	unsigned challenge_count, credential_count;
	unsigned other_schemes; /* Basic and the like, left out */
	struct params info;     /* of the last Authentication-Info */
	struct slice info_body;
	bool has_info;
	struct clues clues; /* From, To, Contact, Route and Request-URIs */
};

/*
 * Reads header fields, whole messages or bare values as they come out of terminals, mails and
 * Wireshark: indented, wrapped, with LF for CRLF, in any order. The text must live as long as the
 * result.
 */
void pasted_read(struct slice text, struct pasted *out);
void pasted_free(struct pasted *p);
/* The challenge that these credentials answer, or NULL. */
const struct pasted_auth *pasted_challenge_of(
	const struct pasted *p, const struct pasted_auth *credentials);

/* The challenge to answer: the first that can be; they come in the server's order (RFC 8760 2.4). */
const struct pasted_auth *pasted_choose(const struct pasted *p, struct slice algorithm);
/* The credentials that an Authentication-Info belongs to: the same cnonce, else the last ones. */
const struct pasted_auth *pasted_info_credentials(const struct pasted *p);

/* Sentences about a digest; kept in the arena. */
struct notes {
	struct arena *arena;
	struct slice list[NOTES_MAX];
	unsigned count;
};

/* "%" stands for the next value, printable and in quotes. */
void note_add(struct notes *n, const char *format, struct slice first, struct slice second);
/* What is odd about the credentials, by themselves and against the challenge (may be NULL). */
void note_credentials(struct notes *n, const struct pasted_auth *credentials,
	const struct pasted_auth *challenge);

/* The options that are values of a digest. */
enum digest_text {
	TEXT_USERNAME,
	TEXT_REALM,
	TEXT_METHOD,
	TEXT_URI,
	TEXT_NONCE,
	TEXT_NC,
	TEXT_CNONCE,
	TEXT_QOP,
	TEXT_ALGORITHM,
	TEXT_RESPONSE,
	TEXT_COUNT
};

struct digest_given {
	struct slice text[TEXT_COUNT]; /* absent: not given */
	struct slice body;
	struct slice ha1;
};

enum check_result {
	CHECK_MATCH,
	CHECK_COMPUTED /* there was no response to compare with */,
	CHECK_MISMATCH,
	CHECK_NO_SECRET,
	CHECK_UNSUPPORTED,
	CHECK_MISSING /* a value, or the body */
};

/* What explains a response that does not match. */
struct fit {
	struct slice words, steps;
	struct deviation deviations[DEVIATIONS_MAX];
	size_t count;
};

/* One computation. */
struct check {
	/* from the caller */
	const struct digest_given *given;
	const struct secrets *secrets;
	const struct pasted_auth *credentials, *challenge; /* NULL: none */
	bool rspauth;                                      /* compute rspauth, not response */
	const struct params *info;                         /* Authentication-Info, or NULL */
	struct slice info_body;
	const struct pasted *pasted;
	struct search_watch *search;
	bool show_secrets;

	struct arena arena; /* holds AKA passwords: private */
	struct notes notes;
	struct slice algorithm; /* its name; absent: none was named */
	struct digest_input in;
	struct digest_steps steps;
	struct slice expected;       /* the response that was sent; absent: none */
	const struct secret *secret; /* that was used, or NULL */
	enum check_result result;
	struct fit fits[FITS_MAX]; /* of a mismatch: what explains it */
	unsigned fit_count;
	struct slice no_fit; /* if nothing does: what was tried */
	struct buf trouble;  /* what is missing, for the results after MISMATCH */
};

void check_run(struct check *c);
void check_free(struct check *c);
/* Why does it not match? cmd_digest_search.c */
void check_search(struct check *c);

struct json;

const char *check_result_name(enum check_result r);
void check_print_text(const struct check *c, bool show_secrets, struct buf *out);
void check_print_json(const struct check *c, bool show_secrets, struct json *j);

#endif
