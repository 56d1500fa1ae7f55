#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *address_format_ip(const struct address *a, char text[ADDRESS_TEXT])
{
	if (!a->family ||
		!inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, text, ADDRESS_TEXT))
		snprintf(text, ADDRESS_TEXT, "-");
	return text;
}

const char *address_format(const struct address *a, char text[ADDRESS_TEXT])
{
	char ip[ADDRESS_TEXT];

	address_format_ip(a, ip);
	snprintf(text, ADDRESS_TEXT, a->family == 6 ? "[%.45s]:%u" : "%.45s:%u", ip, a->port);
	return text;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool address_parse_ip(struct slice text, struct address *out)
{
	char string[46];

	if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = (struct slice){text.p + 1, text.n - 2};
	/* most of what is asked about is a host name: neither a digit in front nor a colon anywhere */
	if (!text.n || text.n >= sizeof(string) || (!is_digit(text.p[0]) && slice_find(text, ':') == text.n))
		return false;
	memcpy(string, text.p, text.n);
	string[text.n] = '\0';
	*out = (struct address){.family = 4};
	if (is_digit(text.p[0]) && inet_pton(AF_INET, string, out->ip) == 1)
		return true;
	out->family = 6;
	return inet_pton(AF_INET6, string, out->ip) == 1;
}

bool address_is_private(const struct address *a)
{
	const uint8_t *ip = a->ip;

	if (a->family == 4)
		return ip[0] == 10 || ip[0] == 127 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
			(ip[0] == 192 && ip[1] == 168) || (ip[0] == 169 && ip[1] == 254) ||
			(ip[0] == 100 && (ip[1] & 0xc0) == 64);
	if (a->family == 6) {
		static const uint8_t loopback[16] = {[15] = 1};

		return memcmp(ip, loopback, 16) == 0 || (ip[0] & 0xfe) == 0xfc ||
			(ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
	}
	return false;
}
