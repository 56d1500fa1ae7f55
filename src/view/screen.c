#include "view/screen.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>

#include "base/err.h"
#include "base/utf8.h"
#include "view/screen_restore.h"

/* curses.h has macros for some plain words */
#undef tab
#undef columns
#undef lines

enum { ESCAPE_MS = 25, RUN_MAX = 512 };

struct screen {
	SCREEN *curses;
	FILE *terminal;        /* for keys, if standard input is not one */
	bool utf8, color;
	attr_t attributes[STYLE_COUNT];
};

/* ---- styles ---- */

/* Numbers of 256 colors (tone on an unknown, a dark, a light background), the nearest of 8, and attributes. */
static const struct look {
	short tones[3];
	short basic;
	attr_t with, without; /* attributes with and without color */
} looks[STYLE_COUNT] = {
	[STYLE_PLAIN] = {{-1, -1, -1}, -1, 0, 0},
	[STYLE_BOLD] = {{-1, -1, -1}, -1, A_BOLD, A_BOLD},
	[STYLE_DIM] = {{244, 246, 242}, -1, 0, A_DIM},
	[STYLE_HEAD] = {{31, 74, 24}, COLOR_CYAN, A_BOLD, A_BOLD},
	[STYLE_ERROR] = {{160, 203, 124}, COLOR_RED, A_BOLD, A_BOLD},
	[STYLE_WARNING] = {{136, 221, 94}, COLOR_YELLOW, 0, A_UNDERLINE},
	[STYLE_INFO] = {{31, 81, 25}, COLOR_CYAN, 0, 0},
	[STYLE_GOOD] = {{34, 78, 28}, COLOR_GREEN, 0, 0},
	[STYLE_REQUEST] = {{32, 75, 25}, COLOR_CYAN, 0, A_BOLD},
	[STYLE_RESPONSE] = {{136, 222, 94}, COLOR_YELLOW, 0, 0},
	[STYLE_FIELD] = {{67, 110, 24}, COLOR_BLUE, 0, 0},
	[STYLE_VALUE] = {{-1, -1, -1}, -1, 0, 0},
	[STYLE_MARK] = {{160, 203, 124}, COLOR_RED, A_REVERSE, A_REVERSE},
	[STYLE_DIFFERS] = {{162, 213, 125}, COLOR_MAGENTA, A_BOLD, A_UNDERLINE},
	[STYLE_KEY] = {{34, 78, 28}, COLOR_GREEN, A_BOLD, A_BOLD},
	[STYLE_NONCE_0] = {{37, 80, 30}, COLOR_CYAN, 0, 0},
	[STYLE_NONCE_1] = {{133, 176, 90}, COLOR_MAGENTA, 0, 0},
	[STYLE_NONCE_2] = {{136, 179, 94}, COLOR_YELLOW, 0, 0},
	[STYLE_NONCE_3] = {{70, 114, 64}, COLOR_GREEN, 0, 0},
	[STYLE_NONCE_4] = {{69, 111, 26}, COLOR_BLUE, 0, 0},
	[STYLE_NONCE_5] = {{167, 210, 131}, COLOR_RED, 0, 0},
};

/* Terminals that tell their colors do so here: "15;0" is light on dark. */
static enum background guess_background(void)
{
	const char *text = getenv("COLORFGBG"), *last = text ? strrchr(text, ';') : NULL;
	int color;

	if (!last)
		return BACKGROUND_UNKNOWN;
	color = atoi(last + 1);
	return color == 7 || color > 8 ? BACKGROUND_LIGHT : BACKGROUND_DARK;
}

static void set_styles(struct screen *s, const struct screen_options *o)
{
	enum background background = o->background ? o->background : guess_background();

	s->color = o->color && has_colors();
	for (int i = 0; i < STYLE_COUNT; i++) {
		short color = COLORS >= 256 ? looks[i].tones[background] : looks[i].basic;

		s->attributes[i] = looks[i].without;
		if (!s->color)
			continue;
		s->attributes[i] = looks[i].with;
		/* the pair 0 is the terminal's own */
		if (color < 0 || init_pair((short)(i + 1), color, -1) == ERR)
			continue;
		s->attributes[i] |= (attr_t)COLOR_PAIR(i + 1);
	}
}

