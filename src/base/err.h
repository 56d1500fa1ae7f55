/*
 * Trouble that a person must read: one line on standard error, "sipauth: ...".
 * Only the commands and the edges speak; the engine returns what it found.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

void err_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory that cannot be had ends the program: every table has a cap, so this is no daily event. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *string);
/*
 * Pages from the system, zeroed, given back with munmap(); only those that are touched take memory. They are huge if
 * there are any: it begins where one does, and `size` is best a multiple.
 */
enum { HUGE_PAGE = 2 << 20 };
void *xpages(size_t size);

#endif
