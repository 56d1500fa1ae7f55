#include "report/paint.h"

static const char *const sequences[] = {
	[PAINT_PLAIN] = "",
	[PAINT_HEAD] = "\033[1m",
	[PAINT_DIM] = "\033[2m",
	[PAINT_ERROR] = "\033[1;31m",
	[PAINT_WARNING] = "\033[33m",
	[PAINT_OK] = "\033[32m",
};

const char *paint_on(bool color, enum paint p)
{
	return color ? sequences[p] : "";
}

const char *paint_off(bool color, enum paint p)
{
	return color && p != PAINT_PLAIN ? "\033[0m" : "";
}

void paint_add(struct buf *out, bool color, enum paint p, const char *text)
{
	buf_adds(out, paint_on(color, p));
	buf_adds(out, text);
	buf_adds(out, paint_off(color, p));
}
