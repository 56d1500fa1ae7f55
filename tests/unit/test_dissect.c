/* Link layers, IP, UDP and ICMP: each packet also cut at every byte, flush against a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "capture/dissect.h"

static const char message[] = "BYE sip:a SIP/2.0\r\nTo: <sip:b>\r\n\r\n";

enum { MESSAGE = sizeof(message) - 1 };

static uint8_t *guard; /* the first byte that must not be read */
static size_t room;

static int setup(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p;

	(void)state;
	room = 2 * page;
	p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	guard = p + room;
	return mprotect(guard, page, PROT_NONE);
}

/* What came out, one line each. */
static void on_datagram(void *arg, const struct datagram *d)
{
	char src[ADDRESS_TEXT], dst[ADDRESS_TEXT];

	buf_printf(arg, "%s %s>%s %zu", transport_name(d->transport), address_format(&d->src, src),
		address_format(&d->dst, dst), d->bytes.n);
	if (d->cut)
		buf_printf(arg, " cut %llu", (unsigned long long)d->cut);
	if (d->ip_id)
		buf_printf(arg, " id %u", d->ip_id);
	buf_addc(arg, '\n');
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	char reporter[ADDRESS_TEXT], src[ADDRESS_TEXT], dst[ADDRESS_TEXT];

	buf_printf(arg, "%s: %s %s %s>%s %zu\n", address_format_ip(&e->reporter, reporter), e->what,
		transport_name(e->transport), address_format(&e->src, src),
		address_format(&e->dst, dst), e->payload.n);
}

static void on_loss(void *arg, const struct loss *l)
{
	buf_printf(arg, "loss: %s\n", l->what);
}

static void feed(struct buf *out, int linktype, const uint8_t *bytes, size_t captured,
	size_t length)
{
	struct dissect_sink sink = {on_datagram, on_icmp, on_loss, out};
	struct dissector *d = dissector_new(&sink);
	struct packet p = {.data = memcpy(guard - captured, bytes, captured), .linktype = linktype,
		.captured = (uint32_t)captured, .length = (uint32_t)length, .frame = 1, .file = 1};

	buf_clear(out);
	dissector_feed(d, &p);
	dissector_finish(d);
	for (int u = 0; u < UNDECODED_COUNT; u++)
		if (dissector_stats(d)->undecoded[u])
			buf_printf(out, "%s\n", undecoded_name(u));
	if (dissector_stats(d)->unknown_linktype >= 0)
		buf_printf(out, "link %d\n", dissector_stats(d)->unknown_linktype);
	dissector_free(d);
}

static void expect(const char *what, int linktype, const struct buf *packet, const char *expected)
{
	struct buf out = {0};

	feed(&out, linktype, (const uint8_t *)packet->p, packet->n, packet->n);
	if (strcmp(buf_string(&out), expected))
		fail_msg("%s: %s", what, out.p);
	for (size_t n = 0; n < packet->n; n++)
		feed(&out, linktype, (const uint8_t *)packet->p, n, packet->n);
	buf_free(&out);
}

static void add16(struct buf *b, unsigned value)
{
	buf_addc(b, (char)(value >> 8));
	buf_addc(b, (char)value);
}

static void add_udp(struct buf *b, unsigned length)
{
	add16(b, 5060);
	add16(b, 5062);
	add16(b, length);
	add16(b, 0);
	buf_add(b, message, MESSAGE);
}

/* `fragment` is the word with flags and offset. */
static void add_ip4(struct buf *b, unsigned protocol, size_t payload, unsigned fragment)
{
	buf_add(b, "\x45\0", 2);
	add16(b, 20 + (unsigned)payload);
	add16(b, 77);
	add16(b, fragment);
	buf_addc(b, 64);
	buf_addc(b, (char)protocol);
	buf_add(b, "\0\0\x0a\0\0\1\x0a\0\0\2", 10);
}

