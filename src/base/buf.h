/* A byte buffer that grows. Zero-initialised is empty; buf_free() gives the memory back. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buf {
	char *p;
	size_t n;
	size_t size;
};

void buf_free(struct buf *b);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_adds(struct buf *b, const char *string);
void buf_addc(struct buf *b, char c);
void buf_add_slice(struct buf *b, struct slice s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args);
struct slice buf_slice(const struct buf *b);
/* NUL-terminated view; dies with the next change. */
const char *buf_string(struct buf *b);

/*
 * Adds wire bytes for a person's eyes: valid UTF-8 passes, control characters and broken UTF-8
 * become \xNN, so that a hostile message cannot drive the terminal.
 */
void buf_add_printable(struct buf *b, struct slice s);

#endif
