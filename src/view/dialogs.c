/* Boxes for columns, settings, a password, the end. */
#include "view/inside.h"

#include <stdio.h>
#include <string.h>

enum { BUTTON_ACCEPT = 1000, BUTTON_SAVE, BUTTON_CANCEL };

/* Into the file as well; what was chosen holds in any case. */
static void save_settings(struct view *v)
{
	char why[SETTING_TEXT];

	if (settings_save(&v->settings, why))
		view_say(v, "saved: %s", v->settings.path);
	else
		view_say(v, "%s", why);
}

static void add_buttons(struct form *f)
{
	form_add(f, FIELD_BUTTON, BUTTON_ACCEPT, "Accept");
	form_add(f, FIELD_BUTTON, BUTTON_SAVE, "Save");
	form_add(f, FIELD_BUTTON, BUTTON_CANCEL, "Cancel");
}

/* ---- columns ---- */

static bool accept_columns(struct view *v, struct form *f, int button)
{
	struct buf text = {0};
	char why[SETTING_TEXT];

	if (button == BUTTON_CANCEL)
		return true;
	for (unsigned i = 0; i < f->count; i++)
		if (f->fields[i].kind == FIELD_SWITCH && f->fields[i].on)
			buf_printf(&text, "%s%s", text.n ? "," : "", column_row((enum column)f->fields[i].id)->name);
	settings_set(&v->settings, SETTING_COLUMNS, buf_string(&text), why);
	buf_free(&text);
	v->list.first_column = 0;
	view_apply_settings(v);
	if (button == BUTTON_SAVE)
		save_settings(v);
	return true;
}

static void add_column(struct form *f, enum column c, bool on)
{
	char label[FIELD_LABEL];

	snprintf(label, sizeof(label), "%-10s %s", column_row(c)->name, column_row(c)->words);
	form_add(f, FIELD_SWITCH, (int)c, label)->on = on;
}

void dialog_columns(struct view *v)
{
	const struct column_set *set = &v->list.columns;
	struct form *f = form_new("Columns: Space shows or hides, + and - move");
	bool shown[COLUMN_COUNT] = {false};

	for (unsigned i = 0; i < set->count; i++) {
		add_column(f, set->list[i], true);
		shown[set->list[i]] = true;
	}
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!shown[c])
			add_column(f, (enum column)c, false);
	add_buttons(f);
	f->movable = true;
	f->accept = accept_columns;
	form_begin(f, -1);
	view_open_form(v, f);
}

/* ---- settings ---- */

static const char *field_value(const struct field *x)
{
	if (x->kind == FIELD_SWITCH)
		return x->on ? "on" : "off";
	return x->kind == FIELD_CHOICE ? x->choices[x->chosen] : x->edit.text;
}

static bool accept_settings(struct view *v, struct form *f, int button)
{
	char why[SETTING_TEXT];

	if (button == BUTTON_CANCEL)
		return true;
	for (unsigned i = 0; i < f->count; i++) {
		const struct field *x = &f->fields[i];

		if (x->kind == FIELD_BUTTON || x->kind == FIELD_NOTE)
			continue;
		if (!settings_set(&v->settings, (enum setting)x->id, field_value(x), why)) {
			snprintf(f->complaint, sizeof(f->complaint), "%s", why);
			f->cursor = i;
			return false;
		}
	}
	view_apply_settings(v);
	if (button == BUTTON_SAVE)
		save_settings(v);
	return true;
}

/* Static words, cut at their spaces once for all. */
static void add_choices(struct field *x, const char *value, char *words, unsigned size, const char *choices)
{
	unsigned n = 0;
	char *rest = NULL;

	snprintf(words, size, "%s", choices);
	for (char *word = strtok_r(words, " ", &rest); word && n < 7; word = strtok_r(NULL, " ", &rest)) {
		if (strcmp(word, value) == 0)
			x->chosen = n;
		x->choices[n++] = word;
	}
}

