/* Secrets of TLS connections, from the options --keylog and --tls-key. */
#ifndef CMD_KEYS_H
#define CMD_KEYS_H

#include <stdbool.h>

#include "capture/tls_keys.h"

/*
 * NULL options: not given; without a key log the one that SSLKEYLOGFILE names. `grows`: keys may still come.
 * NULL: trouble, and it was told.
 */
struct tls_keys *keys_open(const char *keylog, const char *tls_key, bool grows);

#endif