static void add_ip6(struct buf *b, unsigned next, size_t payload)
{
	buf_add(b, "\x60\0\0\0", 4);
	add16(b, (unsigned)payload);
	buf_addc(b, (char)next);
	buf_addc(b, 64);
	buf_add(b, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	buf_add(b, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 16);
}

#define FOUR "UDP 10.0.0.1:5060>10.0.0.2:5062 34 id 77\n"
#define SIX "UDP [fd00::1]:5060>[fd00::2]:5062 34\n"
#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

static const struct link {
	const char *what;
	int linktype;
	const char *header;
	size_t n;
	int version;
	const char *expected;
} links[] = {
	{"ethernet", 1, MACS "\x08\0", 14, 4, FOUR},
	{"ethernet", 1, MACS "\x86\xdd", 14, 6, SIX},
	{"vlan", 1, MACS "\x81\0\0\1\x08\0", 18, 4, FOUR},
	{"qinq", 1, MACS "\x88\xa8\0\1\x81\0\0\2\x86\xdd", 22, 6, SIX},
	{"old qinq", 1, MACS "\x91\0\0\1\x81\0\0\2\x08\0", 22, 4, FOUR},
	{"nine tags", 1, MACS "\x81\0\0\1\x81\0\0\1\x81\0\0\1\x81\0\0\1\x81\0\0\1\x81\0\0\1\x81\0\0\1"
		"\x81\0\0\1\x81\0\0\1\x08\0", 50, 4, "truncated\n"},
	{"arp", 1, MACS "\x08\x06", 14, 4, "not-ip\n"},
	{"pppoe", 1, MACS "\x88\x64\x11\0\0\1\0\x40\0\x21", 22, 4, FOUR},
	{"pppoe, not a session", 1, MACS "\x88\x64\x11\7\0\1\0\x40\0\x21", 22, 4, "tunnel\n"},
	{"pppoe too short", 1, MACS "\x88\x64\x11\0\0\1\0\x01\0\x21", 22, 4, "truncated\n"},
	{"pppoe link", 51, "\x11\0\0\1\0\x54\0\x57", 8, 6, SIX},
	{"mpls", 1, MACS "\x88\x47\0\1\0\x40\0\1\1\x40", 22, 4, FOUR},
	{"mpls link", 219, "\0\1\1\x40", 4, 6, SIX},
	{"pseudowire", 1, MACS "\x88\x48\0\1\1\x40\0\0\0\0" MACS "\x08\0", 36, 4, FOUR},
	{"ethernet with LLC", 1, MACS "\0\x40\xaa\xaa\3\0\0\0\x08\0", 22, 4, FOUR},
	{"LLC without SNAP", 1, MACS "\0\x40\x42\x42\3", 17, 4, "not-ip\n"},
	{"ppp", 9, "\0\x21", 2, 4, FOUR},
	{"ppp, address", 9, "\xff\3\0\x57", 4, 6, SIX},
	{"ppp, compressed", 50, "\xff\3\x21", 3, 4, FOUR},
	{"ppp, mpls", 9, "\2\x81\0\1\1\x40", 6, 4, FOUR},
	{"ppp, encrypted", 9, "\0\x53", 2, 4, "encrypted\n"},
	{"ppp, packed", 9, "\0\xfd", 2, 4, "tunnel\n"},
	{"ppp, control", 9, "\xc0\x21", 2, 4, "not-ip\n"},
	{"cisco hdlc", 104, "\x0f\0\x08\0", 4, 4, FOUR},
	{"ppp on hdlc", 104, "\xff\3\0\x21", 4, 4, FOUR},
	{"enc", 109, "\2\0\0\0....\0\0\0\0", 12, 4, FOUR},
	{"ipnet", 226, "\1\x1a\0\0....................", 24, 6, SIX},
	{"nflog", 239, "\2\0\0\5" "\x08\0\1\0....\x05\0\2\0x\0\0\0\x42\0\x09\0", 24, 4, FOUR},
	{"nflog, big-endian", 239, "\2\0\0\5" "\0\x08\0\1....\0\x42\0\x09", 16, 4, FOUR},
	{"nflog, no payload", 239, "\2\0\0\5\3\0\1\0", 8, 4, "not-ip\n"},
	{"802.11, a fragment", 105, "\x08\2\0\0" MACS "\2\0\0\0\0\3\1\0" "....\xaa\xaa\3\0\0\0\x08\0", 36, 4, "fragment\n"},
	{"802.11 from", 105, "\x08\2\0\0" MACS "\2\0\0\0\0\3\0\0\xaa\xaa\3\0\0\0\x08\0", 32, 4, FOUR},
	{"802.11, QoS", 105, "\x88\1\0\0" MACS "\2\0\0\0\0\3\0\0\0\0\xaa\xaa\3\0\0\0\x86\xdd", 34, 6, SIX},
	{"802.11, four addresses", 105, "\x88\x83\0\0" MACS "\2\0\0\0\0\3\0\0......\0\0....\xaa\xaa\3\0\0\0\x08\0",
		44, 4, FOUR},
	{"802.11, aggregate", 105, "\x88\1\0\0" MACS "\2\0\0\0\0\3\0\0\x80\0" MACS "\0\x46\xaa\xaa\3\0\0\0\x08\0",
		48, 4, FOUR},
	{"802.11, protected", 105, "\x08\x41\0\0" MACS "\2\0\0\0\0\3\0\0", 24, 4, "encrypted\n"},
	{"802.11, beacon", 105, "\x80\0\0\0" MACS "\2\0\0\0\0\3\0\0", 24, 4, "not-ip\n"},
	{"radiotap", 127, "\0\0\x08\0\0\0\0\0" "\x08\2\0\0" MACS "\2\0\0\0\0\3\0\0\xaa\xaa\3\0\0\0\x08\0", 40, 4,
		FOUR},
	{"radiotap, padding", 127, "\0\0\x19\0\3\0\0\x80\0\0\0\0....\0\0\0\0\0\0\0\0\x20"
		"\x88\1\0\0" MACS "\2\0\0\0\0\3\0\0\0\0\0\0\xaa\xaa\3\0\0\0\x86\xdd", 61, 6, SIX},
	{"AVS", 163, "\x80\x21\x10\1\0\0\0\x0c...." "\x08\2\0\0" MACS "\2\0\0\0\0\3\0\0\xaa\xaa\3\0\0\0\x08\0", 44, 4,
		FOUR},
	{"PPI", 192, "\0\0\x08\0\x69\0\0\0" "\x08\2\0\0" MACS "\2\0\0\0\0\3\0\0\xaa\xaa\3\0\0\0\x08\0", 40, 4,
		FOUR},
	{"sll", 113, "\0\0\0\1\0\6\0\0\0\0\0\1\0\0\x08\0", 16, 4, FOUR},
	{"sll with a tag", 113, "\0\0\0\1\0\6\0\0\0\0\0\1\0\0\x81\0\0\1\x08\0", 20, 4, FOUR},
	{"sll2", 276, "\x86\xdd\0\0\0\0\0\1\0\1\0\6\0\0\0\0\0\1\0\0", 20, 6, SIX},
	{"raw", 101, "", 0, 4, FOUR},
	{"raw", 12, "", 0, 6, SIX},
	{"raw", 14, "", 0, 6, SIX},
	{"raw 4", 228, "", 0, 4, FOUR},
	{"raw 6", 229, "", 0, 6, SIX},
	{"null", 0, "\2\0\0\0", 4, 4, FOUR},
	{"null, big-endian", 0, "\0\0\0\x1e", 4, 6, SIX},
	{"null, not ip", 0, "\7\0\0\0", 4, 4, "not-ip\n"},
	{"loop", 108, "\0\0\0\x18", 4, 6, SIX},
	{"unknown", 147, "", 0, 4, "link-type\nlink 147\n"},
	{"unknown", 65000, "", 0, 4, "link-type\nlink 65000\n"},
	{"negative", -1, "", 0, 4, "link-type\n"},
};

static void test_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct buf b = {0};

		buf_add(&b, links[i].header, links[i].n);
		if (links[i].version == 4)
			add_ip4(&b, 17, 8 + MESSAGE, 0);
		else
			add_ip6(&b, 17, 8 + MESSAGE);
		add_udp(&b, 8 + MESSAGE);
		expect(links[i].what, links[i].linktype, &b, links[i].expected);
		buf_free(&b);
	}
}

