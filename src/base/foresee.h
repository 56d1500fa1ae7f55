/* Memory that will be needed soon, fetched while there is something else to do. */
#ifndef BASE_FORESEE_H
#define BASE_FORESEE_H

#include <stddef.h>

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
	for (size_t i = 0; i < n; i += 64)
		foresee((const char *)p + i);
}

#endif
