#include "cmd_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* The habit of browsers, curl and many SIP stacks: the variable is enough. */
static bool read_log(struct tls_keys *keys, const char *keylog)
{
	const char *path = keylog ? keylog : secure_getenv("SSLKEYLOGFILE");

	if (path && *path && !tls_keys_open(keys, path) && keylog) {
		err_line("%s: %s", path, strerror(errno));
		return false;
	}
	if (tls_keys_bad_lines(keys))
		err_line("%s: %llu lines are no key log lines "
			"(CLIENT_RANDOM ..., as Wireshark reads them)",
			path, (unsigned long long)tls_keys_bad_lines(keys));
	return true;
}

static bool read_private_key(struct tls_keys *keys, const char *tls_key)
{
	const char *why;

	if (!tls_key || tls_keys_rsa(keys, tls_key, &why))
		return true;
	err_line("%s: %s", tls_key, why);
	return false;
}

struct tls_keys *keys_open(const char *keylog, const char *tls_key, bool grows)
{
	struct tls_keys *keys = tls_keys_new();

	if (grows)
		tls_keys_set_live(keys);
	if (read_log(keys, keylog) && read_private_key(keys, tls_key))
		return keys;
	tls_keys_free(keys);
	return NULL;
}
