#include "cmd_search.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd_stop.h"

#define NANOSECONDS INT64_C(1000000000)

/* Part of the time that searches may take while the input is read; the rest is for the most refused. */
enum { EARLY_PERCENT = 60 };

/* From the first search on, Ctrl-C ends the searches and nothing else. */
static bool is_interrupted(struct search_watch *w)
{
	if (!w->interrupted && stop_interrupted()) {
		w->interrupted = true;
		if (w->watching && !w->ends_input)
			stop_forget_interrupt();
	}
	return w->interrupted;
}

bool search_option(struct search_watch *w, int code, const char *value, bool *good)
{
	*good = true;
	if (code == SEARCH_OPTION_DEEP)
		w->deep = true;
	else if (code == SEARCH_OPTION_TIME)
		*good = w->time_given =
			option_number("--search-time", value, 0, 86400, &w->seconds);
	else
		return false;
	return true;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

bool search_stop_requested(struct search_watch *w)
{
	if (w->watching)
		is_interrupted(w);
	return stop_requested();
}

/* A second Ctrl-C ends the program. */
static void watch_interrupts(struct search_watch *w)
{
	if (!w->watching)
		stop_catch();
	w->watching = true;
}

static int64_t limit(const struct search_watch *w)
{
	int64_t seconds = w->time_given ? w->seconds : w->deep ? SEARCH_TIME_DEEP : SEARCH_TIME;

	return seconds * NANOSECONDS / 100 * (w->late ? 100 : EARLY_PERCENT);
}

static void show(struct search_watch *w, int64_t spent)
{
	if (spent < NANOSECONDS || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr,
		"\rlooking for what makes the digests wrong: %d of at most %d s (Ctrl-C: enough) ",
		(int)(spent / NANOSECONDS), (int)(limit(w) / NANOSECONDS));
	w->shown = true;
}

static void hide(struct search_watch *w)
{
	if (w->shown)
		fputs("\r\033[K", stderr);
	w->shown = false;
}

bool search_step(void *arg, enum search_step step)
{
	struct search_watch *w = arg;
	int64_t spent = w->spent + (w->running ? now() - w->begun : 0);
	int64_t shown_for = spent / NANOSECONDS;

	switch (step) {
	case SEARCH_BEGINS_LATE:
		w->late = true;
		/* fall through */
	case SEARCH_BEGINS:
		if (is_interrupted(w) || spent >= limit(w))
			return false;
		watch_interrupts(w);
		w->begun = now();
		w->running = true;
		return true;
	case SEARCH_GOES_ON:
		if (shown_for && spent % NANOSECONDS < NANOSECONDS / 4)
			show(w, spent);
		return !is_interrupted(w) && spent < limit(w);
	case SEARCH_WAITS:
		return w->seconds || !w->time_given;
	case SEARCH_ENDS:
		break;
	}
	w->spent = spent;
	w->running = false;
	return true;
}

void search_end(struct search_watch *w)
{
	hide(w);
	if (w->interrupted)
		err_line("interrupted: not everything was searched");
}
