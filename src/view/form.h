/* A box with fields over the screen: choices, texts, buttons. Private to view/. */
#ifndef VIEW_FORM_H
#define VIEW_FORM_H

#include "view/edit.h"
#include "view/screen.h"

enum field_kind { FIELD_NOTE, FIELD_SWITCH, FIELD_CHOICE, FIELD_TEXT, FIELD_SECRET, FIELD_BUTTON };

enum { FORM_FIELDS_MAX = 48, FIELD_LABEL = 80 };

struct field {
	enum field_kind kind;
	char label[FIELD_LABEL];
	bool on;                 /* of a switch */
	const char *choices[8];  /* of a choice; NULL ends them; may point into words */
	char words[FIELD_LABEL];
	unsigned chosen;
	struct edit edit;        /* of a text */
	int id;                  /* of whoever made the form */
};

enum form_result {
	FORM_GOES_ON,
	FORM_CANCELLED,
	FORM_ACCEPTED            /* the button under the cursor, or Enter in a text */
};

struct view;

struct form {
	const char *title;
	struct field fields[FORM_FIELDS_MAX];
	unsigned count, cursor, top;
	bool movable;            /* + and - move a switch */
	unsigned label_width;    /* of the labels before texts and choices */
	char complaint[256];     /* what is wrong with it; "" */
	/* True: it is done with. `button`: the id of the field that was pressed. */
	bool (*accept)(struct view *v, struct form *f, int button);
	void (*changed)(struct view *v, struct form *f); /* after every key; may be NULL */
};

struct form *form_new(const char *title);
void form_free(struct form *f); /* wipes what was typed; NULL is fine */
/* The new field, so that more can be set. */
struct field *form_add(struct form *f, enum field_kind kind, int id, const char *label);
struct field *form_field(struct form *f, int id);
/* The cursor on the first field that can be changed, or that button. */
void form_begin(struct form *f, int id);
enum form_result form_key(struct form *f, int key);
enum form_result form_click(struct form *f, const struct screen *s, const struct mouse *m);
void form_draw(struct form *f, struct screen *s);

#endif
