#include "auth/limits.h"

/* Megabytes of the program beside these tables: code, libraries, what decodes and reports. */
enum { FIXED = 12 };

/* At the default budget. */
static const struct limits usual = {
	.facts = 49152,
	.requests = 49152,
	.cnonces = 16384,
	.prints = 32768,
	.tombs = 32768,
	.nonces = 250000,
	.nonces_whole = 8192,
	.accounts = 250000,
	.accounts_whole = 12288,
	.sources = 16384,
	.suspects = 8192,
	.all = (size_t)(MEMORY_DEFAULT - FIXED) << 20,
	.exchanges = 8 << 20,
};

struct limits limits_for(unsigned megabytes)
{
	struct limits l = usual;
	size_t *each[] = {&l.facts, &l.requests, &l.cnonces, &l.prints, &l.tombs, &l.nonces,
		&l.nonces_whole, &l.accounts, &l.accounts_whole, &l.sources, &l.suspects, &l.all,
		&l.exchanges};

	if (!megabytes)
		megabytes = MEMORY_DEFAULT;
	if (megabytes < MEMORY_LEAST)
		megabytes = MEMORY_LEAST;
	if (megabytes > MEMORY_MOST)
		megabytes = MEMORY_MOST;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++)
		*each[i] = *each[i] * (megabytes - FIXED) / (MEMORY_DEFAULT - FIXED);
	return l;
}
