#include "auth/limits.h"

#include "auth/tracker.h"

/* Megabytes of the program beside these tables: code, libraries, what decodes and reports. */
enum { FIXED = 20 };

/* At the default budget. */
static const struct limits usual = {
	.facts = 65536,
	.requests = 16384,
	.cnonces = 16384,
	.prints = 24576,
	.tombs = 32768,
	.nonces = 250000,
	.nonces_whole = 4096,
	.accounts = 250000,
	.accounts_whole = 12288,
	.sources = 20480,
	.suspects = 4096,
	.all = 40 << 20, /* bytes; not all there is: with more exchanges open everything takes longer */
	.exchanges = 5 << 20,
};

struct limits limits_for(unsigned megabytes, size_t taken)
{
	struct limits l = usual;
	size_t *each[] = {&l.facts, &l.requests, &l.cnonces, &l.prints, &l.tombs, &l.nonces,
		&l.nonces_whole, &l.accounts, &l.accounts_whole, &l.sources, &l.suspects, &l.all,
		&l.exchanges};

	if (!megabytes)
		megabytes = TRACKER_MEMORY;
	taken >>= 20;
	megabytes = megabytes > taken + TRACKER_MEMORY_LEAST ? megabytes - (unsigned)taken
							     : TRACKER_MEMORY_LEAST;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++)
		*each[i] = *each[i] * (megabytes - FIXED) / (TRACKER_MEMORY - FIXED);
	return l;
}
