/*
 * What the text report collects until the end, and the sections it is told in. Private to report/.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/reader.h"
#include "report/spill.h"

enum {
	TEXT_WALKS = 50, /* failed exchanges that are walked through without --all */
	TEXT_GROUPS = 20,
	TEXT_GROUP_WALKS = 20, /* and later ones that are the first of their group */
	TEXT_SCOPE_FINDINGS = 50,
	TEXT_SERVERS = 20,
	TEXT_FILES = 9, /* named at the top; findings name their file anyway */
	TEXT_NOTICE_EXCHANGES = 8
};

/* A finding in exchanges that did not fail: told once, with the first exchanges that have it. */
struct text_notice {
	uint64_t count;
	enum severity severity;
	uint32_t exchanges[TEXT_NOTICE_EXCHANGES];
	struct buf text;           /* of the first: head and message */
	struct software_advice advice;
	uint16_t file;
	uint32_t frames[FINDING_FRAMES_MAX];
	uint32_t frame_count, frame_total;
};

struct text_state {
	struct buf out;
	struct spill walks, fine, scope;
	uint64_t walked, group_walks;
	uint64_t scope_told[SEVERITY_ERROR + 1], scope_hidden;
	struct text_notice notices[FINDING_COUNT];
};

/* Sections; each ends with an empty line, or writes nothing if there is nothing to tell. */
void text_result(struct report *r, const struct report_end *e);
void text_groups(struct report *r);
void text_challenge_mode(struct report *r, const struct advice *a);
void text_limits(struct report *r, const struct report_end *e);
void text_no_sip(struct report *r, const struct report_end *e);
void text_heading(struct report *r, const char *heading);

#endif
