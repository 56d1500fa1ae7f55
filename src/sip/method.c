#include "sip/message.h"

static const struct slice method_names[METHOD_COUNT] = {
	[METHOD_REGISTER] = {"REGISTER", 8},
	[METHOD_INVITE] = {"INVITE", 6},
	[METHOD_ACK] = {"ACK", 3},
	[METHOD_CANCEL] = {"CANCEL", 6},
	[METHOD_BYE] = {"BYE", 3},
	[METHOD_OPTIONS] = {"OPTIONS", 7},
	[METHOD_SUBSCRIBE] = {"SUBSCRIBE", 9},
	[METHOD_NOTIFY] = {"NOTIFY", 6},
	[METHOD_PUBLISH] = {"PUBLISH", 7},
	[METHOD_MESSAGE] = {"MESSAGE", 7},
	[METHOD_REFER] = {"REFER", 5},
	[METHOD_INFO] = {"INFO", 4},
	[METHOD_PRACK] = {"PRACK", 5},
	[METHOD_UPDATE] = {"UPDATE", 6},
	[METHOD_OTHER] = {"OTHER", 5},
};

enum method method_find(struct slice name)
{
	for (enum method m = 0; m < METHOD_OTHER; m++)
		if (slice_eq(name, method_names[m]))
			return m;
	return METHOD_OTHER;
}

const char *method_name(enum method m)
{
	return method_names[m].p;
}

bool message_in_dialog(const struct message *m)
{
	return m->request && m->to_tag.n > 0;
}
