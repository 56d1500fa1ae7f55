/* The objects of the JSON output. Private to report/. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/json_write.h"
#include "report/reader.h"

void json_exchange(struct json *j, const struct report *r, const struct exchange *x);
void json_scope_finding(struct json *j, const struct report *r, const struct scope_finding *f);
void json_probe(struct json *j, const struct report_probe *p);
/* Members of the summary: what is known of servers and accounts. */
void json_servers(struct json *j, const struct advice *a);
void json_accounts(struct json *j, const struct accounts *a);
void json_summary(struct json *j, const struct report *r, const struct report_end *e);

#endif