/* IP and UDP lengths that do not agree with the bytes. */
static const struct length {
	const char *what;
	int ip, udp; /* added to the right value; -1000: zero */
	size_t padding;
	const char *expected;
} lengths[] = {
	{"right", 0, 0, 0, FOUR},
	{"ethernet padding", 0, 0, 9, FOUR},
	{"udp shorter than ip", 9, 0, 9, FOUR},
	{"udp shorter than the message", 0, -4, 0, "UDP 10.0.0.1:5060>10.0.0.2:5062 30 id 77\n"},
	{"udp longer than ip", 0, 4, 9, "UDP 10.0.0.1:5060>10.0.0.2:5062 34 cut 4 id 77\n"},
	{"ip longer than the packet", 100, 0, 0, FOUR},
	{"both longer", 100, 100, 0, "UDP 10.0.0.1:5060>10.0.0.2:5062 34 cut 100 id 77\n"},
	{"ip zero", -1000, 0, 0, FOUR},
	{"udp zero", 0, -1000, 0, FOUR},
};

static void test_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		const struct length *c = &lengths[i];
		struct buf b = {0};

		add_ip4(&b, 17, 8 + MESSAGE, 0);
		if (c->ip)
			b.p[3] = (char)(c->ip == -1000 ? 0 : 28 + MESSAGE + c->ip);
		add_udp(&b, c->udp == -1000 ? 0 : (unsigned)(8 + MESSAGE + c->udp));
		for (size_t n = 0; n < c->padding; n++)
			buf_addc(&b, 'p');
		expect(c->what, 101, &b, c->expected);
		buf_free(&b);
	}
}

