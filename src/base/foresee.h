/* Memory that will be needed soon, fetched while there is something else to do. */
#ifndef BASE_FORESEE_H
#define BASE_FORESEE_H

#include <stddef.h>
#include <stdint.h>

/* The cache line at `p`, which need not be readable. */
static inline void foresee(const void *p)
{
	__builtin_prefetch(p);
	/* else a function that does nothing but this would have no effect, and calls of it would be left out */
	__asm__ volatile("");
}

/* All lines of `n` bytes. */
static inline void foresee_all(const void *p, size_t n)
{
	const char *line = (const char *)p - (uintptr_t)p % 64;

	for (; line < (const char *)p + n; line += 64)
		foresee(line);
}

#endif
