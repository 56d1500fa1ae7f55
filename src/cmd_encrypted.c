#include "cmd_encrypted.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 5 };

void encrypted_note(struct encrypted *e, const struct tls_notice *n)
{
	char address[ADDRESS_TEXT];
	const char *name = *n->server_name ? n->server_name : address_format(&n->server, address);
	struct encrypted_server *s = NULL;

	e->wrong_keys += n->wrong_keys;
	if (n->unknown_suite)
		e->unknown_suite = n->unknown_suite;
	for (size_t i = 0; i < e->count && !s; i++)
		if (strcmp(e->servers[i].name, name) == 0)
			s = &e->servers[i];
	if (!s && e->count == ENCRYPTED_SERVERS) {
		e->others++;
		return;
	}
	if (!s) {
		s = &e->servers[e->count++];
		*s = (struct encrypted_server){.count = 0};
		snprintf(s->name, sizeof(s->name), "%s", name);
	}
	s->count++;
	if (n->alert) {
		s->failed++;
		s->alert = n->alert;
		s->alert_by_client = n->alert_by_client;
	}
}

static void add_failures(struct encrypted *e)
{
	for (size_t i = 0; i < e->count && i < SHOWN; i++) {
		const struct encrypted_server *s = &e->servers[i];

		if (s->failed)
			buf_printf(&e->detail, "; %llu with %s failed in the handshake, alert %s from the %s",
				(unsigned long long)s->failed, s->name, s->alert,
				s->alert_by_client ? "client" : "server");
	}
}

struct slice encrypted_detail(struct encrypted *e)
{
	uint64_t rest = e->others;

	buf_clear(&e->detail);
	for (size_t i = 0; i < e->count; i++) {
		if (i >= SHOWN)
			rest += e->servers[i].count;
		else
			buf_printf(&e->detail, "%s%llu with %s", i ? ", " : " (",
				(unsigned long long)e->servers[i].count, e->servers[i].name);
	}
	if (rest)
		buf_printf(&e->detail, ", %llu with others", (unsigned long long)rest);
	add_failures(e);
	if (e->wrong_keys)
		buf_printf(&e->detail, "; the keys that were given do not fit %llu of them",
			(unsigned long long)e->wrong_keys);
	if (e->unknown_suite)
		buf_printf(&e->detail, "; cipher suite 0x%04x cannot be read", e->unknown_suite);
	if (e->count)
		buf_addc(&e->detail, ')');
	return buf_slice(&e->detail);
}

void encrypted_free(struct encrypted *e)
{
	buf_free(&e->detail);
}
