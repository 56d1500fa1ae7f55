#include "capture/unpack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/err.h"

enum { CHUNK = 64 << 10 };

struct unpack {
	unpack_source *source;
	void *arg;
	bool is_zstd;
	bool at_end;     /* of the packed bytes */
	bool within;     /* a member or frame has begun and not ended */
	bool failed;     /* the source did */
	const char *trouble;
	z_stream gzip;
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
	ZSTD_inBuffer in;
#endif
	unsigned char chunk[CHUNK];
};

static bool begins(struct slice head, const char *magic, size_t n)
{
	return head.n >= n && memcmp(head.p, magic, n) == 0;
}

struct unpack *unpack_new(struct slice head, unpack_source *source, void *arg)
{
	struct unpack *u;
	bool gzip = begins(head, "\x1f\x8b\x08", 3), zstd = begins(head, "\x28\xb5\x2f\xfd", 4);

#ifndef HAVE_ZSTD
	zstd = false;
#endif
	if (!gzip && !zstd)
		return NULL;
	u = xcalloc(1, sizeof(*u));
	u->source = source;
	u->arg = arg;
	u->is_zstd = zstd;
#ifdef HAVE_ZSTD
	if (zstd)
		u->zstd = ZSTD_createDStream();
	if (zstd && u->zstd)
		return u;
#endif
	if (gzip && inflateInit2(&u->gzip, 15 + 16) == Z_OK)
		return u;
	free(u);
	return NULL;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
#ifdef HAVE_ZSTD
	if (u->is_zstd)
		ZSTD_freeDStream(u->zstd);
#endif
	if (!u->is_zstd)
		inflateEnd(&u->gzip);
	free(u);
}

const char *unpack_trouble(const struct unpack *u)
{
	return u->trouble;
}

/* More packed bytes; 0 at their end. */
static size_t fill(struct unpack *u)
{
	ssize_t n = u->source(u->arg, u->chunk, CHUNK);

	u->failed = n < 0;
	u->at_end = n <= 0;
	return n > 0 ? (size_t)n : 0;
}

static ssize_t damaged(struct unpack *u, const char *trouble)
{
	u->trouble = trouble;
	return -1;
}

/* A file may be several members one after the other (RFC 1952 2.2). */
static ssize_t read_gzip(struct unpack *u, void *bytes, size_t n)
{
	z_stream *z = &u->gzip;

	z->next_out = bytes;
	z->avail_out = (unsigned)n;
	while (z->avail_out == n) {
		int result;

		if (!z->avail_in) {
			z->avail_in = (unsigned)fill(u);
			z->next_in = u->chunk;
		}
		if (!z->avail_in)
			break;
		if (!u->within && *z->next_in != 0x1f && z->total_in)
			break; /* padding behind the last member */
		u->within = true;
		result = inflate(z, Z_NO_FLUSH);
		if (result == Z_STREAM_END) {
			u->within = false;
			inflateReset(z);
			z->total_in = 1;
		} else if (result != Z_OK && result != Z_BUF_ERROR) {
			return n > z->avail_out ? (ssize_t)(n - z->avail_out) :
				damaged(u, "the gzip data is damaged");
		}
	}
	if (u->within && u->at_end && n == z->avail_out)
		u->trouble = "the gzip data ends too early";
	return (ssize_t)(n - z->avail_out);
}

#ifdef HAVE_ZSTD
static ssize_t read_zstd(struct unpack *u, void *bytes, size_t n)
{
	ZSTD_outBuffer out = {bytes, n, 0};

	while (!out.pos) {
		size_t result;
		bool flush = u->in.pos == u->in.size && u->at_end;

		if (u->in.pos == u->in.size && !flush)
			u->in = (ZSTD_inBuffer){u->chunk, fill(u), 0};
		if (!u->in.size && !u->within)
			break;
		result = ZSTD_decompressStream(u->zstd, &out, &u->in);
		if (ZSTD_isError(result))
			return damaged(u, "the zstd data is damaged");
		u->within = result != 0;
		if (flush && !out.pos)
			break;
	}
	if (u->within && u->at_end && !out.pos)
		u->trouble = "the zstd data ends too early";
	return (ssize_t)out.pos;
}
#endif

ssize_t unpack_read(struct unpack *u, void *bytes, size_t n)
{
	ssize_t got;

	if (n > 1 << 30)
		n = 1 << 30;
	if (!n || u->trouble)
		return 0;
#ifdef HAVE_ZSTD
	got = u->is_zstd ? read_zstd(u, bytes, n) : read_gzip(u, bytes, n);
#else
	got = read_gzip(u, bytes, n);
#endif
	return got == 0 && u->failed ? -1 : got;
}

ssize_t unpack_block(struct slice in, void *out, size_t room)
{
	z_stream z = {.next_in = (unsigned char *)in.p, .avail_in = (unsigned)in.n, .next_out = out,
		.avail_out = (unsigned)room};
	int result;

	if (inflateInit2(&z, 15 + 32) != Z_OK)
		return -1;
	result = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return result == Z_STREAM_END ? (ssize_t)(room - z.avail_out) : -1;
}
