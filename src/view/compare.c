/* Two exchanges, or two messages, beside each other: as wide as the page. */
#include "view/pages.h"

#include <inttypes.h>

#include "auth/compare.h"
#include "base/utf8.h"

enum { INDENT = 2, NAME_MAX = 24, NAME_MIN = 12, GAP = 2, VALUE_LINES = 8 };

struct columns {
	struct page *p;
	const struct comparison *c;
	size_t left, right, width;  /* where the sides begin, and how wide each is */
};

static struct columns columns_of(struct page *p, const struct comparison *c)
{
	size_t all = page_width(p), name = all / 5;

	name = name > NAME_MAX ? NAME_MAX : name < NAME_MIN ? NAME_MIN : name;
	return (struct columns){p, c, INDENT + name, INDENT + name + (all - INDENT - name + GAP) / 2,
		(all - INDENT - name - GAP) / 2};
}

/* The part of printable text that fits into a side, taken from it. */
static struct slice take(struct slice *text, size_t columns)
{
	size_t at = 0, space = 0, used = 0;
	struct slice line;

	while (at < text->n) {
		size_t n = utf8_sequence(slice_from(*text, at));
		size_t wide = page_columns(slice_head(slice_from(*text, at), n ? n : 1));

		if (used + wide > columns && at)
			break;
		used += wide;
		at += n ? n : 1;
		if (text->p[at - 1] == ' ')
			space = at;
	}
	if (at < text->n && space > at / 2)
		at = space;
	line = slice_trim(slice_head(*text, at));
	*text = slice_from(*text, at);
	return line;
}

static void printable(struct slice value, size_t width, struct buf *out)
{
	bool is_long = value.n > width * VALUE_LINES;

	if (!value.p)
		buf_adds(out, "(none)");
	buf_add_printable(out, slice_head(value, width * VALUE_LINES));
	if (is_long)
		buf_adds(out, "...");
}

static void two_sides(struct columns *k, struct slice left, struct slice right, enum style style)
{
	struct buf l = {0}, r = {0};
	struct slice left_rest, right_rest;

	printable(left, k->width, &l);
	printable(right, k->width, &r);
	left_rest = buf_slice(&l);
	right_rest = buf_slice(&r);
	do {
		page_to_column(k->p, k->left);
		page_slice(k->p, style, take(&left_rest, k->width));
		page_to_column(k->p, k->right);
		page_slice(k->p, style, take(&right_rest, k->width));
		page_end_line(k->p, NO_LINK);
	} while (left_rest.n || right_rest.n);
	buf_free(&l);
	buf_free(&r);
}

static enum style value_style(const struct compare_row *r)
{
	if (r->matters)
		return STYLE_DIFFERS;
	return r->state == COMPARE_SAME || r->state == COMPARE_MUST ? STYLE_DIM : STYLE_PLAIN;
}

static void row(struct columns *k, const struct compare_row *r)
{
	page_text(k->p, r->matters ? STYLE_ERROR : STYLE_PLAIN, r->matters ? "! " : "  ");
	page_slice(k->p, r->state == COMPARE_SAME ? STYLE_DIM : STYLE_FIELD, r->name);
	if (page_column(k->p) >= k->left)
		page_end_line(k->p, NO_LINK);
	two_sides(k, r->left, r->state == COMPARE_SAME ? SLICE("(the same)") : r->right, value_style(r));
}

/* What is shown together, in this order. */
static const struct group {
	const char *heading;
	enum compare_state state;  /* COMPARE_DIFFERS stands for all that differ */
	bool matters;
} groups[] = {
	{"What differs, and matters", COMPARE_DIFFERS, true},
	{"What differs, as each client has its own", COMPARE_DIFFERS, false},
	{"What must differ", COMPARE_MUST, false},
	{"What is the same", COMPARE_SAME, false},
};

