/*
 * The same text in other letters, cases and encodings: what keyboards, provisioning systems and phones
 * make of a password that is not plain ASCII (RFC 7616 4).
 */
#ifndef AUTH_CHARSET_H
#define AUTH_CHARSET_H

#include "base/arena.h"

enum charset_form {
	CHARSET_LOWER,
	CHARSET_UPPER,
	CHARSET_LATIN1,
	CHARSET_CP1252,
	CHARSET_UTF16LE,
	CHARSET_NFC,
	CHARSET_NFD,
	CHARSET_DOUBLE_UTF8 /* bytes taken for Latin-1 and encoded (once more) as UTF-8 */
};

/* From the arena; absent if the text has no such form (not UTF-8, letters that are not in it). */
struct slice charset_convert(struct slice text, enum charset_form form, struct arena *arena);
/* How many characters it has; bytes that are no UTF-8 count one each. */
size_t charset_length(struct slice text);
/* Its first n characters. */
struct slice charset_head(struct slice text, size_t n);

#endif
