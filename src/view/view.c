#include "view/inside.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/format.h"

#define MS INT64_C(1000000)
#define TURN_INTERVAL (15 * MS)
#define DRAW_INTERVAL (80 * MS)
#define NOTE_TIME (6000 * MS)

enum { FINDINGS_MAX = 1000 };

int64_t view_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

struct pager *view_page(const struct view *v)
{
	return v->depth ? v->pages[v->depth - 1] : NULL;
}

enum screen_kind view_screen(const struct view *v)
{
	const struct pager *p = view_page(v);

	return !p ? SCREEN_LIST : p->kind == PAGE_LADDER ? SCREEN_EXCHANGE : SCREEN_PAGE;
}

/* ---- notes ---- */

void view_say(struct view *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(v->note, sizeof(v->note), format, args);
	va_end(args);
	v->note_until = view_clock() + NOTE_TIME;
	v->dirty = true;
}

void view_note(struct view *v, const char *line)
{
	view_say(v, "%s", line);
}

static void complain(void *arg, const char *line)
{
	view_say(arg, "%s", line);
}

/* ---- opening and closing ---- */

static struct screen_options screen_options(const struct settings *s)
{
	return (struct screen_options){
		.color = settings_on(s, SETTING_COLOR) && !getenv("NO_COLOR"),
		.background = (enum background)settings_choice(s, SETTING_BACKGROUND),
		.mouse = settings_on(s, SETTING_MOUSE),
	};
}

void view_apply_settings(struct view *v)
{
	const struct settings *s = &v->settings;
	struct screen_options o = screen_options(s);
	int sort = column_find(settings_text(s, SETTING_SORT_FIELD));

	screen_set(v->screen, &o);
	v->list.sort = sort < 0 ? COLUMN_N : (enum column)sort;
	v->list.descending = settings_choice(s, SETTING_SORT_ORDER) == 1;
	v->list.failed_first = settings_on(s, SETTING_FAILED_FIRST);
	v->list.follow = settings_on(s, SETTING_AUTOSCROLL);
	v->list.stale = true;
	column_set_parse(&v->list.columns, settings_text(s, SETTING_COLUMNS), screen_columns(v->screen));
	for (unsigned i = 0; i < v->depth; i++)
		v->pages[i]->made_for = v->pages[i]->side_for = 0;
}

struct view *view_new(const struct view_host *host, const struct view_options *o, char why[VIEW_WHY])
{
	struct view *v = xcalloc(1, sizeof(*v));
	struct screen_options screen;
	char wrong[FILTER_WHY];

	v->host = *host;
	v->options = *o;
	v->options.name = xstrdup(o->name);
	setlocale(LC_ALL, "");
	settings_init(&v->settings);
	settings_load(&v->settings, complain, v);
	screen = screen_options(&v->settings);
	v->screen = screen_open(&screen, why);
	if (!v->screen) {
		view_free(v);
		return NULL;
	}
	view_apply_settings(v);
	if (!filter_parse(&v->list.filter, settings_text(&v->settings, SETTING_FILTER), wrong))
		view_say(v, "filter: %s", wrong);
	v->dirty = true;
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	while (v->depth)
		pager_close(v);
	form_free(v->form);
	screen_close(v->screen);
	list_free(&v->list);
	settings_free(&v->settings);
	buf_free(&v->findings);
	page_free(&v->verdict);
	free((char *)v->options.name);
	free(v->flags);
	free(v);
}

void view_open_form(struct view *v, struct form *f)
{
	form_free(v->form);
	v->form = f;
}

/* ---- what comes in ---- */

void view_message(struct view *v, const struct exchange *x, uint32_t place)
{
	rows_message(&v->list.rows, x, place);
	if (!v->begin)
		v->begin = x->first_time;
}

void view_exchange(struct view *v, const struct exchange *x, uint32_t record)
{
	rows_close(&v->list.rows, x, record);
}

void view_leave_out(struct view *v, const struct exchange *x)
{
	rows_leave_out(&v->list.rows, x);
}

void view_finding(struct view *v, const struct scope_finding *f)
{
	if (v->finding_count++ >= FINDINGS_MAX)
		return;
	buf_printf(&v->findings, "%s %s: ", severity_name(f->finding.severity), finding_kind(f->finding.id)->id);
	buf_add_slice(&v->findings, f->finding.message);
	buf_addc(&v->findings, '\n');
	v->dirty = true;
}

void view_restart(struct view *v)
{
	struct rows *r = &v->list.rows;

	free(v->flags);
	v->flag_count = r->count;
	v->flags = xcalloc(r->count ? r->count : 1, 1);
	for (size_t i = 0; i < r->count; i++)
		v->flags[i] = r->list[i].flags & (ROW_SELECTED | ROW_CLEARED);
	rows_free(r);
	buf_clear(&v->findings);
	v->finding_count = 0;
}

