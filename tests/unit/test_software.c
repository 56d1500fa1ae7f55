/* Fixes by the software that is seen: names, whose setting it is, and the table itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "auth/software.h"

static void test_names(void **state)
{
	static const struct {
		const char *value;
		enum software software;
	} rows[] = {
		{"VOS3000 V2.1.9.07", SOFTWARE_VOS3000},
		{"Asterisk PBX 20.6.0", SOFTWARE_ASTERISK},
		{"Asterisk PBX certified/18.9-cert4", SOFTWARE_ASTERISK},
		{"Asterisk PBX 18.1.0", SOFTWARE_ASTERISK},
		{"asterisk", SOFTWARE_ASTERISK},
		/* before there was chan_pjsip */
		{"Asterisk PBX 1.6.2.9-2+squeeze10", SOFTWARE_CHAN_SIP},
		{"Asterisk PBX 11.7.0~dfsg-1ubuntu1", SOFTWARE_CHAN_SIP},
		{"Asterisk PBX certified/11.6-cert1", SOFTWARE_CHAN_SIP},
		{"FPBX-14.0.13.4(13.27.0)", SOFTWARE_FREEPBX},
		{"FreeSWITCH-mod_sofia/1.10.12-release", SOFTWARE_FREESWITCH},
		{"kamailio (5.6.3 (x86_64/linux))", SOFTWARE_KAMAILIO},
		{"OpenSIPS (3.2.0 (x86_64/linux))", SOFTWARE_OPENSIPS},
		{"3CXPhoneSystem 18.0.1.234 (234)", SOFTWARE_3CX},
		/* a softphone */
		{"3CXPhone 6.0.26523.0", SOFTWARE_UNKNOWN},
		{"Grandstream GXP1625 1.0.4.132", SOFTWARE_UNKNOWN},
		{"", SOFTWARE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (software_of(slice_of(rows[i].value)) != rows[i].software)
			fail_msg("%s: %s", rows[i].value,
				software_name(software_of(slice_of(rows[i].value))));
	assert_int_equal(software_of(SLICE_ABSENT), SOFTWARE_UNKNOWN);
	assert_string_equal(software_name(SOFTWARE_KAMAILIO), "Kamailio");
	assert_string_equal(software_name(SOFTWARE_UNKNOWN), "");
}

#define PHONE "Grandstream GXP1625"
#define AST "Asterisk PBX 20.6.0"
#define FS "FreeSWITCH-mod_sofia/1.10.12"
#define KAM "kamailio (5.6.3)"
#define VOS "VOS3000 V2.1.9.07"

static void test_party(void **state)
{
	static const struct {
		const char *name;
		enum finding_id id;
		enum fault fault;
		const char *client, *server, *part; /* of the fix; NULL: none */
		bool vos3000;
	} rows[] = {
		{"account of the server", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, PHONE, AST,
			"auth= of the endpoint", false},
		{"account of a trunk, server unknown", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, AST,
			"", "outbound_auth=", false},
		{"between two that are known the server's counts", FINDING_REJECTED_CREDENTIALS,
			FAULT_CONFIG, FS, KAM, "subscriber table", false},
		{"fault of a client that is known", FINDING_CHALLENGE_IGNORED, FAULT_CLIENT, FS,
			KAM, "Gateway in the sofia profile", false},
		{"fault of a phone: nothing to set on the server", FINDING_CHALLENGE_IGNORED,
			FAULT_CLIENT, PHONE, KAM, NULL, false},
		{"fault of the server: nothing to set on the client",
			FINDING_STALE_FLAG_MISSING, FAULT_SERVER, AST, PHONE, NULL, true},
		{"config of the challenge", FINDING_REGISTER_407_IGNORED, FAULT_CONFIG, PHONE, KAM,
			"auth_challenge()", false},
		{"VOS3000 as the server", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, PHONE, VOS, NULL,
			true},
		{"VOS3000 as the client of a carrier", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, VOS,
			KAM, "subscriber table", true},
		{"nobody is known", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, PHONE, "", NULL, true},
		{"known, but without a fix: the neutral text alone", FINDING_OPAQUE_ALTERED,
			FAULT_CLIENT, PHONE, KAM, NULL, false},
		{"chan_sip has no pjsip.conf", FINDING_DIGEST_MISMATCH, FAULT_CONFIG, PHONE,
			"Asterisk PBX 11.7.0", NULL, false},
		{"nobody's setting", FINDING_REALM_CHANGED, FAULT_MIDDLEBOX, PHONE, KAM, NULL,
			false},
		{"CSeq of Kamailio's uac", FINDING_CSEQ_NOT_INCREMENTED, FAULT_CLIENT, KAM, "x",
			"track_cseq_updates=1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct software_advice a = software_advise(rows[i].id, rows[i].fault,
			slice_of(rows[i].client), slice_of(rows[i].server));

		if (!a.fix != !rows[i].part || (a.fix && !strstr(a.fix, rows[i].part)) ||
			a.vos3000 != rows[i].vos3000)
			fail_msg("%s: %s, VOS3000 %d", rows[i].name, a.fix ? a.fix : "no fix",
				a.vos3000);
		assert_int_equal(!a.fix, !a.row);
	}
}

/* Texts are ASCII sentences; a row is found again by its number. */
static void test_table(void **state)
{
	unsigned n = 1, seen[SOFTWARE_COUNT] = {0};

	(void)state;
	for (; software_row(n).fix; n++) {
		struct software_advice a = software_row(n);
		size_t length = strlen(a.fix);

		assert_int_equal(a.row, n);
		seen[a.software]++;
		assert_true(length > 20 && length < 400);
		assert_int_equal(a.fix[length - 1], '.');
		for (size_t i = 0; i < length; i++)
			assert_true(isprint((unsigned char)a.fix[i]));
	}
	assert_true(n > 30);
	for (enum software s = SOFTWARE_ASTERISK; s < SOFTWARE_COUNT; s++)
		assert_true(seen[s] > 1);
	assert_null(software_row(0).fix);
	assert_null(software_row(9999).fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_party),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
