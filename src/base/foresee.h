/* Memory that will be needed soon, fetched while there is something else to do. */
#ifndef BASE_FORESEE_H
#define BASE_FORESEE_H

/* The cache line at `p`, which need not be readable. */
static inline void foresee(const void *p)
{
	__builtin_prefetch(p);
	/* else a function that does nothing but this would have no effect, and calls of it would be left out */
	__asm__ volatile("");
}

#endif
