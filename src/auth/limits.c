#include "auth/limits.h"

/* What the program takes beside these tables: code, libraries, what decodes. */
enum { FIXED = 16 };

/* At the default budget; all full at once they stay below it. */
static const struct limits usual = {
	.facts = 65536,
	.requests = 65536,
	.cnonces = 32768,
	.prints = 65536,
	.tombs = 65536,
	.nonces = 250000,
	.nonces_whole = 8192,
	.accounts = 250000,
	.accounts_whole = 16384,
	.sources = 16384,
	.suspects = 16384,
	.exchange_bytes = 20 << 20,
};

struct limits limits_for(unsigned megabytes)
{
	struct limits l = usual;
	size_t *each[] = {&l.facts, &l.requests, &l.cnonces, &l.prints, &l.tombs, &l.nonces,
		&l.nonces_whole, &l.accounts, &l.accounts_whole, &l.sources, &l.suspects,
		&l.exchange_bytes};

	if (!megabytes)
		megabytes = MEMORY_DEFAULT;
	if (megabytes < MEMORY_LEAST)
		megabytes = MEMORY_LEAST;
	if (megabytes > MEMORY_MOST)
		megabytes = MEMORY_MOST;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++)
		*each[i] = *each[i] / (MEMORY_DEFAULT - FIXED) * (megabytes - FIXED);
	return l;
}