static void test_snap_length(void **state)
{
	struct buf b = {0}, out = {0};

	(void)state;
	add_ip4(&b, 17, 8 + MESSAGE, 0);
	add_udp(&b, 8 + MESSAGE);
	feed(&out, 101, (const uint8_t *)b.p, b.n - 10, b.n);
	assert_string_equal(buf_string(&out), "UDP 10.0.0.1:5060>10.0.0.2:5062 24 cut 10 id 77\n");
	/* even in the first line, once the Request-URI has begun */
	feed(&out, 101, (const uint8_t *)b.p, 36, b.n);
	assert_string_equal(buf_string(&out), "UDP 10.0.0.1:5060>10.0.0.2:5062 8 cut 26 id 77\n");
	feed(&out, 101, (const uint8_t *)b.p, 35, b.n);
	assert_string_equal(buf_string(&out), "");
	buf_free(&b);
	buf_free(&out);
}

static void test_fragments(void **state)
{
	static const struct {
		unsigned word, protocol;
		const char *expected;
	} cases[] = {
		{0x2000, 17, "loss: fragment\nUDP 10.0.0.1:5060>10.0.0.2:5062 34 cut 1000 id 77\nfragment\n"},
		{0x2000, 6, "fragment\n"},
		{0x0001, 17, "fragment\n"},
		{0x2001, 17, "fragment\n"},
		{0x4000, 17, "UDP 10.0.0.1:5060>10.0.0.2:5062 34 cut 1000 id 77\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = {0};

		add_ip4(&b, cases[i].protocol, 8 + MESSAGE, cases[i].word);
		add_udp(&b, 8 + MESSAGE + 1000);
		expect("fragment", 101, &b, cases[i].expected);
		buf_free(&b);
	}
}

static const struct extension {
	const char *what;
	unsigned first;
	const char *bytes;
	size_t n;
	const char *expected;
} extensions[] = {
	{"none", 17, "", 0, SIX},
	{"hop by hop, routing", 0, "\x2b\0......\x11\1..............", 24, SIX},
	{"authentication", 51, "\x11\4......................", 24, SIX},
	{"atomic fragment", 44, "\x11\0\0\0....", 8, SIX},
	{"first fragment", 44, "\x11\0\0\1....", 8, "loss: fragment\n"
		"UDP [fd00::1]:5060>[fd00::2]:5062 34 cut 1\nfragment\n"},
	{"last fragment", 44, "\x11\0\0\x08....", 8, "fragment\n"},
	{"too long", 60, "\x11\xff......", 8, "truncated\n"},
	{"no next", 59, "", 0, ""},
	{"esp", 50, "", 0, "encrypted\n"},
	{"an empty tunnel", 4, "", 0, "not-ip\n"},
	{"gre with a route", 47, "\x40\0\x08\0", 4, "tunnel\n"},
	{"dccp", 33, "", 0, "ip-protocol\n"},
	{"nine", 60, "\x3c\0......\x3c\0......\x3c\0......\x3c\0......\x3c\0......\x3c\0......"
		"\x3c\0......\x3c\0......\x11\0......", 72, "truncated\n"},
};

static void test_extensions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		const struct extension *c = &extensions[i];
		struct buf b = {0};

		add_ip6(&b, c->first, c->n + 8 + MESSAGE);
		buf_add(&b, c->bytes, c->n);
		add_udp(&b, 8 + MESSAGE);
		expect(c->what, 229, &b, c->expected);
		buf_free(&b);
	}
}

