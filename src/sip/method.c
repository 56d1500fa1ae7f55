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

/* No two names have this number in common (a compiler warns). */
#define SLOT(length, first) ((12 * (length) + (unsigned char)(first)) % 32)

static const uint8_t slots[32] = {
	[SLOT(8, 'R')] = METHOD_REGISTER,
	[SLOT(6, 'I')] = METHOD_INVITE,
	[SLOT(3, 'A')] = METHOD_ACK,
	[SLOT(6, 'C')] = METHOD_CANCEL,
	[SLOT(3, 'B')] = METHOD_BYE,
	[SLOT(7, 'O')] = METHOD_OPTIONS,
	[SLOT(9, 'S')] = METHOD_SUBSCRIBE,
	[SLOT(6, 'N')] = METHOD_NOTIFY,
	[SLOT(7, 'P')] = METHOD_PUBLISH,
	[SLOT(7, 'M')] = METHOD_MESSAGE,
	[SLOT(5, 'R')] = METHOD_REFER,
	[SLOT(4, 'I')] = METHOD_INFO,
	[SLOT(5, 'P')] = METHOD_PRACK,
	[SLOT(6, 'U')] = METHOD_UPDATE,
};

enum method method_find(struct slice name)
{
	enum method m;

	if (!name.n)
		return METHOD_OTHER;
	m = slots[SLOT(name.n, name.p[0])];
	if (name.n != method_names[m].n || !bytes_equal(name.p, method_names[m].p, name.n))
		return METHOD_OTHER;
	return m;
}

const char *method_name(enum method m)
{
	return method_names[m].p;
}

bool message_in_dialog(const struct message *m)
{
	return m->request && m->to_tag.n > 0;
}
