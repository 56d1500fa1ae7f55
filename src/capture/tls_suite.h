/* The cipher suites of TLS that can be read. Internal to tls*.c. */
#ifndef CAPTURE_TLS_SUITE_H
#define CAPTURE_TLS_SUITE_H

#include <stdbool.h>
#include <stdint.h>

enum tls_cipher { GCM, CCM, CCM_8, CHACHA, CBC };
enum tls_hash { SHA1, SHA256, SHA384 };

struct tls_suite {
	uint16_t id;
	uint8_t cipher;
	uint8_t key;   /* bytes */
	uint8_t hash;  /* of the key derivation, TLS 1.2 and later */
	uint8_t mac;   /* of CBC */
	bool rsa;
};

#endif
