/* Inside the ladder: where its lines stand, and what is written under an arrow. Private to view/. */
#ifndef VIEW_LADDER_H
#define VIEW_LADDER_H

#include "sip/message.h"
#include "view/pages.h"

enum {
	LADDER_HOSTS_MAX = 32,
	LADDER_SPACING_MIN = 22, /* between hosts; more of them make the page wider */
	LADDER_VALUE_COLUMNS = 40
};

struct host {
	struct address address;
	bool several_ports;
	struct slice software;   /* User-Agent or Server, as far as it sent one */
	size_t column;           /* of its line */
};

struct ladder {
	struct page *page;
	const struct detail *d;
	const struct ladder_options *o;
	struct place *places;
	struct message *scanned; /* one for each message, without its authentication */
	struct host hosts[LADDER_HOSTS_MAX];
	size_t host_count;
	bool ports_tell;         /* both ends are on one machine */
	size_t left;             /* where times end */
	int64_t before;          /* time of the message on the line above */
};

/* ladder_hosts.c */

void ladder_find_hosts(struct ladder *l);
/* The first line stands after the times, the last one column before the end of the page. */
void ladder_place_hosts(struct ladder *l);
struct host *ladder_host(struct ladder *l, const struct address *a);
/* Names over the lines, or the software of the hosts if any is known. */
void ladder_host_line(struct ladder *l, enum style style, bool software);
/* Blanks up to the column, and the lines of the hosts in between. */
void ladder_to_column(struct ladder *l, size_t column);
/* The shaft of an arrow up to the column. */
void ladder_fill(struct ladder *l, enum style style, size_t column);
size_t ladder_end_column(const struct ladder *l);
void ladder_end_line(struct ladder *l, struct link link);

/* ladder_words.c: what stands under the arrow of message `i`. */

void ladder_challenges(struct ladder *l, size_t i, const struct response *r);
void ladder_credentials(struct ladder *l, size_t i, const struct attempt *a);
void ladder_findings(struct ladder *l, size_t i);
/* What did not come, or came in another way than as a SIP message. */
void ladder_silence(struct ladder *l, size_t i, const struct attempt *a);

#endif