static void add_setting(struct view *v, struct form *f, enum setting s)
{
	static const enum field_kind kinds[] = {
		[SETTING_IS_SWITCH] = FIELD_SWITCH, [SETTING_IS_CHOICE] = FIELD_CHOICE,
		[SETTING_IS_NUMBER] = FIELD_TEXT, [SETTING_IS_TEXT] = FIELD_TEXT,
	};
	const struct setting_row *row = setting_row(s);
	char label[FIELD_LABEL];
	struct field *x;

	if (row->kind == SETTING_IS_SWITCH)
		snprintf(label, sizeof(label), "%-17s %s", row->name, row->words);
	else
		snprintf(label, sizeof(label), "%s", row->name);
	x = form_add(f, kinds[row->kind], (int)s, label);
	x->on = settings_on(&v->settings, s);
	edit_set(&x->edit, settings_text(&v->settings, s));
	if (x->kind == FIELD_CHOICE)
		add_choices(x, settings_text(&v->settings, s), x->words, sizeof(x->words), row->choices);
}

void dialog_settings(struct view *v)
{
	struct form *f = form_new("Settings: Save writes them to the file");

	for (int s = 0; s < SETTING_COUNT; s++)
		add_setting(v, f, (enum setting)s);
	add_buttons(f);
	f->label_width = 18;
	f->accept = accept_settings;
	form_begin(f, -1);
	view_open_form(v, f);
}

/* ---- a password ---- */

enum { FIELD_USER, FIELD_REALM, FIELD_PASSWORD };

static bool accept_secret(struct view *v, struct form *f, int button)
{
	const struct edit *user = &form_field(f, FIELD_USER)->edit, *realm = &form_field(f, FIELD_REALM)->edit;
	const struct edit *password = &form_field(f, FIELD_PASSWORD)->edit;
	char why[VIEW_WHY];

	if (button == BUTTON_CANCEL)
		return true;
	/* Enter in a field goes on to the next one */
	if (button < 0 && f->fields[f->cursor].id != FIELD_PASSWORD) {
		f->cursor++;
		return false;
	}
	if (!v->host.secret(v->host.arg, user->n ? (struct slice){user->text, user->n} : SLICE_ABSENT,
		realm->n ? (struct slice){realm->text, realm->n} : SLICE_ABSENT,
		(struct slice){password->text, password->n}, why)) {
		snprintf(f->complaint, sizeof(f->complaint), "%s", why);
		return false;
	}
	while (v->depth)
		pager_close(v);
	view_say(v, "everything was diagnosed again with this password");
	return true;
}

void dialog_secret(struct view *v)
{
	struct form *f = form_new("A password, to check digests with");
	const struct row *row = list_row(&v->list);

	edit_set(&form_add(f, FIELD_TEXT, FIELD_USER, "User")->edit, "");
	if (row) {
		struct slice user = texts_get(&v->list.rows.texts, row->user);
		char text[EDIT_TEXT];

		snprintf(text, sizeof(text), "%.*s", SLICE_ARG(user));
		edit_set(&form_field(f, FIELD_USER)->edit, text);
	}
	edit_set(&form_add(f, FIELD_TEXT, FIELD_REALM, "Realm")->edit, "");
	edit_set(&form_add(f, FIELD_SECRET, FIELD_PASSWORD, "Password")->edit, "");
	form_add(f, FIELD_NOTE, 0, "Empty user or realm: any. It is kept in memory only.");
	form_add(f, FIELD_BUTTON, BUTTON_ACCEPT, "Check");
	form_add(f, FIELD_BUTTON, BUTTON_CANCEL, "Cancel");
	f->label_width = 10;
	f->accept = accept_secret;
	form_begin(f, row ? FIELD_PASSWORD : FIELD_USER);
	view_open_form(v, f);
}

/* ---- the end ---- */

static bool accept_quit(struct view *v, struct form *f, int button)
{
	(void)f;
	v->quit = button != BUTTON_CANCEL;
	return true;
}

void dialog_quit(struct view *v)
{
	struct form *f = form_new("Quit?");

	form_add(f, FIELD_BUTTON, BUTTON_ACCEPT, "Quit");
	form_add(f, FIELD_BUTTON, BUTTON_CANCEL, "Stay");
	f->accept = accept_quit;
	form_begin(f, BUTTON_ACCEPT);
	view_open_form(v, f);
}
