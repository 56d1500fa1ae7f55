/*
 * JSON, written member by member into a buffer. Strings come out as valid UTF-8 whatever goes in: a
 * byte that is not part of it is escaped as \u00XX, and every object around it gets
 * "invalid_utf8":true.
 */
#ifndef REPORT_JSON_WRITE_H
#define REPORT_JSON_WRITE_H

#include <stdint.h>

#include "base/address.h"
#include "base/buf.h"

enum { JSON_DEPTH_MAX = 16 };

struct json {
	struct buf *out;
	unsigned depth;
	struct json_level {
		bool object, filled, invalid;
	} level[JSON_DEPTH_MAX];
};

/* `key` is NULL inside arrays, and for the outermost value. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
/* Ends the innermost object or array. */
void json_end(struct json *j);

/* Writes nothing for an absent slice: absent on the wire is absent in JSON. */
void json_slice(struct json *j, const char *key, struct slice value);
void json_string(struct json *j, const char *key, const char *value);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_time(struct json *j, const char *key, int64_t time);
void json_ms(struct json *j, const char *key, int64_t span);
void json_address(struct json *j, const char *key, const struct address *a);
void json_ip(struct json *j, const char *key, const struct address *a);

#endif
