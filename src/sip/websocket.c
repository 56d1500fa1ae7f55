#include "sip/websocket.h"

#include <string.h>

enum {
	FINAL = 0x80,
	RESERVED = 0x70,
	OPCODE = 0x0f,
	MASKED = 0x80,
	LENGTH = 0x7f,
	LENGTH_16 = 126,
	LENGTH_64 = 127
};

static bool known_opcode(unsigned opcode)
{
	return opcode <= WEBSOCKET_BINARY ||
	       (opcode >= WEBSOCKET_CLOSE && opcode <= WEBSOCKET_PONG);
}

/* Bytes of the extended length behind the two bytes that every frame has. */
static size_t length_bytes(unsigned length)
{
	return length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
}

static uint64_t read_number(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

static bool shortest(unsigned length, uint64_t n)
{
	return length < LENGTH_16 || (length == LENGTH_16 ? n > 125 : n > UINT16_MAX);
}

ssize_t websocket_next(struct slice in, struct websocket_frame *out)
{
	const uint8_t *p = (const uint8_t *)in.p;
	unsigned length;
	size_t extended, head;
	uint64_t n;

	if (in.n < 1)
		return 0;
	out->opcode = p[0] & OPCODE;
	out->final = p[0] & FINAL;
	/* no extension was agreed upon that would use the reserved bits */
	if (p[0] & RESERVED || !known_opcode(out->opcode))
		return -1;
	if (in.n < 2)
		return 0;
	out->masked = p[1] & MASKED;
	length = p[1] & LENGTH;
	if (out->opcode >= WEBSOCKET_CLOSE && (!out->final || length > WEBSOCKET_CONTROL_MAX))
		return -1;
	extended = length_bytes(length);
	head = 2 + extended + (out->masked ? 4 : 0);
	if (in.n < head)
		return 0;
	n = extended ? read_number(p + 2, extended) : length;
	if (!shortest(length, n) || n > WEBSOCKET_PAYLOAD_MAX)
		return -1;
	if (in.n - head < n)
		return 0;
	if (out->masked)
		memcpy(out->key, p + 2 + extended, 4);
	out->payload = (struct slice){in.p + head, (size_t)n};
	return (ssize_t)(head + n);
}

void websocket_mask(const uint8_t key[4], struct slice in, size_t offset, char *out)
{
	for (size_t i = 0; i < in.n; i++)
		out[i] = (char)((uint8_t)in.p[i] ^ key[(offset + i) & 3]);
}

size_t websocket_head(uint8_t head[WEBSOCKET_HEAD_MAX], bool final, enum websocket_opcode opcode,
	uint64_t n, const uint8_t key[4])
{
	size_t at = 2, extended;

	head[0] = (uint8_t)((final ? FINAL : 0) | opcode);
	head[1] = (uint8_t)(n <= 125 ? n : n <= UINT16_MAX ? LENGTH_16 : LENGTH_64);
	extended = length_bytes(head[1]);
	for (size_t i = extended; i-- > 0;)
		head[at++] = (uint8_t)(n >> 8 * i);
	if (key) {
		head[1] |= MASKED;
		memcpy(head + at, key, 4);
		at += 4;
	}
	return at;
}