/* Behind an outer IPv4 header with this protocol. */
static const struct tunnel {
	const char *what;
	unsigned protocol;
	const char *bytes;
	size_t n;
	int version;
	const char *expected;
} tunnels[] = {
	{"ip in ip", 4, "", 0, 4, FOUR},
	{"6in4", 41, "", 0, 6, SIX},
	{"mpls", 137, "\0\1\1\x40", 4, 4, FOUR},
	{"ethernet", 143, MACS "\x08\0", 14, 4, FOUR},
	{"gre", 47, "\0\0\x08\0", 4, 4, FOUR},
	{"gre, checksum, key and number", 47, "\xb0\0\x86\xdd............", 16, 6, SIX},
	{"gre, ethernet", 47, "\0\0\x65\x58" MACS "\x81\0\0\1\x08\0", 22, 4, FOUR},
	{"gre, mpls", 47, "\0\0\x88\x47\0\1\1\x40", 8, 4, FOUR},
	{"pptp", 47, "\x30\x81\x88\x0b............\xff\3\0\x21", 20, 4, FOUR},
	{"pptp, no payload", 47, "\x20\x81\x88\x0b\0\0....\0\0", 12, 0, ""},
	{"erspan I", 47, "\0\0\x88\xbe" MACS "\x08\0", 18, 4, FOUR},
	{"erspan II", 47, "\x10\0\x88\xbe....\x10\1......" MACS "\x08\0", 30, 4, FOUR},
	{"erspan III", 47, "\x10\0\x22\xeb....\x20\1.........\0" MACS "\x08\0", 34, 4, FOUR},
	{"erspan III, longer", 47, "\x10\0\x22\xeb....\x20\1.........\1........" MACS "\x86\xdd", 42, 6, SIX},
	{"gre, version 2", 47, "\0\2\x08\0", 4, 4, "tunnel\n"},
	{"gre, unknown", 47, "\0\0\x99\x99", 4, 4, "not-ip\n"},
	{"vxlan", 17, "\0\1\x12\xb5\0\0\0\0\x08\0\0\0\0\0\1\0" MACS "\x08\0", 30, 4, FOUR},
	{"vxlan, old port", 17, "\0\1\x21\x18\0\0\0\0\x08\0\0\0\0\0\1\0" MACS "\x86\xdd", 30, 6, SIX},
	{"geneve", 17, "\0\1\x17\xc1\0\0\0\0\1\0\x65\x58\0\0\1\0...." MACS "\x08\0", 34, 4, FOUR},
	{"geneve, ip", 17, "\0\1\x17\xc1\0\0\0\0\0\0\x08\0\0\0\1\0", 16, 4, FOUR},
	{"gtp", 17, "\0\1\x08\x68\0\0\0\0\x30\xff\0\x3e\0\0\0\1", 16, 4, FOUR},
	{"gtp, extensions", 17, "\0\1\x08\x68\0\0\0\0\x36\xff\0\x46\0\0\0\1\0\1\0\x85\1\x10\1\0", 24, 4, FOUR},
	{"gtp, extension without length", 17, "\0\1\x08\x68\0\0\0\0\x34\xff\0\x46\0\0\0\1\0\1\0\x85\0\x10\1\0", 24,
		4, "tunnel\n"},
	{"gtp, echo", 17, "\0\1\x08\x68\0\0\0\0\x32\1\0\4\0\0\0\1\0\1\0\0", 20, 0, ""},
};

