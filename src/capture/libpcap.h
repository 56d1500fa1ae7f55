/*
 * The door to libpcap: its functions, loaded when an interface or a filter is asked for. The library brings eight
 * others along, and loading them takes longer than a small capture. Internal to capture/.
 */
#ifndef CAPTURE_LIBPCAP_H
#define CAPTURE_LIBPCAP_H

#include <pcap/pcap.h>
#include <stdbool.h>

#define LIBPCAP_FUNCTIONS(F) \
	F(activate) F(close) F(compile) F(create) F(datalink) F(freecode) F(get_selectable_fd) F(geterr) F(next_ex) \
	F(offline_filter) F(open_dead) F(set_buffer_size) F(set_immediate_mode) F(set_promisc) F(set_snaplen) \
	F(set_timeout) F(set_tstamp_precision) F(setfilter) F(setnonblock) F(stats) F(statustostr)

/* Members as in libpcap, without "pcap_". */
struct libpcap {
#define LIBPCAP_MEMBER(name) __typeof__(pcap_##name) *name;
	LIBPCAP_FUNCTIONS(LIBPCAP_MEMBER)
#undef LIBPCAP_MEMBER
};

/* False: it is not there; `why` says so in a line. Once loaded it stays. */
bool libpcap_load(struct libpcap *out, char why[PCAP_ERRBUF_SIZE]);

#endif
