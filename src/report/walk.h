/*
 * One exchange for a person: the walk through its messages, its findings, what to change, where to
 * look.
 */
#ifndef REPORT_WALK_H
#define REPORT_WALK_H

#include "auth/software.h"
#include "base/map.h"
#include "report/paint.h"
#include "report/reader.h"

/* Writes the whole section of a failed exchange. */
void walk_exchange(struct buf *out, const struct report *r, const struct exchange *x);
/* Writes one line about an exchange. */
void walk_row(struct buf *out, const struct exchange_row *row, size_t indent);

/* "error  digest-mismatch  (config, proven)", without a line feed; `columns` gets its width. */
size_t walk_finding_head(struct buf *out, const struct report *r, const struct finding *f);
/*
 * Fix of a kind and settings of the software that is seen, each on lines of its own; nothing where
 * there is nothing to do.
 */
void walk_advice(struct buf *out, const struct report *r, enum finding_id id,
	const struct software_advice *a, size_t indent);

/*
 * Many exchanges fail alike, and advice that stands there fifty times hides what differs. A walk
 * holds a place for the advice of each finding; when the walks are told, in their order, the first
 * one of a kind (and software) gets the text, further causes of that kind the number of its
 * exchange. Zero-initialised is empty.
 */
struct walk_told {
	struct map exchanges; /* place -> number of the exchange that has the text */
};

void walk_told_free(struct walk_told *told);
/* Where the advice of this finding goes, if it has any. */
void walk_hold_place(struct buf *out, const struct exchange *x, const struct finding *f);
/* Adds the walk of exchange `n` with the places filled in. */
void walk_fill(struct buf *out, const struct report *r, struct slice walk, uint32_t n,
	struct walk_told *told);
/* The Wireshark filter for frames of one file. */
void walk_filter(struct buf *out, const struct report *r, unsigned file, const uint32_t *frames,
	size_t count, uint64_t total, size_t indent);
/* "label text", wrapped and indented, with a line feed. */
void walk_paragraph(struct buf *out, const struct report *r, size_t indent, const char *label,
	struct slice text);
enum paint walk_paint(enum severity s);
/* The client and server software, as far as known: "client X, server Y"; nothing if neither is. */
bool walk_software(struct buf *out, struct slice client, struct slice server);

#endif
