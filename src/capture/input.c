#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/unpack.h"

/* A pcap file header is 24 bytes; more is only waited for if it is there anyway. */
enum { HEAD_NEEDED = 24, HEAD_SIZE = 4096, IDLE_MS = 200 };

struct input {
	int fd;
	bool regular;     /* a file: at its end, not a pipe */
	bool stopped;
	struct input_wait wait;
	struct unpack *unpack;
	size_t raw_size;  /* packed bytes that were looked at ... */
	size_t raw_read;  /* ... of these, given to the unpacker */
	uint8_t raw[HEAD_SIZE];
	size_t head_size;
	size_t head_read; /* of these, given out again */
	uint8_t head[HEAD_SIZE];
};

static const char *open_trouble(int number)
{
	switch (number) {
	case ENOENT:
		return "no such file";
	case EACCES:
	case EPERM:
		return "no permission to read it; run as its owner, or change its mode";
	case EISDIR:
		return "a directory; name the captures in it";
	case EMFILE:
	case ENFILE:
		return "too many files at once; raise 'ulimit -n', or merge them with mergecap";
	case EBADF:
		return "standard input is closed; redirect a capture to it";
	default:
		return strerror(number);
	}
}

static unsigned idle_ms(const struct input *in)
{
	return in->wait.idle_ms ? in->wait.idle_ms : IDLE_MS;
}

/* False: stop. */
static bool idle(struct input *in)
{
	in->stopped = in->stopped || (in->wait.idle && !in->wait.idle(in->wait.arg));
	return !in->stopped;
}

/* Waits until a pipe has something. False: stop. */
static bool wait_for_pipe(struct input *in)
{
	struct pollfd poll_fd = {.fd = in->fd, .events = POLLIN};

	if (in->regular || !in->wait.idle)
		return true;
	while (poll(&poll_fd, 1, (int)idle_ms(in)) <= 0)
		if (!idle(in))
			return false;
	return true;
}

/* As read(2); at the end of a file that is followed it waits for more. */
static ssize_t read_raw(struct input *in, void *bytes, size_t n)
{
	ssize_t got;

	for (;;) {
		if (in->stopped || !wait_for_pipe(in))
			return 0;
		got = read(in->fd, bytes, n);
		if (got > 0 || (got < 0 && errno != EINTR))
			return got;
		if (got == 0 && !(in->wait.follow && in->regular))
			return 0;
		if (got == 0) {
			nanosleep(&(struct timespec){0, (long)idle_ms(in) * 1000000}, NULL);
			if (!idle(in))
				return 0;
		}
	}
}

/* What the unpacker reads: first what was looked at. */
static ssize_t read_packed(void *arg, void *bytes, size_t n)
{
	struct input *in = arg;
	size_t left = in->raw_size - in->raw_read;

	if (!left)
		return read_raw(in, bytes, n);
	if (n > left)
		n = left;
	memcpy(bytes, in->raw + in->raw_read, n);
	in->raw_read += n;
	return (ssize_t)n;
}

static ssize_t read_unpacked(struct input *in, void *bytes, size_t n)
{
	ssize_t got = in->unpack ? unpack_read(in->unpack, bytes, n) : read_packed(in, bytes, n);

	if (got < 0 && in->unpack && unpack_trouble(in->unpack))
		errno = EIO;
	return got;
}

/* False: errno. */
static bool look_raw(struct input *in)
{
	while (in->raw_size < 4) {
		ssize_t got = read_raw(in, in->raw + in->raw_size, HEAD_SIZE - in->raw_size);

		if (got < 0)
			return false;
		if (got == 0)
			break;
		in->raw_size += (size_t)got;
	}
	in->unpack = unpack_new((struct slice){(const char *)in->raw, in->raw_size}, read_packed, in);
	return true;
}

/* False: errno. */
static bool look(struct input *in)
{
	if (!look_raw(in))
		return false;
	while (in->head_size < HEAD_NEEDED) {
		ssize_t got = read_unpacked(in, in->head + in->head_size, HEAD_SIZE - in->head_size);

		if (got < 0)
			return in->head_size || input_trouble(in);
		if (got == 0)
			break;
		in->head_size += (size_t)got;
	}
	return true;
}

