#include "report/json.h"

static void step(struct json *j, const struct report_step *s)
{
	json_object(j, NULL);
	json_string(j, "name", s->name);
	json_string(j, "outcome", s->outcome);
	if (s->status)
		json_uint(j, "status", s->status);
	if (s->rtt >= 0)
		json_ms(j, "rtt_ms", s->rtt);
	json_ms(j, "duration_ms", s->duration);
	if (*s->text)
		json_string(j, "text", s->text);
	json_end(j);
}

void json_probe(struct json *j, const struct report_probe *p)
{
	json_object(j, NULL);
	json_string(j, "type", "probe");
	json_string(j, "target", p->target);
	json_array(j, "resolved");
	for (size_t i = 0; i < p->resolved_count; i++)
		json_address(j, NULL, &p->resolved[i]);
	json_end(j);
	json_array(j, "steps");
	for (size_t i = 0; i < p->step_count; i++)
		step(j, &p->steps[i]);
	json_end(j);
	if (p->conclusion_count)
		json_array(j, "conclusions");
	for (size_t i = 0; i < p->conclusion_count; i++)
		json_string(j, NULL, p->conclusions[i]);
	if (p->conclusion_count)
		json_end(j);
	json_end(j);
}
