#include "capture/live.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/hep_listen.h"
#include "capture/libpcap.h"

enum {
	SNAPLEN_MAX = 262144,
	TIMEOUT_MS = 100,  /* the kernel gives what it has that often */
	WAIT_MS = 200,
	BUFFER_MIB = 16,
	LINKTYPE_RAW = 101,
};

struct interface {
	const char *name;
	pcap_t *pcap;
	bool nano;
	uint32_t dropped;    /* as the kernel counts, modulo 2^32 */
	bool pending;
	struct packet packet;
};

struct live {
	struct live_options options;
	struct libpcap libpcap; /* loaded for the first interface */
	struct interface interfaces[LIVE_INTERFACES_MAX];
	size_t count;
	bool turn;
	struct hep_listener *hep[LIVE_HEP_MAX];
	size_t hep_count;
	uint32_t frame;
	struct live_stats stats;
	struct pollfd fds[LIVE_INTERFACES_MAX + LIVE_HEP_MAX * HEP_FDS_MAX];
};

__attribute__((format(printf, 2, 3)))
static bool refuse(char why[LIVE_TROUBLE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, LIVE_TROUBLE, format, args);
	va_end(args);
	return false;
}

/* What to do about it. */
static bool refuse_activation(
	const struct live *l, const struct interface *i, int error, char why[LIVE_TROUBLE])
{
	switch (error) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return refuse(why, "%s: no such interface; 'ip link' lists them, 'any' is all of them", i->name);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return refuse(why, "%s: no permission to capture; run as root, or give the program the right: "
			"setcap cap_net_raw=ep", i->name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return refuse(why, "%s: the interface is down", i->name);
	default:
		return refuse(why, "%s: %.100s: %.100s", i->name, l->libpcap.statustostr(error),
			l->libpcap.geterr(i->pcap));
	}
}

