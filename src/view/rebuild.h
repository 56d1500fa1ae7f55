/* Exchanges made again from their kept messages, for pages about them. Private to view/. */
#ifndef VIEW_REBUILD_H
#define VIEW_REBUILD_H

#include "view/detail.h"
#include "view/view.h"

enum { REBUILD_LEGS_MAX = 8, REBUILD_MESSAGES_MAX = 4096 };

/* Several screens may share one. */
struct rebuilt {
	struct detail detail;
	uint32_t n;                /* of the list */
	bool extended;             /* with its further legs */
	unsigned users;
	/* what detail points to */
	struct arena arena;
	struct tracker *tracker;
	struct detail_exchange exchanges[REBUILD_LEGS_MAX];
	struct exchange copies[REBUILD_LEGS_MAX];
	struct detail_message *messages;
};

/*
 * The exchange of a row, and if it is selected all that are; `extended`: with its further legs. NULL: its messages are
 * not there any more. One user has it then.
 */
struct rebuilt *rebuild(const struct view_host *host, const struct rows *rows, uint32_t n, bool extended,
	bool show_secrets);
struct rebuilt *rebuilt_use(struct rebuilt *r);
/* The last user frees it; NULL is fine. */
void rebuilt_drop(struct rebuilt *r);

#endif
