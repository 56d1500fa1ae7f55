/*
 * Fixes in the words of the software that is seen (Server and User-Agent): which file, section or
 * dialog, which parameter. What is not in the table has the neutral text of the catalogue alone.
 * No I/O, nothing that changes.
 */
#ifndef AUTH_SOFTWARE_H
#define AUTH_SOFTWARE_H

#include "auth/finding.h"

enum software {
	SOFTWARE_UNKNOWN, SOFTWARE_VOS3000, SOFTWARE_CHAN_SIP, SOFTWARE_FREEPBX, SOFTWARE_ASTERISK,
	SOFTWARE_FREESWITCH, SOFTWARE_KAMAILIO, SOFTWARE_OPENSIPS, SOFTWARE_3CX,
	SOFTWARE_COUNT
};

/* What is to be told beside the neutral fix. */
struct software_advice {
	enum software software;
	unsigned row;      /* of the table, from 1; 0: there is no fix for this software */
	const char *fix;   /* NULL without a row */
	bool vos3000;      /* the VOS3000 advice fits: it is one, or may be one */
};

/* By the value of a Server or User-Agent field; absent is fine. */
enum software software_of(struct slice value);
/* "Asterisk"; "" for SOFTWARE_UNKNOWN. Static storage. */
const char *software_name(enum software s);
/*
 * The fix of a finding between these two: that of the party at fault. What an account needs stands
 * with the server, and with the client where only that one is known.
 */
struct software_advice software_advise(
	enum finding_id id, enum fault fault, struct slice client, struct slice server);
/* The advice of a row, without VOS3000; empty if there is no such row. */
struct software_advice software_row(unsigned row);

#endif
