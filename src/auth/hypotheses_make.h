/* Inside the hypotheses: rows of the table, and the functions that make candidates from one. */
#ifndef AUTH_HYPOTHESES_MAKE_H
#define AUTH_HYPOTHESES_MAKE_H

#include "auth/hypotheses.h"

struct builder {
	struct hypotheses *h;
	const struct riddle *riddle;
	const struct digest_input *in;
	const struct algorithm_info *info;
	struct arena *arena;
	uint16_t rank;
	bool ha1_only; /* no password is known */
	bool aka;
};

struct row;
typedef void maker(struct builder *b, const struct row *row);

struct row {
	const char *rank; /* of CATALOGUE section 8 */
	const char *id;
	enum dimension dimension;
	maker *make;
	int n;              /* for the maker: a clue, a length, a form... */
	struct slice text;  /* for the maker */
	const char *phrase; /* see struct candidate */
};

/* The right candidate of a dimension. */
const struct candidate *right(const struct builder *b, enum dimension d);
/* Adds a candidate, or the id of this row to the one that is the same. */
void add_candidate(struct builder *b, const struct row *row, struct candidate c);
/* The same for a plain value; absent ones are left out. */
void add_value(struct builder *b, const struct row *row, struct slice value);
struct slice join(struct builder *b, struct slice a, struct slice c, struct slice d);

/* hypotheses_text.c: strings from the trace, and what happens to strings. */
maker make_text, make_empty, make_quoted, make_lower, make_upper, make_cut_at, make_cut_to,
	make_trim, make_unescaped, make_escaped, make_percent_decoded, make_clue, make_clue_host,
	make_clue_user, make_clue_address;

/* hypotheses_names.c: realms, user names, URIs. */
maker make_host, make_host_port, make_user_at_realm, make_user_at_domain, make_user_uri,
	make_user_no_domain, make_user_plus, make_user_no_plus, make_user_hash, make_from_address;
maker make_no_port, make_no_params, make_bare, make_domain, make_domain_port, make_server_ip,
	make_host_clue, make_add_port, make_suffix, make_transport, make_sips, make_wrapped,
	make_no_scheme, make_tel, make_realm_uri, make_lower_host, make_plus_space;

/* hypotheses_password.c */
maker make_pw_prefix, make_pw_suffix, make_pw_case, make_pw_quoted, make_pw_cut_at, make_pw_dollar,
	make_pw_is_ha1, make_pw_ha1, make_pw_md5, make_pw_charset, make_pw_utf8, make_pw_cut_to,
	make_pw_cut_rest, make_pw_percent, make_pw_plus, make_pw_percent_decoded, make_pw_html,
	make_pw_no_backslash, make_pw_empty, make_pw_user, make_pw_other;
maker make_aka_hex, make_aka_base64, make_aka_cut, make_aka_v1, make_aka_v2, make_aka_empty,
	make_aka_order;

/* hypotheses_form.c: algorithm, structure, method, qop, counts. */
maker make_hash, make_hash_cut, make_mixed, make_form, make_sess, make_sess_ignored,
	make_sess_first, make_order, make_no_method, make_legacy, make_forced, make_list_literal,
	make_literal, make_qop_quoted, make_qop_upper, make_auth_int, make_nc_text,
	make_nc_unpadded, make_nc_upper, make_nc_decimal, make_nc_plus, make_nc_quoted,
	make_cnonce_no_hyphens;

#endif
