/* Keys and mouse, of the door to ncurses. */
#include "view/screen.h"

#include <wchar.h>

#include <curses.h>

static int mouse_event(struct mouse *mouse)
{
	MEVENT event;

	*mouse = (struct mouse){CLICK_NONE, 0, 0};
	if (getmouse(&event) != OK)
		return KEY_NOTHING;
	mouse->row = event.y < 0 ? 0 : (unsigned)event.y;
	mouse->column = event.x < 0 ? 0 : (unsigned)event.x;
	if (event.bstate & BUTTON4_PRESSED)
		mouse->click = CLICK_WHEEL_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		mouse->click = CLICK_WHEEL_DOWN;
	else if (event.bstate & BUTTON1_DOUBLE_CLICKED)
		mouse->click = CLICK_DOUBLE;
	else if (event.bstate & (BUTTON1_CLICKED | BUTTON1_PRESSED))
		mouse->click = CLICK_ONE;
	return mouse->click ? KEY_MOUSE_EVENT : KEY_NOTHING;
}

static int special_key(int code)
{
	static const struct {
		int curses, key;
	} table[] = {
		{KEY_UP, KEY_UPWARD}, {KEY_DOWN, KEY_DOWNWARD}, {KEY_LEFT, KEY_LEFTWARD},
		{KEY_RIGHT, KEY_RIGHTWARD}, {KEY_PPAGE, KEY_PAGE_UP}, {KEY_NPAGE, KEY_PAGE_DOWN},
		{KEY_HOME, KEY_FIRST}, {KEY_END, KEY_LAST}, {KEY_IC, KEY_INSERT}, {KEY_DC, KEY_DELETE},
		{KEY_BTAB, KEY_TAB_BACK}, {KEY_BACKSPACE, KEY_RUBOUT}, {KEY_ENTER, KEY_RETURN},
		{KEY_RESIZE, KEY_RESIZED},
	};

	if (code > KEY_F0 && code <= KEY_F0 + KEY_FUNCTIONS)
		return KEY_FUNCTION + code - KEY_F0;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].curses == code)
			return table[i].key;
	return KEY_NOTHING;
}

int screen_key(struct screen *s, int ms, struct mouse *mouse)
{
	wint_t c;
	int kind;

	(void)s;
	timeout(ms);
	kind = get_wch(&c);
	if (kind == KEY_CODE_YES)
		return c == KEY_MOUSE ? mouse_event(mouse) : special_key((int)c);
	if (kind != OK)
		return KEY_NOTHING;
	if (c == '\n')
		return KEY_RETURN;
	return c == '\b' ? KEY_RUBOUT : (int)c;
}