static bool belongs(const struct compare_row *r, const struct group *g)
{
	bool differs = r->state != COMPARE_SAME && r->state != COMPARE_MUST;

	return r->matters == g->matters && (g->state == COMPARE_DIFFERS ? differs : r->state == g->state);
}

static void add_group(struct columns *k, const struct group *g)
{
	const struct compare_row *before = NULL;

	for (unsigned i = 0; i < k->c->count; i++) {
		const struct compare_row *r = &k->c->rows[i];

		if (!belongs(r, g))
			continue;
		if (!before)
			page_heading(k->p, g->heading);
		if (!before || before->section != r->section || before->part != r->part) {
			page_text(k->p, STYLE_BOLD, "%s", r->section);
			if (r->part)
				page_text(k->p, STYLE_BOLD, " %u", r->part);
			page_end_line(k->p, NO_LINK);
		}
		before = r;
		row(k, r);
	}
}

static void add_groups(struct columns *k)
{
	unsigned matter = comparison_matters(k->c);

	page_end_line(k->p, NO_LINK);
	if (matter)
		page_text(k->p, STYLE_ERROR, "%u difference%s that matter%s", matter, matter == 1 ? "" : "s",
			matter == 1 ? "s" : "");
	else
		page_text(k->p, STYLE_GOOD, "No difference that matters");
	page_text(k->p, STYLE_PLAIN, "; %u values are the same.", comparison_count(k->c, COMPARE_SAME));
	page_end_line(k->p, NO_LINK);
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		add_group(k, &groups[i]);
	if (k->c->dropped) {
		page_text(k->p, STYLE_WARNING, "%u values more were not compared.", k->c->dropped);
		page_end_line(k->p, NO_LINK);
	}
}

static void side_title(struct page *p, const struct page_side *s, size_t width)
{
	const struct exchange *x = s->x;
	size_t begin = page_column(p);

	page_text(p, STYLE_HEAD, "#%" PRIu32 " ", s->n);
	page_short(p, STYLE_HEAD, x->method_name, NAME_MIN);
	page_text(p, STYLE_HEAD, " ");
	page_short(p, STYLE_HEAD, exchange_user(x), begin + width - page_column(p));
}

static void side_outcome(struct page *p, const struct page_side *s)
{
	enum style style = outcome_failed(s->x->outcome) ? STYLE_ERROR : STYLE_GOOD;

	page_text(p, style, "%s", outcome_name(s->x->outcome));
	if (s->x->status)
		page_text(p, style, " (%u)", s->x->status);
}

void compare_page(struct page *p, const struct page_side *left, const struct page_side *right)
{
	struct comparison c = {0};
	struct columns k = columns_of(p, &c);

	compare_exchanges(left->x, right->x, &c);
	page_to_column(p, k.left);
	side_title(p, left, k.width);
	page_to_column(p, k.right);
	side_title(p, right, k.width);
	page_end_line(p, NO_LINK);
	page_to_column(p, k.left);
	side_outcome(p, left);
	page_to_column(p, k.right);
	side_outcome(p, right);
	page_end_line(p, NO_LINK);
	two_sides(&k, left->x->verdict, right->x->verdict, STYLE_PLAIN);
	add_groups(&k);
	comparison_free(&c);
}

static struct slice first_line(struct slice message)
{
	return slice_trim(slice_head(message, slice_find(message, '\n')));
}

void compare_messages_page(struct page *p, const struct detail_message *left, const struct detail_message *right)
{
	struct comparison c = {0};
	struct columns k = columns_of(p, &c);

	compare_messages(left->bytes, right->bytes, &c);
	page_to_column(p, k.left);
	page_frame(p, STYLE_HEAD, left->frame, left->file);
	page_to_column(p, k.right);
	page_frame(p, STYLE_HEAD, right->frame, right->file);
	page_end_line(p, NO_LINK);
	two_sides(&k, first_line(left->bytes), first_line(right->bytes), STYLE_PLAIN);
	add_groups(&k);
	comparison_free(&c);
}
