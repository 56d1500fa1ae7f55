/* The hosts of a ladder: which there are, and where their lines stand. */
#include "view/ladder.h"

#include <string.h>

static bool same_host(const struct ladder *l, const struct address *a, const struct address *b)
{
	return l->ports_tell ? address_eq(a, b) : address_same_ip(a, b);
}

struct host *ladder_host(struct ladder *l, const struct address *a)
{
	for (size_t i = 0; i < l->host_count; i++)
		if (same_host(l, &l->hosts[i].address, a))
			return &l->hosts[i];
	if (l->host_count == LADDER_HOSTS_MAX)
		return &l->hosts[LADDER_HOSTS_MAX - 1];
	l->hosts[l->host_count] = (struct host){.address = *a};
	return &l->hosts[l->host_count++];
}

static void note_host(struct ladder *l, const struct address *a, struct slice software)
{
	struct host *h = ladder_host(l, a);

	h->several_ports |= h->address.port != a->port;
	if (!h->software.n)
		h->software = software;
}

void ladder_find_hosts(struct ladder *l)
{
	const struct detail *d = l->d;

	for (size_t i = 0; i < d->count; i++)
		l->ports_tell |= address_same_ip(&d->messages[i].src, &d->messages[i].dst);
	for (size_t i = 0; i < d->count; i++) {
		const struct message *m = &l->scanned[i];

		note_host(l, &d->messages[i].src, m->server.n && !m->request ? m->server : m->user_agent);
		note_host(l, &d->messages[i].dst, SLICE_ABSENT);
	}
}

void ladder_place_hosts(struct ladder *l)
{
	size_t gaps = l->host_count > 1 ? l->host_count - 1 : 1;
	size_t room = page_width(l->page) > l->left + 3 ? page_width(l->page) - l->left - 3 : 0;
	size_t spacing = room / gaps < LADDER_SPACING_MIN ? LADDER_SPACING_MIN : room / gaps;

	for (size_t i = 0; i < l->host_count; i++)
		l->hosts[i].column = l->left + 1 + i * spacing;
}

/* Its alias, or the address; the port stands there if it is always the same, and there is room. */
static void host_name(const struct ladder *l, const struct host *h, size_t room, struct buf *out)
{
	const char *name = l->o->name ? l->o->name(l->o->arg, &h->address) : NULL;
	char text[ADDRESS_TEXT];

	if (name)
		buf_adds(out, name);
	else if (h->address.port && !h->several_ports && strlen(address_format(&h->address, text)) <= room)
		buf_adds(out, text);
	else
		buf_adds(out, address_format_ip(&h->address, text));
}

static bool any_software(const struct ladder *l)
{
	for (size_t i = 0; i < l->host_count; i++)
		if (l->hosts[i].software.n)
			return true;
	return false;
}

/* Names must not touch: a side may have half of the gap, a middle one of many a third to each side. */
static size_t name_room(const struct ladder *l)
{
	size_t gap;

	if (l->host_count < 2)
		return LADDER_VALUE_COLUMNS;
	gap = l->hosts[1].column - l->hosts[0].column;
	return l->host_count == 2 ? gap / 2 : gap * 2 / 3 - 1;
}

/* Where a name begins: of two hosts the first at its line; of more above it; the last ends at its line. */
static size_t name_column(const struct ladder *l, size_t i, size_t columns)
{
	size_t at = l->hosts[i].column;

	if (i == 0 && l->host_count <= 2)
		return at;
	if (i == l->host_count - 1)
		return at + 1 - columns;
	return at - columns / 2;
}

void ladder_host_line(struct ladder *l, enum style style, bool software)
{
	size_t room = name_room(l);

	if (software && !any_software(l))
		return;
	for (size_t i = 0; i < l->host_count; i++) {
		struct buf name = {0};
		size_t columns;

		if (software)
			buf_add_printable(&name, l->hosts[i].software);
		else
			host_name(l, &l->hosts[i], room, &name);
		columns = page_columns(buf_slice(&name));
		page_to_column(l->page, name_column(l, i, columns < room ? columns : room));
		page_short(l->page, style, buf_slice(&name), room);
		buf_free(&name);
	}
	page_end_line(l->page, NO_LINK);
}

/* ---- lines ---- */

void ladder_to_column(struct ladder *l, size_t column)
{
	for (size_t i = 0; i < l->host_count; i++) {
		size_t at = l->hosts[i].column;

		if (at < page_column(l->page) || at >= column)
			continue;
		page_to_column(l->page, at);
		page_slice(l->page, STYLE_DIM, l->page->utf8 ? SLICE("\xe2\x94\x82") : SLICE("|"));
	}
	page_to_column(l->page, column);
}

size_t ladder_end_column(const struct ladder *l)
{
	return l->hosts[l->host_count - 1].column + 1;
}

void ladder_end_line(struct ladder *l, struct link link)
{
	ladder_to_column(l, ladder_end_column(l));
	page_end_line(l->page, link);
}

void ladder_fill(struct ladder *l, enum style style, size_t column)
{
	for (size_t at = page_column(l->page); at < column; at++)
		page_slice(l->page, style, l->page->utf8 ? SLICE("\xe2\x94\x80") : SLICE("-"));
}
