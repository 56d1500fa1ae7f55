#include "ua/wait.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { TOKEN_MAX = 32 };

static volatile sig_atomic_t signals;
static sigset_t before; /* the mask without ours */
static bool catching;

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * WAIT_SECOND + t.tv_nsec;
}

int64_t wait_now(void)
{
	static int64_t offset;

	if (!offset)
		offset = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
	return read_clock(CLOCK_MONOTONIC) + offset;
}

static void count_signal(int number)
{
	(void)number;
	if (signals < 100)
		signals++;
}

void wait_catch_signals(void)
{
	struct sigaction action = {.sa_handler = count_signal};
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;

	sigemptyset(&set);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction old;

		/* who starts us with nohup means it */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
		sigaddset(&set, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &before);
	catching = true;
}

unsigned wait_signals(void)
{
	return (unsigned)signals;
}

int wait_poll(struct pollfd *fds, nfds_t count, int64_t until)
{
	int64_t left = until - wait_now();
	struct timespec t = {0};

	if (left > 0) {
		t.tv_sec = (time_t)(left / WAIT_SECOND);
		t.tv_nsec = (long)(left % WAIT_SECOND);
	}
	return ppoll(fds, count, &t, catching ? &before : NULL);
}

static void random_bytes(uint8_t *out, size_t n)
{
	/* short reads do not happen below 256 bytes, and no other error is left */
	if (getrandom(out, n, 0) != (ssize_t)n)
		abort();
}

void wait_token(char *out, unsigned n)
{
	uint8_t bytes[TOKEN_MAX];

	if (n > TOKEN_MAX)
		n = TOKEN_MAX;
	random_bytes(bytes, n);
	for (unsigned i = 0; i < n; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", bytes[i]);
}

unsigned wait_random(unsigned below)
{
	uint32_t value;

	random_bytes((uint8_t *)&value, sizeof(value));
	return below ? value % below : 0;
}
