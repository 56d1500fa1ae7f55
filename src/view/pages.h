/*
 * The pages of the viewer: each function adds to an empty page. They know nothing of screens and keys, so what they
 * write can be tested as text.
 */
#ifndef VIEW_PAGES_H
#define VIEW_PAGES_H

#include "auth/accounts.h"
#include "auth/advice.h"
#include "view/detail.h"
#include "view/page.h"

enum ladder_time { LADDER_CLOCK, LADDER_SINCE_BEGIN };
/* As in sngrep: what the color of an arrow tells. */
enum ladder_color { LADDER_COLOR_REQUEST, LADDER_COLOR_CALL_ID, LADDER_COLOR_CSEQ, LADDER_COLOR_COUNT };

struct ladder_options {
	bool untitled;           /* what is shown stands above the page already */
	bool details;            /* the parameters of authentication under the arrows */
	bool unfolded;           /* every copy of a message has a line of its own */
	enum ladder_time time;
	enum ladder_color color;
	/* The name of an address, NULL: none; may be NULL itself. */
	const char *(*name)(void *arg, const struct address *a);
	void *arg;
};

/* ladder.c: the messages as arrows between hosts; lines lead to messages and findings. */
void ladder_page(struct page *p, const struct detail *d, const struct ladder_options *o);

/* message.c: one message as it is, broken where the page ends; evidence of findings is marked. */
void message_page(struct page *p, const struct detail *d, size_t message);
/* The lines of a message that the finding points to, if there are any. */
void message_evidence(struct page *p, const struct detail *d, size_t message, const struct finding *f);

/* finding.c: what it means, its evidence, what to change. */
void finding_page(struct page *p, const struct detail *d, const struct finding *f);
/* Findings of an exchange, a line each, the worst first. `of`: its index in detail.exchanges. */
void findings_list(struct page *p, const struct detail *d, uint32_t of);
enum style severity_style(enum severity s);
/* "frame 3", "frame 3 of file 2". */
void page_frame(struct page *p, enum style style, uint32_t frame, unsigned file);

/* digest.c: the computation of one response, step by step. `number` counts credentials, as in LINK_DIGEST. */
void digest_page(struct page *p, const struct detail *d, uint32_t of, uint32_t number);

/* compare.c: beside each other. */
struct page_side {
	uint32_t n;              /* of the list */
	const struct exchange *x;
};

void compare_page(struct page *p, const struct page_side *left, const struct page_side *right);
void compare_messages_page(struct page *p, const struct detail_message *left, const struct detail_message *right);

/* summary.c: lines lead to LINK_ACCOUNT and LINK_SERVER, by index. */
void accounts_page(struct page *p, const struct account *const *accounts, size_t count, uint64_t all);
void servers_page(struct page *p, const struct advice *advice);

#endif
