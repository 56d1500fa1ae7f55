/*
 * Compressed input as a stream: gzip (zlib), and zstd where it was there at build time. The door to both
 * libraries. Internal to capture/.
 */
#ifndef CAPTURE_UNPACK_H
#define CAPTURE_UNPACK_H

#include <stddef.h>
#include <sys/types.h>

#include "base/slice.h"

struct unpack;

/* Reads packed bytes; as read(2). */
typedef ssize_t unpack_source(void *arg, void *bytes, size_t n);

/* NULL: the bytes begin like neither, or like zstd and the program was built without it. */
struct unpack *unpack_new(struct slice head, unpack_source *source, void *arg);
/* As read(2); -1: unpack_trouble() says why. A stream that ends too early just ends, and has trouble. */
ssize_t unpack_read(struct unpack *u, void *bytes, size_t n);
/* What is wrong with the packed bytes; NULL: nothing. */
const char *unpack_trouble(const struct unpack *u);
void unpack_free(struct unpack *u);
/* A whole zlib or gzip stream into `room` bytes: bytes, or -1: damaged, or there is no room. */
ssize_t unpack_block(struct slice in, void *out, size_t room);

#endif