struct input *input_open(const char *path, const struct input_wait *wait, const char **why)
{
	struct input *in = xcalloc(1, sizeof(*in));
	struct stat st;

	if (wait)
		in->wait = *wait;
	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	in->regular = in->fd >= 0 && fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (in->fd < 0 || !look(in)) {
		*why = open_trouble(errno);
		input_close(in);
		return NULL;
	}
	if (!in->head_size) {
		*why = input_trouble(in) ? input_trouble(in) :
			"empty; nothing was captured, or it was not written to the disk";
		input_close(in);
		return NULL;
	}
	return in;
}

const char *input_trouble(const struct input *in)
{
	return in->unpack ? unpack_trouble(in->unpack) : NULL;
}

bool input_stopped(const struct input *in)
{
	return in->stopped;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	unpack_free(in->unpack);
	free(in);
}

ssize_t input_read(struct input *in, void *bytes, size_t n)
{
	size_t left = in->head_size - in->head_read;

	if (!left)
		return read_unpacked(in, bytes, n);
	if (n > left)
		n = left;
	memcpy(bytes, in->head + in->head_read, n);
	in->head_read += n;
	return (ssize_t)n;
}

/* What files begin with. The first four of pcap: micro- and nanoseconds, Kuznetzov's, Navtel's. */
static const struct magic {
	const char *bytes;
	size_t n;
	enum input_kind kind;
	const char *what;
} magics[] = {
	{"\xd4\xc3\xb2\xa1", 4, INPUT_PCAP, NULL},
	{"\xa1\xb2\xc3\xd4", 4, INPUT_PCAP, NULL},
	{"\x4d\x3c\xb2\xa1", 4, INPUT_PCAP, NULL},
	{"\xa1\xb2\x3c\x4d", 4, INPUT_PCAP, NULL},
	{"\x34\xcd\xb2\xa1", 4, INPUT_PCAP, NULL},
	{"\xa1\xb2\xcd\x34", 4, INPUT_PCAP, NULL},
	{"\x0a\x0d\x0d\x0a", 4, INPUT_PCAPNG, NULL},
	{"\x28\xb5\x2f\xfd", 4, INPUT_OTHER, "packed with zstd; unpack it: zstdcat FILE | sipauth ... -"},
	{"\xfd" "7zXZ", 5, INPUT_OTHER, "packed with xz; unpack it: xzcat FILE | sipauth ... -"},
	{"BZh", 3, INPUT_OTHER, "packed with bzip2; unpack it: bzcat FILE | sipauth ... -"},
	{"\x04\x22\x4d\x18", 4, INPUT_OTHER, "packed with lz4; unpack it: lz4cat FILE | sipauth ... -"},
	{"PK\x03\x04", 4, INPUT_OTHER, "a zip archive; unpack it first"},
	{"7z\xbc\xaf", 4, INPUT_OTHER, "a 7z archive; unpack it first"},
	{"snoop\0", 6, INPUT_OTHER, "a snoop capture; convert it first: editcap -F pcap"},
	{"GMBU", 4, INPUT_OTHER, "a Network Monitor capture; convert it first: editcap -F pcap"},
	{"RTSS", 4, INPUT_OTHER, "a Network Monitor capture; convert it first: editcap -F pcap"},
	{"\x7f" "ELF", 4, INPUT_OTHER, "a program, not a capture"},
};

static const struct magic *magic_of(const struct input *in)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (in->head_size >= magics[i].n && !memcmp(in->head, magics[i].bytes, magics[i].n))
			return &magics[i];
	return NULL;
}

/* No control characters but line breaks: any encoding of text. */
static bool is_text(const struct input *in)
{
	for (size_t i = 0; i < in->head_size; i++) {
		uint8_t c = in->head[i];

		if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1b) || c == 0x7f)
			return false;
	}
	return true;
}

enum input_kind input_kind(const struct input *in)
{
	const struct magic *m = magic_of(in);

	if (m)
		return m->kind;
	return is_text(in) ? INPUT_TEXT : INPUT_OTHER;
}

const char *input_describe(const struct input *in)
{
	const struct magic *m = magic_of(in);

	if (m && m->what)
		return m->what;
	return "no known capture format; a pcap or pcapng file is wanted, or a text trace";
}
