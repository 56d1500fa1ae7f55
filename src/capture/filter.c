#include "capture/filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/libpcap.h"

enum { SNAPLEN_MAX = 262144, LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };

/* The expression, compiled for one link type. */
struct compiled {
	int linktype;
	bool wrong; /* has no meaning there: nothing passes */
	struct bpf_program program;
};

struct filter {
	struct libpcap libpcap;
	bool loaded;
	const char *expression;
	struct compiled *compiled;
	size_t count, wrong;
	void (*complain)(void *arg, const char *line);
	void *arg;
	char trouble[PCAP_ERRBUF_SIZE];
};

/* The numbers of the file format and of libpcap are the same but for raw IP (pcap-linktype(7)). */
static int dlt_of(int linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
}

static void compile(struct filter *f, struct compiled *c)
{
	pcap_t *dead = f->loaded ? f->libpcap.open_dead(dlt_of(c->linktype), SNAPLEN_MAX) : NULL;

	c->wrong = !dead || f->libpcap.compile(dead, &c->program, f->expression, 1, PCAP_NETMASK_UNKNOWN) != 0;
	if (c->wrong)
		f->wrong++;
	if (c->wrong && f->loaded)
		snprintf(f->trouble, sizeof(f->trouble), "%s", dead ? f->libpcap.geterr(dead) : "out of memory");
	if (dead)
		f->libpcap.close(dead);
}

static void tell(struct filter *f, int linktype)
{
	struct buf line = {0};

	if (!f->complain)
		return;
	buf_printf(&line, "the filter has no meaning for link type %d (%s): its packets are left out",
		linktype, f->trouble);
	f->complain(f->arg, buf_string(&line));
	buf_free(&line);
}

static const struct compiled *compiled_for(struct filter *f, int linktype)
{
	struct compiled *c;

	for (size_t i = 0; i < f->count; i++)
		if (f->compiled[i].linktype == linktype)
			return &f->compiled[i];
	f->compiled = xrealloc(f->compiled, (f->count + 1) * sizeof(*f->compiled));
	c = &f->compiled[f->count++];
	*c = (struct compiled){.linktype = linktype};
	compile(f, c);
	if (c->wrong && !filter_wrong(f))
		tell(f, linktype);
	return c;
}

struct filter *filter_new(const char *expression, void (*complain)(void *arg, const char *line), void *arg)
{
	struct filter *f = xcalloc(1, sizeof(*f));

	f->loaded = libpcap_load(&f->libpcap, f->trouble);
	f->expression = expression;
	f->complain = complain;
	f->arg = arg;
	compiled_for(f, LINKTYPE_ETHERNET);
	return f;
}

bool filter_passes(struct filter *f, const struct packet *p)
{
	struct pcap_pkthdr header = {.caplen = p->captured, .len = p->length};
	const struct compiled *c = compiled_for(f, p->linktype);

	return !c->wrong && f->libpcap.offline_filter(&c->program, &header, p->data);
}

const char *filter_wrong(const struct filter *f)
{
	return f->count && f->wrong == f->count ? f->trouble : NULL;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		if (!f->compiled[i].wrong)
			f->libpcap.freecode(&f->compiled[i].program);
	free(f->compiled);
	free(f);
}
