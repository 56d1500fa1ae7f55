/* What reading a capture costs at all: the bare loop of libpcap. usage: loop FILE */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE] = "usage: loop FILE";
	pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	unsigned long long packets = 0, sum = 0;

	if (!pcap) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		packets++;
		sum += header->caplen;
	}
	pcap_close(pcap);
	printf("%llu packets, %llu bytes\n", packets, sum);
	return 0;
}
