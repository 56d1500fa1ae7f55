/* Inside the viewer: its state, and what its screens share. Nobody outside view/ includes this. */
#ifndef VIEW_INSIDE_H
#define VIEW_INSIDE_H

#include "view/form.h"
#include "view/list.h"
#include "view/rebuild.h"
#include "view/screen.h"
#include "view/view.h"

enum { DEPTH_MAX = 16, NOTE_TEXT = 200, COLUMNS_LEAST = 40, ROWS_LEAST = 10 };

enum page_kind {
	PAGE_LADDER, PAGE_RAW, PAGE_MESSAGE, PAGE_FINDING, PAGE_DIGEST, PAGE_COMPARE, PAGE_COMPARE_MESSAGES,
	PAGE_SUMMARY, PAGE_HELP
};

/* A page on the screen. */
struct pager {
	enum page_kind kind;
	struct rebuilt *left, *right;  /* what it is about; NULL: nothing of an exchange, nothing to compare with */
	uint32_t number, of;           /* message, finding or credentials; exchange of detail */
	uint32_t other;                /* the second message of PAGE_COMPARE_MESSAGES */
	struct page page;
	bool made;                     /* at least once */
	unsigned made_for;             /* columns; 0: it must be made */
	size_t cursor, top;            /* lines */
	unsigned shift;                /* columns scrolled to the right */
	char search[EDIT_TEXT];
	struct page side;              /* the message beside a ladder */
	uint32_t side_number;          /* which + 1 */
	unsigned side_for;
	uint32_t marked;               /* message + 1 that Space chose */
	uint32_t messages;             /* of the row, when the ladder was made: more may have come */
	enum screen_kind below;        /* help: for which screen */
};

enum prompt_kind { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER };

/* The line at the bottom in which one types. */
struct prompt {
	enum prompt_kind kind;
	struct edit edit;
	char before[EDIT_TEXT];        /* what Esc brings back */
	char complaint[FILTER_WHY];
};

struct view {
	struct view_host host;
	struct view_options options;
	struct settings settings;
	struct screen *screen;
	struct list list;
	struct pager *pages[DEPTH_MAX];
	unsigned depth;
	struct form *form;             /* over everything; NULL: none */
	struct prompt prompt;
	struct buf findings;           /* about accounts, servers, the capture: a line each */
	size_t finding_count;
	char note[NOTE_TEXT];
	int64_t note_until;            /* ns, by the clock of the machine */
	struct page verdict;           /* on the exchange under the cursor of the list */
	uint32_t verdict_of, verdict_state;
	uint64_t done, total;          /* of the input */
	int64_t begin;                 /* first time of the input, 0: nothing came */
	int64_t turned, drawn, draw_cost; /* by the clock of the machine, ns */
	bool complete, paused, quit, dirty, extended;
	uint8_t *flags;                /* of rows, while everything comes again */
	size_t flag_count;
};

/* view.c */

int64_t view_clock(void);
struct pager *view_page(const struct view *v); /* on top; NULL: the list is */
enum screen_kind view_screen(const struct view *v);
/* printf into the note of the last line. */
void view_say(struct view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
void view_open_form(struct view *v, struct form *f);
/* Settings that the screen depends on, after they changed. */
void view_apply_settings(struct view *v);

/* act.c: what a key does, on any screen; false: nothing, here. */
bool view_act(struct view *v, enum action a);

/* list_draw.c, list_act.c */

void list_screen_draw(struct view *v);
bool list_screen_act(struct view *v, enum action a);
void list_screen_click(struct view *v, const struct mouse *m);
/* Rows between head and foot. */
size_t list_screen_rows(const struct view *v);
void view_draw_head(struct view *v, struct slice title);
void view_draw_foot(struct view *v);

/* pager.c, pager_act.c */

/* Takes over one use of `left` and `right`. NULL: too deep. */
struct pager *pager_open(struct view *v, enum page_kind kind, struct rebuilt *left, struct rebuilt *right);
void pager_close(struct view *v);
void pager_free(struct pager *p);
/* Makes the page, or makes it anew, if something it depends on changed. */
void pager_update(struct view *v, struct pager *p);
void pager_draw(struct view *v, struct pager *p);
/* A line of a page, at the left. */
void pager_draw_line(struct view *v, unsigned row, unsigned columns, const struct page_line *line);
bool pager_act(struct view *v, struct pager *p, enum action a);
void pager_click(struct view *v, struct pager *p, const struct mouse *m);
/* To the next line that has the text that is searched for. False: there is none. */
bool pager_search(struct pager *p, bool forward, bool from_here);
/* Lines of the page that are seen at once. */
size_t pager_rows(const struct view *v, const struct pager *p);
/* The message that the cursor is on; false: none. */
bool pager_message(const struct pager *p, uint32_t *number);

/* make.c: fills the page with what its kind says. */
void pager_make(struct view *v, struct pager *p);
void pager_make_side(struct view *v, struct pager *p, uint32_t number, unsigned columns);

/* The filter that a line about an account, server or cause stands for. False: none. */
bool pager_expression(struct view *v, struct link link, char expression[FILTER_TEXT]);

/* Opens the exchange's ladder, or another page about it. NULL: it cannot be; that was said. */
struct pager *view_open_exchange(struct view *v, uint32_t n, enum page_kind kind);

/* prompt.c */

void prompt_open(struct view *v, enum prompt_kind kind);
void prompt_key(struct view *v, int key);
void prompt_draw(struct view *v);

/* dialogs.c, save.c */

void dialog_columns(struct view *v);
void dialog_settings(struct view *v);
void dialog_secret(struct view *v);
void dialog_quit(struct view *v);
void dialog_save(struct view *v);

#endif
