/*
 * Writes a capture to measure with: the same bytes for the same arguments (but TLS, whose keys are drawn).
 * usage: generate KIND MESSAGES FILE [CREDENTIALS]
 *
 * Of ten exchanges nine are healthy, REGISTER 401 REGISTER 200 or INVITE 407 ACK INVITE 200 ... BYE 200; the tenth
 * is a client with the wrong password that loops through four rounds. There is an account for ten messages, each at an
 * address of its own. 64 exchanges go on at a time, 1,000 messages in a second of the capture.
 */
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "dialog.h"

enum { LANES = 64, STREAMS = 1000, ATTACKERS = 500, PAYLOAD = 172 };

static const struct kind {
	const char *name;
	enum carrier_kind carrier;
	const char *transport;
	unsigned per_connection;    /* exchanges */
	unsigned pace;              /* packets a second: messages, and RTP between them */
	unsigned rtp;               /* packets for each message */
	bool attack;                /* every exchange is a guess, for another account */
} kinds[] = {
	{"udp", CARRIER_UDP, "UDP", 1, 1000},
	{"tcp", CARRIER_TCP, "TCP", 1, 1000},
	{"tls", CARRIER_TLS, "TLS", 50, 1000},
	{"rtp", CARRIER_UDP, "UDP", 1, 50000, 166},   /* 0.6 % SIP */
	{"live", CARRIER_UDP, "UDP", 1, 50000, 24},    /* 2,000 messages a second */
	{"attack", CARRIER_UDP, "UDP", 1, 1000, .attack = true},
};

/* Where one exchange follows the other. */
struct lane {
	struct carrier carrier;
	struct dialog dialog;
	unsigned exchanges;
	bool busy;
};

struct bench {
	const struct kind *kind;
	struct wire wire;
	FILE *keylog;
	uint64_t wanted, messages, exchanges, rtp;
	uint32_t accounts;
	struct lane lanes[LANES];
};

static const struct endpoint server = {203u << 24 | 113 << 8 | 10, 5060};

static enum script script_of(const struct bench *b, uint64_t number)
{
	if (b->kind->attack)
		return SCRIPT_GUESS;
	if (number % 10 == 9)
		return SCRIPT_LOOP;
	return (number + number / 10) % 4 == 3 ? SCRIPT_INVITE : SCRIPT_REGISTER;
}

static struct endpoint client_of(const struct bench *b, const struct dialog *d)
{
	if (b->kind->attack)
		return (struct endpoint){198u << 24 | 18 << 16 | (uint32_t)(d->number % ATTACKERS), 5060};
	return (struct endpoint){10u << 24 | (d->account + 1), b->kind->carrier == CARRIER_UDP ? 5060 :
		(uint16_t)(20000 + d->number % 40000)};
}

static void begin(struct bench *b, struct lane *l)
{
	struct dialog *d = &l->dialog;
	bool again = l->exchanges++ % b->kind->per_connection;

	*d = (struct dialog){.number = b->exchanges++, .server = server, .transport = b->kind->transport};
	d->script = script_of(b, d->number);
	d->account = (uint32_t)(d->number % b->accounts);
	d->client = again ? l->carrier.end[0] : client_of(b, d);
	l->busy = true;
	if (again)
		return;
	l->carrier = (struct carrier){.kind = b->kind->carrier, .end = {d->client, server}};
	carrier_open(&l->carrier, &b->wire, b->keylog);
}

static void end(struct bench *b, struct lane *l, bool last)
{
	l->busy = false;
	if (last || l->exchanges % b->kind->per_connection == 0)
		carrier_close(&l->carrier, &b->wire);
}

static void pass_time(struct bench *b)
{
	b->wire.time += 1000000 / b->kind->pace;
}

/* G.711, 20 ms: the streams take turns. */
static void send_rtp(struct bench *b)
{
	uint64_t number = b->rtp++, stream = number % STREAMS, seq = number / STREAMS, noise = number + 1;
	struct endpoint phone = {10u << 24 | (uint32_t)(stream / 2 + 1), (uint16_t)(16384 + stream / 2 * 2)};
	struct endpoint gateway = {203u << 24 | 113 << 8 | 20, (uint16_t)(30000 + stream / 2 * 2)};
	uint8_t bytes[PAYLOAD] = {0x80, stream % 3 ? 8 : 0, (uint8_t)(seq >> 8), (uint8_t)seq};
	uint32_t head[2] = {(uint32_t)(seq * 160), (uint32_t)(stream * 2654435761u)};

	memcpy(bytes + 4, head, sizeof(head));
	for (size_t i = 12; i + 8 <= PAYLOAD; i += 8) {
		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		memcpy(bytes + i, &noise, 8);
	}
	wire_udp(&b->wire, stream % 2 ? &gateway : &phone, stream % 2 ? &phone : &gateway, bytes, PAYLOAD);
	pass_time(b);
}

/* The next message of the lane. False: there is nothing more to say. */
static bool step(struct bench *b, struct lane *l)
{
	char bytes[DIALOG_MESSAGE_MAX];
	bool by_client, more = b->messages < b->wanted;
	size_t n = l->busy ? dialog_next(&l->dialog, bytes, &by_client) : 0;

	if (!n && l->busy)
		end(b, l, !more);
	if (!n && !more)
		return false;
	if (!n) {
		begin(b, l);
		n = dialog_next(&l->dialog, bytes, &by_client);
	}
	carrier_send(&l->carrier, &b->wire, !by_client, bytes, n);
	b->messages++;
	pass_time(b);
	for (unsigned i = 0; i < b->kind->rtp; i++)
		send_rtp(b);
	return true;
}

static void run(struct bench *b)
{
	bool more = true;

	while (more) {
		more = false;
		for (int i = 0; i < LANES; i++)
			more |= step(b, &b->lanes[i]);
	}
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		exit(2);
	}
	return f;
}

static void write_credentials(const struct bench *b, const char *path)
{
	FILE *f = create(path);

	for (uint32_t i = 0; i < b->accounts; i++)
		dialog_write_credentials(f, i);
	if (fclose(f) != 0)
		exit(2);
}

int main(int argc, char **argv)
{
	static struct bench b;
	char keylog[4096];

	for (size_t i = 0; argc >= 4 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			b.kind = &kinds[i];
	b.wanted = argc >= 4 ? strtoull(argv[2], NULL, 10) : 0;
	if (!b.kind || !b.wanted) {
		fprintf(stderr, "usage: generate udp|tcp|tls|rtp|live|attack MESSAGES FILE [CREDENTIALS]\n");
		return 2;
	}
	/* a multiple of ten, so that it is always the same accounts that fail */
	b.accounts = (uint32_t)(b.kind->attack ? b.wanted / 4 + 1 : b.wanted / 100 * 10 + 10);
	wire_open(&b.wire, argv[3]);
	snprintf(keylog, sizeof(keylog), "%s.keys", argv[3]);
	if (b.kind->carrier == CARRIER_TLS)
		b.keylog = create(keylog);
	run(&b);
	wire_close(&b.wire);
	if (b.keylog && fclose(b.keylog) != 0)
		return 2;
	if (argc > 4)
		write_credentials(&b, argv[4]);
	printf("%llu packets, %llu messages, %llu exchanges, %u accounts\n", (unsigned long long)b.wire.packets,
		(unsigned long long)b.messages, (unsigned long long)b.exchanges, b.accounts);
	return 0;
}