static bool set_filter(struct live *l, struct interface *i, char why[LIVE_TROUBLE])
{
	struct bpf_program program;
	bool good;

	if (!l->options.filter || !*l->options.filter)
		return true;
	if (l->libpcap.compile(i->pcap, &program, l->options.filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return refuse(why, "the filter \"%.80s\" cannot be used: %.120s", l->options.filter,
			l->libpcap.geterr(i->pcap));
	good = l->libpcap.setfilter(i->pcap, &program) == 0;
	l->libpcap.freecode(&program);
	return good || refuse(why, "%s: the filter cannot be set: %.120s", i->name, l->libpcap.geterr(i->pcap));
}

static bool open_interface(struct live *l, const char *name, char why[LIVE_TROUBLE])
{
	struct interface *i = &l->interfaces[l->count];
	const struct live_options *o = &l->options;
	const struct libpcap *lib = &l->libpcap;
	char trouble[PCAP_ERRBUF_SIZE] = "";
	int result, type;

	if (!l->count && !libpcap_load(&l->libpcap, trouble))
		return refuse(why, "%s: %.200s", name, trouble);
	*i = (struct interface){.name = name, .pcap = lib->create(name, trouble)};
	if (!i->pcap)
		return refuse(why, "%s: %.200s", name, trouble);
	l->count++;
	lib->set_snaplen(i->pcap, o->snaplen ? (int)o->snaplen : SNAPLEN_MAX);
	lib->set_promisc(i->pcap, o->promiscuous && strcmp(name, "any") != 0);
	lib->set_timeout(i->pcap, TIMEOUT_MS);
	/* of several the packets are put in order by time: none may lie in the kernel */
	if (o->interface_count > 1)
		lib->set_immediate_mode(i->pcap, 1);
	lib->set_buffer_size(i->pcap, (int)(o->buffer ? o->buffer : BUFFER_MIB) << 20);
	i->nano = lib->set_tstamp_precision(i->pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
	result = lib->activate(i->pcap);
	if (result < 0)
		return refuse_activation(l, i, result, why);
	if (lib->setnonblock(i->pcap, 1, trouble) != 0)
		return refuse(why, "%s: %.200s", name, trouble);
	type = lib->datalink(i->pcap);
	i->packet.linktype = type == DLT_RAW ? LINKTYPE_RAW : type;
	i->packet.file = 1;
	return set_filter(l, i, why);
}

struct live *live_open(const struct live_options *o, char why[LIVE_TROUBLE])
{
	struct live *l = xcalloc(1, sizeof(*l));
	bool good = true;

	l->options = *o;
	for (size_t i = 0; good && i < o->interface_count; i++)
		good = open_interface(l, o->interfaces[i], why);
	for (size_t i = 0; good && i < o->hep_count; i++) {
		l->hep[i] = hep_listen(&o->hep[i], why);
		l->hep_count += good = l->hep[i];
	}
	if (good)
		return l;
	live_close(l);
	return NULL;
}

static void drop_interface(struct live *l, struct interface *i)
{
	struct buf line = {0};

	buf_printf(&line, "%s: %s; nothing more comes from there", i->name, l->libpcap.geterr(i->pcap));
	if (l->options.complain)
		l->options.complain(l->options.arg, buf_string(&line));
	buf_free(&line);
	l->libpcap.close(i->pcap);
	i->pcap = NULL;
}

static void fetch(struct live *l, struct interface *i)
{
	struct pcap_pkthdr *header;
	int result;

	if (!i->pcap || i->pending)
		return;
	result = l->libpcap.next_ex(i->pcap, &header, &i->packet.data);
	if (result < 0) {
		drop_interface(l, i);
	} else if (result == 1) {
		i->packet.captured = header->caplen;
		i->packet.length = header->len;
		i->packet.time = (int64_t)header->ts.tv_sec * 1000000000 +
			(int64_t)header->ts.tv_usec * (i->nano ? 1 : 1000);
		i->pending = true;
	}
}

/* Of what is there now the earliest. */
static bool next_captured(struct live *l, struct packet *out)
{
	struct interface *first = NULL;

	for (size_t i = 0; i < l->count; i++) {
		struct interface *one = &l->interfaces[i];

		fetch(l, one);
		if (one->pending && (!first || one->packet.time < first->packet.time))
			first = one;
	}
	if (!first)
		return false;
	first->pending = false;
	*out = first->packet;
	return true;
}

static bool next_delivered(struct live *l, struct packet *out)
{
	for (size_t i = 0; i < l->hep_count; i++)
		if (hep_listener_next(l->hep[i], out)) {
			out->file = 1;
			return true;
		}
	return false;
}

/* In turns: neither may keep the other waiting. */
static bool next_of_both(struct live *l, struct packet *out)
{
	l->turn = !l->turn;
	if (l->turn)
		return next_captured(l, out) || next_delivered(l, out);
	return next_delivered(l, out) || next_captured(l, out);
}

/* -1: nothing is left. */
static int wait_for_any(struct live *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->interfaces[i].pcap)
			l->fds[n++] = (struct pollfd){.fd = l->libpcap.get_selectable_fd(l->interfaces[i].pcap),
				.events = POLLIN};
	for (size_t i = 0; i < l->hep_count; i++)
		n += hep_listener_fds(l->hep[i], l->fds + n);
	if (!n)
		return -1;
	poll(l->fds, n, (int)(l->options.wait_ms ? l->options.wait_ms : WAIT_MS));
	return 0;
}

int live_next(struct live *l, struct packet *out)
{
	bool got = next_of_both(l, out);

	if (!got && wait_for_any(l) < 0)
		return -1;
	if (!got && !next_of_both(l, out))
		return 0;
	out->frame = ++l->frame;
	l->stats.packets++;
	return 1;
}

uint64_t live_drops(struct live *l)
{
	uint64_t before = l->stats.dropped;

	for (size_t i = 0; i < l->count; i++) {
		struct interface *one = &l->interfaces[i];
		struct pcap_stat stat;

		if (!one->pcap || l->libpcap.stats(one->pcap, &stat) != 0)
			continue;
		l->stats.dropped += (uint32_t)(stat.ps_drop + stat.ps_ifdrop - one->dropped);
		one->dropped = stat.ps_drop + stat.ps_ifdrop;
	}
	l->stats.refused = 0;
	for (size_t i = 0; i < l->hep_count; i++)
		l->stats.refused += hep_listener_refused(l->hep[i]);
	return l->stats.dropped - before;
}

const struct live_stats *live_stats(const struct live *l)
{
	return &l->stats;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		if (l->interfaces[i].pcap)
			l->libpcap.close(l->interfaces[i].pcap);
	for (size_t i = 0; i < l->hep_count; i++)
		hep_listener_free(l->hep[i]);
	free(l);
}
