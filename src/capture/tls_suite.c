#include "capture/tls_suite.h"

#include "capture/tls_crypto.h"

/* The IANA registry; those whose records differ in nothing that matters stand beside each other. */
static const struct tls_suite suites[] = {
	{0x1301, GCM, 16, SHA256}, {0x1302, GCM, 32, SHA384}, {0x1303, CHACHA, 32, SHA256},
	{0x1304, CCM, 16, SHA256}, {0x1305, CCM_8, 16, SHA256},
	/* RSA */
	{0x002f, CBC, 16, SHA256, SHA1, true}, {0x0035, CBC, 32, SHA256, SHA1, true},
	{0x003c, CBC, 16, SHA256, SHA256, true}, {0x003d, CBC, 32, SHA256, SHA256, true},
	{0x009c, GCM, 16, SHA256, 0, true}, {0x009d, GCM, 32, SHA384, 0, true},
	{0xc09c, CCM, 16, SHA256, 0, true}, {0xc09d, CCM, 32, SHA256, 0, true},
	{0xc0a0, CCM_8, 16, SHA256, 0, true}, {0xc0a1, CCM_8, 32, SHA256, 0, true},
	/* DHE_RSA */
	{0x0033, CBC, 16, SHA256, SHA1}, {0x0039, CBC, 32, SHA256, SHA1},
	{0x0067, CBC, 16, SHA256, SHA256}, {0x006b, CBC, 32, SHA256, SHA256},
	{0x009e, GCM, 16, SHA256}, {0x009f, GCM, 32, SHA384},
	{0xc09e, CCM, 16, SHA256}, {0xc09f, CCM, 32, SHA256},
	{0xc0a2, CCM_8, 16, SHA256}, {0xc0a3, CCM_8, 32, SHA256}, {0xccaa, CHACHA, 32, SHA256},
	/* ECDHE_ECDSA */
	{0xc009, CBC, 16, SHA256, SHA1}, {0xc00a, CBC, 32, SHA256, SHA1},
	{0xc023, CBC, 16, SHA256, SHA256}, {0xc024, CBC, 32, SHA384, SHA384},
	{0xc02b, GCM, 16, SHA256}, {0xc02c, GCM, 32, SHA384},
	{0xc0ac, CCM, 16, SHA256}, {0xc0ad, CCM, 32, SHA256},
	{0xc0ae, CCM_8, 16, SHA256}, {0xc0af, CCM_8, 32, SHA256}, {0xcca9, CHACHA, 32, SHA256},
	/* ECDHE_RSA */
	{0xc013, CBC, 16, SHA256, SHA1}, {0xc014, CBC, 32, SHA256, SHA1},
	{0xc027, CBC, 16, SHA256, SHA256}, {0xc028, CBC, 32, SHA384, SHA384},
	{0xc02f, GCM, 16, SHA256}, {0xc030, GCM, 32, SHA384}, {0xcca8, CHACHA, 32, SHA256},
};

const struct tls_suite *tls_suite_find(uint16_t id)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

bool tls_suite_is_rsa(const struct tls_suite *s)
{
	return s->rsa;
}

bool tls_suite_is_13(const struct tls_suite *s)
{
	return s->id >> 8 == 0x13;
}