static void set_mouse(bool on)
{
	mousemask(on ? BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON1_PRESSED | BUTTON4_PRESSED |
			BUTTON5_PRESSED : 0, NULL);
	mouseinterval(on ? 150 : 0);
}

void screen_set(struct screen *s, const struct screen_options *o)
{
	set_styles(s, o);
	set_mouse(o->mouse);
}

/* ---- opening and closing ---- */

/* NULL: `why` tells. Keys come from the terminal even if standard input is a capture. */
static FILE *open_keys(char why[SCREEN_TROUBLE])
{
	FILE *f;

	if (!isatty(STDOUT_FILENO)) {
		snprintf(why, SCREEN_TROUBLE, "the viewer needs a terminal, and standard output is none; "
			"'sipauth analyze' writes a report");
		return NULL;
	}
	if (isatty(STDIN_FILENO))
		return stdin;
	f = fopen("/dev/tty", "re");
	if (!f)
		snprintf(why, SCREEN_TROUBLE, "the viewer needs a terminal for its keys, and there is none; "
			"'sipauth analyze' writes a report");
	return f;
}

static bool known_terminal(char why[SCREEN_TROUBLE])
{
	const char *term = getenv("TERM");
	int error = 0;
	bool places;

	if (setupterm(NULL, STDOUT_FILENO, &error) == ERR) {
		snprintf(why, SCREEN_TROUBLE, "TERM is '%.64s', which nothing is known of; try TERM=xterm",
			term ? term : "");
		return false;
	}
	places = tigetstr("cup") && tigetstr("cup") != (char *)-1;
	/* newterm() reads the description again */
	del_curterm(cur_term);
	if (!places)
		snprintf(why, SCREEN_TROUBLE, "the terminal '%.64s' cannot place its cursor; try TERM=xterm",
			term ? term : "");
	return places;
}

struct screen *screen_open(const struct screen_options *o, char why[SCREEN_TROUBLE])
{
	struct screen *s;
	FILE *keys = open_keys(why);

