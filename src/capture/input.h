/*
 * The bytes of a capture: a file or standard input, unpacked if need be, with its beginning looked at
 * before anything is consumed. Works on pipes: nothing ever seeks.
 */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"

struct input;

enum input_kind { INPUT_PCAP, INPUT_PCAPNG, INPUT_TEXT, INPUT_OTHER };

/* What to do while there is nothing to read. */
struct input_wait {
	bool follow;             /* the end of the file is not the end: more will be written */
	bool (*idle)(void *arg); /* false: stop. NULL: reading just blocks */
	void *arg;
	unsigned idle_ms;        /* it is called that often; 0: 200 */
};

/* Opens `path` ("-" = standard input) and looks at its beginning. NULL: *why says what to do. */
struct input *input_open(const char *path, const struct input_wait *wait, const char **why);
/* What is wrong with packed bytes, once they end; NULL: nothing. */
const char *input_trouble(const struct input *in);
/* Did idle() stop it? */
bool input_stopped(const struct input *in);
void input_close(struct input *in);
enum input_kind input_kind(const struct input *in);
/* For what is not a capture: what it looks like, and what to do. */
const char *input_describe(const struct input *in);
/* Like read(2), from the very first byte. */
ssize_t input_read(struct input *in, void *bytes, size_t n);

#endif
