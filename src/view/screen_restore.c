#include "view/screen_restore.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

enum { RESTORE_MAX = 256, SIGNALS = 7 };

/* What a signal handler needs to put the terminal back: nothing that allocates or locks. */
static struct {
	struct termios modes;
	char sequence[RESTORE_MAX];
	size_t length;
	struct sigaction before[SIGNALS];
	volatile sig_atomic_t armed;
	bool registered;       /* with atexit() */
} restore;

static const int deadly[SIGNALS] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGHUP, SIGQUIT};

static void put_back(void)
{
	ssize_t ignored = 0;

	if (restore.armed) {
		restore.armed = 0;
		ignored = write(STDOUT_FILENO, restore.sequence, restore.length);
		tcsetattr(STDOUT_FILENO, TCSANOW, &restore.modes);
	}
	(void)ignored;
}

static void on_deadly_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	put_back();
	for (size_t i = 0; i < SIGNALS; i++)
		if (deadly[i] == number)
			sigaction(number, &restore.before[i], NULL);
	/* a fault comes again by itself, where debuggers and sanitizers look for it */
	if (info->si_code <= 0 || number == SIGABRT || number == SIGHUP || number == SIGQUIT)
		raise(number);
}

static void add_restore(const char *name)
{
	const char *text = tigetstr(name);

	/* (char *)-1: no such capability */
	if (!text || text == (char *)-1 || restore.length + strlen(text) >= sizeof(restore.sequence))
		return;
	memcpy(restore.sequence + restore.length, text, strlen(text));
	restore.length += strlen(text);
}

void restore_note_modes(void)
{
	tcgetattr(STDOUT_FILENO, &restore.modes);
}

void restore_arm(void)
{
	static const char mouse_off[] = "\033[?1000l\033[?1006l";
	struct sigaction action = {.sa_sigaction = on_deadly_signal, .sa_flags = SA_SIGINFO};

	restore.length = 0;
	add_restore("sgr0");
	add_restore("op");
	add_restore("rmkx");
	memcpy(restore.sequence + restore.length, mouse_off, sizeof(mouse_off) - 1);
	restore.length += sizeof(mouse_off) - 1;
	add_restore("cnorm");
	add_restore("rmcup");
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(deadly[i], &action, &restore.before[i]);
	/* memory that cannot be had ends the program with exit() */
	if (!restore.registered)
		restore.registered = atexit(put_back) == 0;
	restore.armed = 1;
}

void restore_disarm(void)
{
	if (!restore.armed)
		return;
	restore.armed = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(deadly[i], &restore.before[i], NULL);
}