	if (!keys || !known_terminal(why)) {
		if (keys && keys != stdin)
			fclose(keys);
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->terminal = keys;
	s->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	restore_note_modes();
	set_escdelay(ESCAPE_MS);
	s->curses = newterm(NULL, stdout, keys);
	if (!s->curses) {
		snprintf(why, SCREEN_TROUBLE, "the terminal cannot be used; try TERM=xterm");
		if (keys != stdin)
			fclose(keys);
		free(s);
		return NULL;
	}
	restore_arm();
	start_color();
	use_default_colors();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	curs_set(0);
	screen_set(s, o);
	return s;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	mousemask(0, NULL);
	endwin();
	restore_disarm();
	delscreen(s->curses);
	if (s->terminal != stdin)
		fclose(s->terminal);
	free(s);
}

unsigned screen_rows(const struct screen *s)
{
	(void)s;
	return (unsigned)getmaxy(stdscr);
}

unsigned screen_columns(const struct screen *s)
{
	(void)s;
	return (unsigned)getmaxx(stdscr);
}

bool screen_utf8(const struct screen *s)
{
	return s->utf8;
}

/* ---- drawing ---- */

void screen_clear(struct screen *s)
{
	(void)s;
	curs_set(0);
	erase();
}

/* What stands for a character that the locale does not have. */
static wchar_t substitute(wchar_t c)
{
	if (c == 0x2500 || c == 0x2014 || c == 0x2013)
		return '-';
	if (c == 0x2502)
		return '|';
	if (c >= 0x2500 && c < 0x2580)
		return '+';
	return c == 0x2192 || c == 0x25b6 ? '>' : c == 0x2190 || c == 0x25c0 ? '<' : c == 0x2026 ? '~' : '?';
}

/* The character at the beginning of `s`; *bytes: its length, *width: its columns. */
static wchar_t next_character(const struct screen *screen, struct slice s, size_t *bytes, int *width)
{
	wchar_t c;

	*bytes = utf8_sequence(s);
	*width = 1;
	if (*bytes <= 1) {
		c = *bytes ? (unsigned char)*s.p : '?';
		*bytes = 1;
		return c >= ' ' && c != 0x7f ? c : ' ';
	}
	c = (wchar_t)utf8_code_point(s, *bytes);
	*width = wcwidth(c);
	if (*width < 0 || !screen->utf8) {
		*width = 1;
		return substitute(c);
	}
	return c;
}

static attr_t attributes(const struct screen *s, struct pen pen)
{
	return s->attributes[pen.style] ^ (pen.reverse ? A_REVERSE : 0);
}

unsigned screen_put(struct screen *s, unsigned row, unsigned column, unsigned width, struct pen pen, struct slice text)
{
	wchar_t run[RUN_MAX];
	unsigned used = 0;
	int n = 0;

	if (row >= screen_rows(s) || column >= screen_columns(s))
		return 0;
	if (width > screen_columns(s) - column)
		width = screen_columns(s) - column;
	attrset((int)attributes(s, pen));
	move((int)row, (int)column);
	while (text.n) {
		size_t bytes;
		int columns_of;
		wchar_t c = next_character(s, text, &bytes, &columns_of);

		if (used + (unsigned)columns_of > width)
			break;
		used += (unsigned)columns_of;
		run[n++] = c;
		text = slice_from(text, bytes);
		if (n == RUN_MAX) {
			addnwstr(run, n);
			n = 0;
		}
	}
	addnwstr(run, n);
	attrset(A_NORMAL);
	return used;
}

void screen_blank(struct screen *s, unsigned row, unsigned column, unsigned width, struct pen pen)
{
	if (row >= screen_rows(s) || column >= screen_columns(s))
		return;
	if (width > screen_columns(s) - column)
		width = screen_columns(s) - column;
	attrset((int)attributes(s, pen));
	mvhline((int)row, (int)column, ' ', (int)width);
	attrset(A_NORMAL);
}

void screen_vertical(struct screen *s, unsigned row, unsigned column, unsigned height)
{
	attrset((int)s->attributes[STYLE_DIM]);
	mvvline((int)row, (int)column, s->utf8 ? 0 : '|', (int)height);
	attrset(A_NORMAL);
}

void screen_horizontal(struct screen *s, unsigned row, unsigned column, unsigned width)
{
	attrset((int)s->attributes[STYLE_DIM]);
	mvhline((int)row, (int)column, s->utf8 ? 0 : '-', (int)width);
	attrset(A_NORMAL);
}

void screen_frame(struct screen *s, unsigned row, unsigned column, unsigned height, unsigned width)
{
	int top = (int)row, left = (int)column, bottom = (int)(row + height) - 1, right = (int)(column + width) - 1;

	screen_horizontal(s, row, column, width);
	screen_horizontal(s, row + height - 1, column, width);
	screen_vertical(s, row, column, height);
	screen_vertical(s, row, column + width - 1, height);
	attrset((int)s->attributes[STYLE_DIM]);
	mvaddch(top, left, s->utf8 ? ACS_ULCORNER : '+');
	mvaddch(top, right, s->utf8 ? ACS_URCORNER : '+');
	mvaddch(bottom, left, s->utf8 ? ACS_LLCORNER : '+');
	mvaddch(bottom, right, s->utf8 ? ACS_LRCORNER : '+');
	attrset(A_NORMAL);
}

void screen_cursor(struct screen *s, unsigned row, unsigned column)
{
	(void)s;
	move((int)row, (int)column);
	curs_set(1);
}

void screen_show(struct screen *s)
{
	(void)s;
	refresh();
}

void screen_refresh_all(struct screen *s)
{
	(void)s;
	clearok(stdscr, TRUE);
}

/* ---- clipboard ---- */

void screen_copy(struct screen *s, struct slice text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)text.p;

	(void)s;
	fputs("\033]52;c;", stdout);
	for (size_t i = 0; i < text.n; i += 3) {
		size_t left = text.n - i;
		uint32_t bits =
			(uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0u);

		putchar(digits[bits >> 18]);
		putchar(digits[bits >> 12 & 63]);
		putchar(left > 1 ? digits[bits >> 6 & 63] : '=');
		putchar(left > 2 ? digits[bits & 63] : '=');
	}
	putchar('\a');
	fflush(stdout);
}
