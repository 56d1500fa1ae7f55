/* Requests of the peer: answered shortly and without a transaction, so that it is not left waiting
 * (RFC 3261 8.2). */
#include <stdio.h>

#include "ua/header.h"
#include "ua/session.h"

static void copy_all(struct buf *b, const struct message *m, const char *name, char compact)
{
	struct slice value;

	for (unsigned n = 0; (value = header_field(m, slice_of(name), compact, n)).p; n++) {
		buf_printf(b, "%s: ", name);
		buf_add_slice(b, value);
		buf_adds(b, "\r\n");
	}
}

static void answer(struct probe *p, const struct message *m, unsigned status, const char *reason)
{
	struct conn_failure why = {0};
	struct buf b = {0};

	buf_printf(&b, "SIP/2.0 %u %s\r\n", status, reason);
	copy_all(&b, m, "Via", 'v');
	copy_all(&b, m, "From", 'f');
	buf_adds(&b, "To: ");
	buf_add_slice(&b, m->to);
	if (!m->to_tag.n)
		buf_printf(&b, ";tag=%s", p->tag);
	buf_adds(&b, "\r\n");
	copy_all(&b, m, "Call-ID", 'i');
	copy_all(&b, m, "CSeq", 0);
	buf_adds(&b, "Allow: ACK, CANCEL, BYE, OPTIONS, NOTIFY\r\nContent-Length: 0\r\n\r\n");
	session_send(p, buf_slice(&b), &why);
	buf_free(&b);
}

/* The leg of a call of ours that the peer means. */
static struct leg *find_leg(struct probe *p, const struct message *m)
{
	for (struct ask *a = p->asks; a; a = a->next)
		for (struct leg *l = a->legs; l; l = l->next)
			if (slice_eq(a->request.call_id, m->call_id) &&
				slice_eq(l->dialog.to_tag, m->from_tag))
				return l;
	return NULL;
}

void reply_to(struct probe *p, const struct message *m)
{
	struct leg *l;

	switch (m->method) {
	case METHOD_ACK:
		return;
	case METHOD_BYE:
		l = find_leg(p, m);
		if (l)
			l->ended = true;
		answer(p, m, l ? 200 : 481, l ? "OK" : "Call/Transaction Does Not Exist");
		return;
	case METHOD_OPTIONS:
	case METHOD_NOTIFY:
		answer(p, m, 200, "OK");
		return;
	case METHOD_INVITE:
		if (m->to_tag.n)
			answer(p, m, 488, "Not Acceptable Here");
		else
			answer(p, m, 486, "Busy Here");
		return;
	case METHOD_CANCEL:
		answer(p, m, 481, "Call/Transaction Does Not Exist");
		return;
	default:
		answer(p, m, 405, "Method Not Allowed");
	}
}
