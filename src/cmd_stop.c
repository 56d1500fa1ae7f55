#include "cmd_stop.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t requested;

static void on_signal(int number)
{
	requested = number;
}

void stop_catch(void)
{
	/*
	 * No SA_RESTART: whatever waits is to look again. Once only, so that the second one ends the
	 * program.
	 */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

void stop_after(unsigned seconds)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

bool stop_requested(void)
{
	return requested;
}

bool stop_interrupted(void)
{
	return requested && requested != SIGALRM;
}

void stop_forget_interrupt(void)
{
	if (requested == SIGINT)
		requested = 0;
}
