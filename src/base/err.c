#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void err_line(const char *format, ...)
{
	va_list args;

	flockfile(stderr);
	fputs("sipauth: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

static void *must(void *p)
{
	if (!p) {
		err_line("out of memory");
		exit(2);
	}
	return p;
}

void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

void *xpages(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t first = HUGE_PAGE;

	must(p == MAP_FAILED ? NULL : p);
	first += (HUGE_PAGE - ((uintptr_t)p + first) % HUGE_PAGE) % HUGE_PAGE;
	/* if the system has none, it is slower and nothing else */
	if (first < size)
		(void)madvise(p + first, size - first, MADV_HUGEPAGE);
	return p;
}

char *xstrdup(const char *string)
{
	return must(strdup(string));
}