void view_restored(struct view *v)
{
	struct rows *r = &v->list.rows;

	for (size_t i = 0; i < r->count && i < v->flag_count; i++)
		r->list[i].flags |= v->flags[i];
	v->list.stale = v->dirty = true;
	v->verdict_of = 0;
}

void view_progress(struct view *v, uint64_t done, uint64_t total)
{
	v->done = done;
	v->total = total;
}

void view_complete(struct view *v)
{
	v->complete = v->dirty = true;
}

bool view_paused(const struct view *v)
{
	return v->paused;
}

/* ---- drawing ---- */

static void draw_too_small(struct view *v)
{
	char text[64];

	snprintf(text, sizeof(text), "too small: %ux%u at least", COLUMNS_LEAST, ROWS_LEAST);
	screen_put(v->screen, 0, 0, screen_columns(v->screen), (struct pen){STYLE_WARNING, false}, slice_of(text));
}

static void draw(struct view *v)
{
	struct pager *p = view_page(v);
	int64_t begin = view_clock();

	screen_clear(v->screen);
	if (screen_columns(v->screen) < COLUMNS_LEAST || screen_rows(v->screen) < ROWS_LEAST) {
		draw_too_small(v);
	} else {
		if (p)
			pager_draw(v, p);
		else
			list_screen_draw(v);
		prompt_draw(v);
		if (v->form)
			form_draw(v->form, v->screen);
	}
	screen_show(v->screen);
	v->dirty = false;
	v->drawn = view_clock();
	v->draw_cost = v->drawn - begin;
}

void view_busy(struct view *v, const char *what, uint64_t done, uint64_t total)
{
	int64_t now = view_clock();

	if (now - v->drawn < DRAW_INTERVAL)
		return;
	view_say(v, "%s: %u %%", what, total ? (unsigned)(done * 100 / total) : 0);
	screen_blank(
		v->screen, screen_rows(v->screen) - 1, 0, screen_columns(v->screen), (struct pen){STYLE_BOLD, true});
	screen_put(v->screen, screen_rows(v->screen) - 1, 0, screen_columns(v->screen), (struct pen){STYLE_BOLD, true},
		slice_of(v->note));
	screen_show(v->screen);
	v->drawn = view_clock();
}

/* ---- keys ---- */

static void form_done(struct view *v, enum form_result result)
{
	struct form *f = v->form;

	if (result == FORM_ACCEPTED) {
		const struct field *x = &f->fields[f->cursor];

		/* what is accepted may open another form */
		v->form = NULL;
		if (!f->accept(v, f, x->kind == FIELD_BUTTON ? x->id : -1)) {
			v->form = f;
			return;
		}
		form_free(f);
	} else if (result == FORM_CANCELLED) {
		form_free(f);
		v->form = NULL;
	} else if (f->changed) {
		f->changed(v, f);
	}
}

static void dispatch(struct view *v, int key)
{
	for (int a = 0; a < ACTION_COUNT; a++)
		if (keys_mean(&v->settings.keys, (enum action)a, key, view_screen(v)) && view_act(v, (enum action)a))
			return;
}

static void click(struct view *v, const struct mouse *m)
{
	if (v->form)
		form_done(v, form_click(v->form, v->screen, m));
	else if (v->prompt.kind)
		return;
	else if (view_page(v))
		pager_click(v, view_page(v), m);
	else
		list_screen_click(v, m);
}

static void resized(struct view *v)
{
	column_set_parse(&v->list.columns, settings_text(&v->settings, SETTING_COLUMNS), screen_columns(v->screen));
	screen_refresh_all(v->screen);
}

static void take_key(struct view *v, int key, const struct mouse *m)
{
	v->dirty = true;
	if (key == KEY_RESIZED) {
		resized(v);
		return;
	}
	v->note_until = 0;
	if (key == KEY_MOUSE_EVENT)
		click(v, m);
	else if (v->form)
		form_done(v, form_key(v->form, key));
	else if (v->prompt.kind)
		prompt_key(v, key);
	else
		dispatch(v, key);
}

/* Is anything to be drawn that did not come from a key? */
static bool outdated(struct view *v, int64_t now)
{
	if (v->note_until && now > v->note_until) {
		v->note_until = 0;
		return true;
	}
	return v->list.seen_changes != v->list.rows.changes || (!v->complete && now - v->drawn > 10 * DRAW_INTERVAL);
}

bool view_turn(struct view *v, int ms)
{
	int64_t now = view_clock();
	struct mouse mouse;
	bool any = false;
	int key;

	if (!ms && now - v->turned < TURN_INTERVAL)
		return !v->quit;
	if (v->dirty || (now - v->drawn > DRAW_INTERVAL + 5 * v->draw_cost && outdated(v, now)))
		draw(v);
	while (!v->quit && (key = screen_key(v->screen, any ? 0 : ms, &mouse)) != KEY_NOTHING) {
		take_key(v, key, &mouse);
		any = true;
	}
	if (any && !v->quit)
		draw(v);
	v->turned = view_clock();
	return !v->quit;
}