static void test_tunnels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		const struct tunnel *c = &tunnels[i];
		struct buf b = {0};
		size_t inner = c->version ? (c->version == 4 ? 20 : 40) + 8 + MESSAGE : 0;

		add_ip4(&b, c->protocol, c->n + inner, 0);
		buf_add(&b, c->bytes, c->n);
		if (c->version == 4)
			add_ip4(&b, 17, 8 + MESSAGE, 0);
		else if (c->version == 6)
			add_ip6(&b, 17, 8 + MESSAGE);
		if (c->version)
			add_udp(&b, 8 + MESSAGE);
		expect(c->what, 101, &b, c->expected);
		buf_free(&b);
	}
}

/* Sixteen tunnels in tunnels are read, one more is not. */
static void test_nesting(void **state)
{
	(void)state;
	for (size_t depth = 15; depth <= 18; depth++) {
		struct buf b = {0};

		for (size_t i = 0; i < depth; i++)
			add_ip4(&b, 4, (depth - i) * 20 + 8 + MESSAGE, 0);
		add_ip4(&b, 17, 8 + MESSAGE, 0);
		add_udp(&b, 8 + MESSAGE);
		expect("nesting", 101, &b, depth <= 16 ? FOUR : "tunnel\n");
		buf_free(&b);
	}
}

/* DATA chunks; each {TSN, flags, from, to} of the message. */
static const struct association {
	const char *what, *expected;
	struct {
		uint32_t tsn;
		unsigned flags, from, to;
	} chunks[6];
} associations[] = {
	{"one chunk", "SCTP 34\n", {{1, 3, 0, 34}}},
	{"retransmitted", "SCTP 34\n", {{1, 3, 0, 34}, {1, 3, 0, 34}}},
	{"two messages", "SCTP 34\nSCTP 34\n", {{1, 3, 0, 34}, {2, 3, 0, 34}}},
	{"two chunks", "SCTP 34\n", {{1, 2, 0, 20}, {2, 1, 20, 34}}},
	{"three, backwards", "SCTP 34\n", {{3, 1, 30, 34}, {2, 0, 8, 30}, {1, 2, 0, 8}}},
	{"wrap-around, each twice", "SCTP 34\n", {{0xffffffff, 2, 0, 8}, {0, 0, 8, 30}, {0, 0, 8, 30},
		{0xffffffff, 2, 0, 8}, {1, 1, 30, 34}, {1, 1, 30, 34}}},
	{"a hole", "fragment\n", {{1, 2, 0, 8}, {3, 1, 30, 34}}},
	{"no beginning, then a message", "SCTP 34\nfragment\n", {{1, 1, 8, 34}, {2, 3, 0, 34}}},
	{"not SIP", "", {{1, 3, 4, 34}}},
};

static void on_sctp(void *arg, const struct datagram *d)
{
	buf_printf(arg, "%s %zu\n", transport_name(d->transport), d->bytes.n);
}

static void test_sctp(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(associations) / sizeof(*associations); i++) {
		const struct association *c = &associations[i / 2];
		bool bundled = i & 1; /* all chunks in one packet */
		struct buf out = {0}, body = {0};
		struct dissector *d = dissector_new(&(struct dissect_sink){.datagram = on_sctp, .arg = &out});

		for (size_t k = 0; k <= 6; k++) {
			struct buf b = {0};
			size_t n = k < 6 ? c->chunks[k].to - c->chunks[k].from : 0;

			if (k < 6 && n) {
				buf_addc(&body, 0);
				buf_addc(&body, (char)c->chunks[k].flags);
				add16(&body, 16 + (unsigned)n);
				add16(&body, c->chunks[k].tsn >> 16);
				add16(&body, c->chunks[k].tsn & 0xffff);
				buf_add(&body, "\0\1\0\1\0\0\0", 8);
				buf_add(&body, message + c->chunks[k].from, n);
				buf_add(&body, "\0\0\0", (4 - n % 4) % 4);
			}
			if (!body.n || (bundled && k < 6))
				continue;
			add_ip4(&b, 132, 12 + body.n, 0);
			buf_add(&b, "\x13\xc4\x13\xc4\0\0\0\1\0\0\0", 12);
			buf_add_slice(&b, buf_slice(&body));
			dissector_feed(d, &(struct packet){.data = memcpy(guard - b.n, b.p, b.n), .linktype = 101,
				.captured = (uint32_t)b.n, .length = (uint32_t)b.n});
			for (size_t cut = 0; cut < b.n; cut += 5) {
				struct dissector *other = dissector_new(&(struct dissect_sink){NULL, NULL, NULL, NULL});

				dissector_feed(other, &(struct packet){.data = memcpy(guard - cut, b.p, cut),
					.linktype = 101, .captured = (uint32_t)cut, .length = (uint32_t)b.n});
				dissector_finish(other);
				dissector_free(other);
			}
			buf_clear(&body);
			buf_free(&b);
		}
		dissector_finish(d);
		if (dissector_stats(d)->undecoded[UNDECODED_FRAGMENT])
			buf_adds(&out, "fragment\n");
		dissector_free(d);
		if (strcmp(buf_string(&out), c->expected))
			fail_msg("%s: %s", c->what, out.p);
		buf_free(&out);
		buf_free(&body);
	}
}

