/*
 * Sends the packets of a capture on an interface, in the time they were captured in. Prints how many were sent, and
 * by how many microseconds the last one was late.
 * usage: replay INTERFACE FILE
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, PACKET_MAX = 2048, STEP_US = 500 };

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	char bytes[BATCH][PACKET_MAX];
	unsigned count;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int open_socket(const char *interface)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		perror(interface);
		return -1;
	}
	return fd;
}

static unsigned send_batch(int fd, struct batch *b)
{
	unsigned sent = 0;

	while (sent < b->count) {
		int n = sendmmsg(fd, b->messages + sent, b->count - sent, 0);

		if (n <= 0)
			break;
		sent += (unsigned)n;
	}
	b->count = 0;
	return sent;
}

static void add(struct batch *b, const struct pcap_pkthdr *header, const u_char *bytes)
{
	unsigned i = b->count++, n = header->caplen < PACKET_MAX ? header->caplen : PACKET_MAX;

	memcpy(b->bytes[i], bytes, n);
	b->parts[i] = (struct iovec){b->bytes[i], n};
	b->messages[i].msg_hdr = (struct msghdr){.msg_iov = &b->parts[i], .msg_iovlen = 1};
}

int main(int argc, char **argv)
{
	static struct batch b;
	char why[PCAP_ERRBUF_SIZE] = "usage: replay INTERFACE FILE";
	pcap_t *pcap = argc == 3 ? pcap_open_offline(argv[2], why) : NULL;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	long long begin = now(), first = -1, sent = 0, due = 0;
	int fd = pcap ? open_socket(argv[1]) : -1;

	if (fd < 0) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		long long time = header->ts.tv_sec * 1000000LL + header->ts.tv_usec;

		first = first < 0 ? time : first;
		due = begin + time - first;
		if (due > now() || b.count == BATCH)
			sent += send_batch(fd, &b);
		while (due > now())
			nanosleep(&(struct timespec){0, STEP_US * 1000}, NULL);
		add(&b, header, bytes);
	}
	sent += send_batch(fd, &b);
	pcap_close(pcap);
	printf("%lld %lld\n", sent, now() - due);
	return 0;
}
