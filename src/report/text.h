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
	TEXT_SERVERS = 5,          /* the summary is to be read on one screen */
	TEXT_SERVERS_VERBOSE = 20,
	TEXT_ACCOUNTS = 10,
	TEXT_ACCOUNTS_ALIKE = 3,   /* same cause, server, software and address */
	TEXT_ENDPOINTS = 5,
	TEXT_TABLE_ENDPOINTS = 20,
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
void text_servers(struct report *r, const struct advice *a);
void text_accounts(struct report *r, const struct accounts *a);
/* Endpoints and challenge modes: what a change would break. */
void text_modes(struct report *r, const struct advice *a);
void text_limits(struct report *r, const struct report_end *e);
void text_no_sip(struct report *r, const struct report_end *e);
/* Servers of the summary that are shown. */
size_t text_server_limit(const struct report *r);
/* "10.0.0.1:5060 (VOS3000 V2.1.9.07)" */
void text_server_name(struct buf *out, const struct advice_server *s);
void text_heading(struct report *r, const char *heading);

#endif
