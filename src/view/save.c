/* The box that saves: which exchanges, as what, where; never over a file without asking. */
#include "view/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { FIELD_WHAT, FIELD_FORM, FIELD_PATH, BUTTON_SAVE = 1000, BUTTON_CANCEL };

enum what { WHAT_THIS, WHAT_SELECTED, WHAT_SHOWN, WHAT_ALL };

/* ---- which ---- */

static size_t all_numbers(const struct list *l, uint32_t *numbers)
{
	size_t n = 0;

	for (size_t i = 0; i < l->rows.count; i++)
		if (l->rows.list[i].n)
			numbers[n++] = l->rows.list[i].n;
	return n;
}

static uint32_t this_one(const struct view *v)
{
	const struct pager *p = view_page(v);
	const struct row *row = list_row(&v->list);

	return p && p->left ? p->left->n : row ? row->n : 0;
}

static size_t collect(const struct view *v, enum what what, uint32_t *numbers)
{
	const struct list *l = &v->list;

	switch (what) {
	case WHAT_THIS:
		numbers[0] = this_one(v);
		return numbers[0] != 0;
	case WHAT_SELECTED:
		return list_selected(l, numbers, l->rows.count);
	case WHAT_SHOWN:
		if (l->count)
			memcpy(numbers, l->shown, l->count * sizeof(*numbers));
		return l->count;
	default:
		return all_numbers(l, numbers);
	}
}

/* ---- the page as text ---- */

/* The ladder of one exchange, as wide as it needs. */
static bool write_ladder(struct view *v, const char *path, char why[VIEW_WHY])
{
	struct pager p = {.kind = PAGE_LADDER};
	struct buf text = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0;

	p.left = rebuild(&v->host, &v->list.rows, this_one(v), v->extended, v->options.show_secrets);
	if (p.left && good) {
		p.page.columns = 100;
		p.page.utf8 = screen_utf8(v->screen);
		pager_make(v, &p);
		page_plain(&p.page, &text);
		good = write(fd, text.p, text.n) == (ssize_t)text.n;
	}
	if (!good || (fd >= 0 && close(fd) != 0))
		snprintf(why, VIEW_WHY, "%.150s: %s", path, strerror(errno));
	page_free(&p.page);
	rebuilt_drop(p.left);
	buf_free(&text);
	return good;
}

/* ---- the box ---- */

static bool do_save(struct view *v, enum what what, unsigned form, const char *path, char why[VIEW_WHY])
{
	uint32_t *numbers = xmalloc((v->list.rows.count + 1) * sizeof(*numbers));
	size_t n = collect(v, what, numbers);
	bool good;

	if (!n)
		snprintf(why, VIEW_WHY, "%s",
			what == WHAT_SELECTED ? "no exchange is selected; Space in the list does it"
					      : "there is no exchange to save");
	good = n && (form < v->host.save_count ? v->host.saves[form].save(v->host.arg, path, numbers, n, why)
		: write_ladder(v, path, why));
	if (good)
		view_say(v, "saved: %s (%zu exchanges)", path, form < v->host.save_count ? n : 1);
	free(numbers);
	return good;
}

static bool accept_overwrite(struct view *v, struct form *f, int button)
{
	char why[VIEW_WHY];

	/* the form behind was copied into this one's fields: what, form, path */
	if (button == BUTTON_SAVE && !do_save(v, (enum what)f->fields[0].id, (unsigned)f->fields[1].id,
		f->fields[2].edit.text, why))
		view_say(v, "%s", why);
	return true;
}

static void ask_overwrite(struct view *v, enum what what, unsigned form, const char *path)
{
	struct form *f = form_new("This file exists");

	form_add(f, FIELD_NOTE, (int)what, "Its content will be lost.");
	form_add(f, FIELD_NOTE, (int)form, "");
	edit_set(&form_add(f, FIELD_NOTE, 0, path)->edit, path);
	form_add(f, FIELD_BUTTON, BUTTON_CANCEL, "Keep it");
	form_add(f, FIELD_BUTTON, BUTTON_SAVE, "Overwrite");
	f->accept = accept_overwrite;
	form_begin(f, BUTTON_CANCEL);
	view_open_form(v, f);
}

static bool accept_save(struct view *v, struct form *f, int button)
{
	enum what what = (enum what)form_field(f, FIELD_WHAT)->chosen;
	unsigned form = form_field(f, FIELD_FORM)->chosen;
	const char *path = form_field(f, FIELD_PATH)->edit.text;
	char why[VIEW_WHY];

	if (button == BUTTON_CANCEL)
		return true;
	if (!*path) {
		snprintf(f->complaint, sizeof(f->complaint), "a file needs a name");
		return false;
	}
	if (access(path, F_OK) == 0) {
		ask_overwrite(v, what, form, path);
		return true;
	}
	if (do_save(v, what, form, path, why))
		return true;
	snprintf(f->complaint, sizeof(f->complaint), "%s", why);
	return false;
}

static const char *extension_of(const struct view *v, unsigned form)
{
	return form < v->host.save_count ? v->host.saves[form].extension : ".txt";
}

/* Another form, another extension, if the name had the old one's. */
static void follow_form(struct view *v, struct form *f)
{
	unsigned form = form_field(f, FIELD_FORM)->chosen;
	struct edit *path = &form_field(f, FIELD_PATH)->edit;

	for (unsigned i = 0; i <= v->host.save_count; i++) {
		size_t n = strlen(extension_of(v, i));

		if (path->n < n || strcmp(path->text + path->n - n, extension_of(v, i)) != 0)
			continue;
		path->text[path->n - n] = '\0';
		if (path->n - n + strlen(extension_of(v, form)) < sizeof(path->text))
			strcat(path->text, extension_of(v, form));
		path->n = path->at = strlen(path->text);
		return;
	}
}

void dialog_save(struct view *v)
{
	struct form *f = form_new("Save");
	struct field *x = form_add(f, FIELD_CHOICE, FIELD_WHAT, "Exchanges");
	const char *folder = settings_text(&v->settings, SETTING_SAVE_PATH);
	char path[EDIT_TEXT];
	unsigned i;

	x->choices[WHAT_THIS] = "this one";
	x->choices[WHAT_SELECTED] = "selected";
	x->choices[WHAT_SHOWN] = "shown";
	x->choices[WHAT_ALL] = "all";
	x->chosen = v->depth ? WHAT_THIS : v->list.counts.selected ? WHAT_SELECTED : WHAT_SHOWN;
	x = form_add(f, FIELD_CHOICE, FIELD_FORM, "As");
	for (i = 0; i < v->host.save_count && i < 6; i++)
		x->choices[i] = v->host.saves[i].name;
	x->choices[i] = "ladder of this one";
	snprintf(path, sizeof(path), "%s%ssipauth%s", folder, *folder ? "/" : "", extension_of(v, 0));
	edit_set(&form_add(f, FIELD_TEXT, FIELD_PATH, "File")->edit, path);
	form_add(f, FIELD_BUTTON, BUTTON_SAVE, "Save");
	form_add(f, FIELD_BUTTON, BUTTON_CANCEL, "Cancel");
	f->label_width = 10;
	f->accept = accept_save;
	f->changed = follow_form;
	form_begin(f, FIELD_PATH);
	view_open_form(v, f);
}
