/*
 * Bytes flush against a page that must not be touched: reading one byte too far faults, without any
 * sanitizer. guard_map and guard_unmap are a cmocka group setup and teardown.
 */
#ifndef TEST_GUARD_H
#define TEST_GUARD_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/slice.h"

enum { GUARD_PAGES = 32 };

static char *guard_end;

static inline int guard_map(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, (GUARD_PAGES + 1) * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (p == MAP_FAILED || mprotect(p + GUARD_PAGES * page, page, PROT_NONE) != 0)
		return -1;
	guard_end = p + GUARD_PAGES * page;
	return 0;
}

static inline int guard_unmap(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	return munmap(guard_end - GUARD_PAGES * page, (GUARD_PAGES + 1) * page);
}

/* The bytes, copied so that they end where the page begins; an absent slice stays absent. */
static inline struct slice guard_copy(struct slice s)
{
	if (s.n)
		memcpy(guard_end - s.n, s.p, s.n);
	return (struct slice){s.p ? guard_end - s.n : NULL, s.n};
}

/* Is `part` absent, or inside `whole`? */
static inline bool guard_inside(struct slice part, struct slice whole)
{
	return !part.p ||
		(part.p >= whole.p && part.n <= whole.n && part.p - whole.p <= (long)(whole.n - part.n));
}

#endif
