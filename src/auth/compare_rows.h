/* Inside the comparison: how its files add rows. */
#ifndef AUTH_COMPARE_ROWS_H
#define AUTH_COMPARE_ROWS_H

#include "auth/compare.h"

/* What a difference means. */
enum weight {
	WEIGHT_MATTERS,
	WEIGHT_OWN,    /* each client has its own: addresses, users */
	WEIGHT_MUST    /* no two exchanges have the same; that one lacks it matters */
};

/* One comparison while it is made. */
struct comparing {
	struct comparison *out;
	const char *section;
	unsigned part;
	bool same_user;     /* of the same From user: then a name of the user matters */
	bool same_target;   /* Request-URIs differ at most in the user who is asked for */
};

/* A row, unless neither has a value. */
void compare_add(struct comparing *c, enum weight w, const char *name, struct slice left, struct slice right);
void compare_add_slice(
	struct comparing *c, enum weight w, struct slice name, struct slice left, struct slice right);
void compare_texts(struct comparing *c, enum weight w, const char *name, const char *left, const char *right);

/* compare_params.c: challenges and credentials; NULL: there is none on this side. */

struct compare_round {
	const struct challenge *challenge;
	const struct response *response;      /* that it came in */
	const struct credential *credential;  /* the newest that answers it */
	const struct attempt *attempt;        /* that carried the credential */
};

void compare_challenges(struct comparing *c, const struct compare_round *left, const struct compare_round *right);
void compare_credentials(struct comparing *c, const struct compare_round *left, const struct compare_round *right);
/* Of credentials, or of challenges, parameter by parameter as they were sent; NULL: there are none. */
void compare_params(
	struct comparing *c, bool credentials, const struct params *left, const struct params *right);

/* compare_fields.c: all other header fields; absent messages have none. */

void compare_fields(struct comparing *c, struct slice left, struct slice right);

#endif
