#include "capture/libpcap.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* As Debian, and as everybody else names it. */
static const char *const names[] = {"libpcap.so.0.8", "libpcap.so.1"};

static void complain(char why[PCAP_ERRBUF_SIZE])
{
	snprintf(why, PCAP_ERRBUF_SIZE, "libpcap cannot be loaded: %.200s", dlerror());
}

static void *open_library(char why[PCAP_ERRBUF_SIZE])
{
	void *library = dlopen(names[0], RTLD_NOW | RTLD_LOCAL);

	if (!library)
		complain(why);
	return library ? library : dlopen(names[1], RTLD_NOW | RTLD_LOCAL);
}

/* ISO C has no way from dlsym()'s pointer to a function, POSIX has. */
static bool find_function(void *library, const char *name, void *function, size_t size)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, size);
	return symbol;
}

bool libpcap_load(struct libpcap *out, char why[PCAP_ERRBUF_SIZE])
{
	void *library = open_library(why);
	bool good = true;

	if (!library)
		return false;
#define LIBPCAP_FIND(name) good = good && find_function(library, "pcap_" #name, &out->name, sizeof(out->name));
	LIBPCAP_FUNCTIONS(LIBPCAP_FIND)
#undef LIBPCAP_FIND
	if (!good)
		complain(why);
	return good;
}