static void test_not_sip(void **state)
{
	static const char *const payloads[] = {"", "\r\n\r\n", "NOTIFY * HTTP/1.1\r\n\r\n", "\x80\x08.."};

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		struct buf b = {0};

		add_ip4(&b, 17, 8 + strlen(payloads[i]), 0);
		buf_add(&b, "\x13\xc4\x13\xc4\0\0\0\0", 8);
		buf_adds(&b, payloads[i]);
		expect("not sip", 101, &b, "");
		buf_free(&b);
	}
}

static void test_icmp(void **state)
{
	static const struct {
		unsigned type, code;
		const char *what; /* NULL: no error */
	} cases[] = {
		{3, 3, "port unreachable"}, {3, 1, "host unreachable"}, {3, 0, "net unreachable"},
		{3, 13, "administratively prohibited"}, {3, 4, NULL}, {8, 0, NULL}, {11, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = {0}, expected = {0};

		if (cases[i].what)
			buf_printf(&expected, "10.0.0.1: %s UDP 10.0.0.1:5060>10.0.0.2:5062 34\n",
				cases[i].what);
		add_ip4(&b, 1, 8 + 28 + MESSAGE, 0);
		buf_addc(&b, (char)cases[i].type);
		buf_addc(&b, (char)cases[i].code);
		buf_add(&b, "\0\0\0\0\0\0", 6);
		add_ip4(&b, 17, 8 + MESSAGE, 0);
		add_udp(&b, 8 + MESSAGE);
		expect("icmp", 101, &b, buf_string(&expected));
		buf_free(&b);
		buf_free(&expected);
	}
}

static void test_icmp6(void **state)
{
	struct buf b = {0};

	(void)state;
	add_ip6(&b, 58, 8 + 40 + 8);
	buf_add(&b, "\1\4\0\0\0\0\0\0", 8);
	add_ip6(&b, 6, 1000);
	buf_add(&b, "\x13\xc4\x13\xc6\0\0\0\1", 8);
	expect("icmp6", 229, &b, "fd00::1: port unreachable TCP [fd00::1]:5060>[fd00::2]:5062 0\n");
	buf_free(&b);
}

/* Noise behind every kind of header: nothing may be read out of bounds. */
static void test_noise(void **state)
{
	struct buf out = {0};
	uint32_t seed = 1;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		const struct link *c = &links[round % (sizeof(links) / sizeof(*links))];
		uint8_t bytes[200];
		size_t n = c->n;

		memcpy(bytes, c->header, n);
		while (n < sizeof(bytes)) {
			seed = seed * 1664525 + 1013904223;
			bytes[n++] = (uint8_t)(seed >> 24);
		}
		bytes[c->n] = (uint8_t)(c->version == 4 ? 0x45 : 0x60);
		if (round & 1)
			bytes[c->n + (c->version == 4 ? 9 : 6)] = (uint8_t)"\0\1\6\x11\x2c\x2f\x04\x29"[seed >> 29];
		feed(&out, c->linktype, bytes, 20 + seed % 141, seed % 200);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_snap_length),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_tunnels),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_sctp),
		cmocka_unit_test(test_not_sip),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_icmp6),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
