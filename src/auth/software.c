#include "auth/software.h"

#include "base/slice.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const char *const names[SOFTWARE_COUNT] = {
	[SOFTWARE_UNKNOWN] = "",
	[SOFTWARE_VOS3000] = "VOS3000",
	[SOFTWARE_CHAN_SIP] = "Asterisk (chan_sip)",
	[SOFTWARE_FREEPBX] = "FreePBX",
	[SOFTWARE_ASTERISK] = "Asterisk",
	[SOFTWARE_FREESWITCH] = "FreeSWITCH",
	[SOFTWARE_KAMAILIO] = "Kamailio",
	[SOFTWARE_OPENSIPS] = "OpenSIPS",
	[SOFTWARE_3CX] = "3CX",
};

/*
 * Parts of Server and User-Agent, letters' case ignored; the first that fits counts. Asterisk had
 * no chan_pjsip before version 12, and FreePBX writes pjsip.conf itself: what is right for the file
 * would be wrong advice for both. "3CXPhone" alone is the softphone.
 */
static const struct {
	const char *part;
	enum software software;
} patterns[] = {
	{"VOS", SOFTWARE_VOS3000},
	{"Asterisk PBX 1.", SOFTWARE_CHAN_SIP},
	{"Asterisk PBX 10.", SOFTWARE_CHAN_SIP},
	{"Asterisk PBX 11.", SOFTWARE_CHAN_SIP},
	{"Asterisk PBX certified/1.", SOFTWARE_CHAN_SIP},
	{"Asterisk PBX certified/11.", SOFTWARE_CHAN_SIP},
	{"FPBX", SOFTWARE_FREEPBX},
	{"Asterisk", SOFTWARE_ASTERISK},
	{"FreeSWITCH", SOFTWARE_FREESWITCH},
	{"kamailio", SOFTWARE_KAMAILIO},
	{"OpenSIPS", SOFTWARE_OPENSIPS},
	{"3CXPhoneSystem", SOFTWARE_3CX},
};

enum role { SERVER, CLIENT };

/* Findings that are mended in the same place. */
#define ROW_ACCOUNT                                                                                \
	FINDING_DIGEST_MISMATCH, FINDING_REJECTED_CREDENTIALS, FINDING_AUTH_REJECTED_403,          \
		FINDING_AUTH_LOOP, FINDING_AUTH_RETRY_SAME_CREDENTIALS
#define ROW_NO_ANSWER                                                                              \
	FINDING_CHALLENGE_IGNORED, FINDING_NO_CREDENTIALS_FOR_REALM,                               \
		FINDING_CREDENTIALS_MISSING_ON_RETRY, FINDING_REGISTER_407_IGNORED,                \
		FINDING_REALM_MISMATCH, FINDING_IN_DIALOG_CHALLENGE_IGNORED
#define ROW_MODE                                                                                   \
	FINDING_EXPECTED_MODE_MISMATCH, FINDING_REGISTER_407_IGNORED,                              \
		FINDING_REGISTER_CHALLENGED_407, FINDING_INVITE_CHALLENGED_401,                    \
		FINDING_SUBSCRIBE_CHALLENGED_407, FINDING_CHALLENGE_MODE_INCONSISTENT
#define ROW_REALM FINDING_REALM_NOT_UNIQUE, FINDING_REALM_EMPTY, FINDING_REALM_CHANGED
#define ROW_NONCE FINDING_NONCE_EXPIRED, FINDING_STALE_LOOP
#define ROW_ALGORITHM                                                                              \
	FINDING_MD5_ONLY, FINDING_ALGORITHM_UNSUPPORTED, FINDING_ALGORITHM_ORDER
#define IDS(...) ((const enum finding_id[]){__VA_ARGS__, FINDING_COUNT})

/*
 * Names of files, parameters and functions as their documentation and sample files have them:
 * pjsip.conf.sample and docs.asterisk.org; the vanilla configuration of FreeSWITCH and sofia_reg.c;
 * the auth, auth_db, uac and dialog modules of Kamailio; auth, auth_db and uac_auth of OpenSIPS;
 * the 3CX manual and its page on trunk authentication.
 */
static const struct row {
	enum software software;
	enum role role;
	const enum finding_id *ids;
	const char *fix;
} rows[] = {
	{SOFTWARE_ASTERISK, SERVER, IDS(ROW_ACCOUNT),
		"pjsip.conf, the auth section that auth= of the endpoint names: username and password "
		"(auth_type=userpass), or md5_cred, the MD5 of user:realm:password (auth_type=md5). "
		"Then reload res_pjsip."},
	{SOFTWARE_ASTERISK, SERVER, IDS(ROW_REALM),
		"pjsip.conf: realm= in the auth section, else default_realm in [global], which is "
		"\"asterisk\" if not set. An md5_cred must be made with the same realm."},
	{SOFTWARE_ASTERISK, SERVER, IDS(ROW_NONCE),
		"pjsip.conf: nonce_lifetime in the auth section, in seconds (32 if not set)."},
	{SOFTWARE_ASTERISK, SERVER,
		IDS(FINDING_EXPECTED_MODE_MISMATCH, FINDING_INVITE_CHALLENGED_401),
		"chan_pjsip challenges every request with 401 and WWW-Authenticate: expect 401 for "
		"INVITE as well."},
	{SOFTWARE_ASTERISK, SERVER, IDS(ROW_ALGORITHM),
		"pjsip.conf: supported_algorithms_uas in the auth section, from 20.12, 21.7 and 22.2 "
		"on; older versions know MD5 only."},
	{SOFTWARE_ASTERISK, SERVER, IDS(FINDING_UNCHALLENGED_ACCEPT),
		"pjsip.conf: an endpoint without auth= is not challenged; give it one, or let a "
		"type=identify section (match=ADDRESS) say where it may come from."},
	{SOFTWARE_ASTERISK, SERVER, IDS(FINDING_USERNAME_DIFFERS),
		"pjsip.conf: endpoints are found by the From user; to find them by the digest user add "
		"auth_username to endpoint_identifier_order in [global] and to identify_by of the "
		"endpoint."},
	{SOFTWARE_ASTERISK, CLIENT, IDS(ROW_ACCOUNT),
		"pjsip.conf: username and password of the auth section that outbound_auth= names, in "
		"the endpoint for calls and in the registration section."},
	{SOFTWARE_ASTERISK, CLIENT, IDS(ROW_NO_ANSWER),
		"pjsip.conf: outbound_auth= in the endpoint for calls and in the registration section. "
		"A realm= in that auth section must be the one of the challenge; without it any realm "
		"is answered."},
	{SOFTWARE_ASTERISK, CLIENT, IDS(FINDING_ALGORITHM_UNSUPPORTED),
		"pjsip.conf: supported_algorithms_uac in the auth section, from 20.12, 21.7 and 22.2 "
		"on; older versions know MD5 only."},

	{SOFTWARE_FREESWITCH, SERVER, IDS(ROW_ACCOUNT),
		"Directory, <user id=\"...\">: param password, or a1-hash, the MD5 of "
		"user:domain:password, whose domain must be the realm that is sent. Then reloadxml."},
	{SOFTWARE_FREESWITCH, SERVER, IDS(ROW_REALM),
		"Sofia profile: challenge-realm is auto_from, auto_to, or a fixed name; "
		"force-register-domain sets the domain in which a user that registers is looked up."},
	{SOFTWARE_FREESWITCH, SERVER, IDS(ROW_NONCE),
		"Sofia profile: nonce-ttl, in seconds (60 in the sample configuration)."},
	{SOFTWARE_FREESWITCH, SERVER, IDS(ROW_MODE),
		"mod_sofia challenges REGISTER with 401 and calls with 407: another code comes from a "
		"device in between."},
	{SOFTWARE_FREESWITCH, SERVER, IDS(FINDING_UNCHALLENGED_ACCEPT),
		"Sofia profile: auth-calls=true. The addresses of the list in apply-inbound-acl call "
		"without a password; accept-blind-reg and accept-blind-auth must not be true."},
	{SOFTWARE_FREESWITCH, SERVER, IDS(FINDING_USERNAME_DIFFERS),
		"Sofia profile: with inbound-reg-force-matching-username=true the digest user must be "
		"the user that registers."},
	{SOFTWARE_FREESWITCH, CLIENT, IDS(ROW_ACCOUNT, ROW_NO_ANSWER),
		"Gateway in the sofia profile: username and password; realm must be the one of the "
		"challenge (not set: the name of the gateway)."},

	{SOFTWARE_KAMAILIO, SERVER, IDS(ROW_ACCOUNT),
		"auth_db: the row of the user in the subscriber table. calculate_ha1=0: column ha1 is "
		"the MD5 of user:realm:password (ha1b for user@domain), made with the realm that is "
		"sent; calculate_ha1=1: set password_column to the clear password. With use_domain=1 "
		"the domain of the row must fit, too."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(ROW_MODE),
		"Routing script: auth_challenge() sends 401 to REGISTER and 407 to the rest; "
		"www_challenge() always sends 401, proxy_challenge() always 407."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(ROW_REALM),
		"Routing script: auth_check() and auth_challenge() need the same realm, the one that "
		"column ha1 was made with; $td and $fd change with the request. It must not be empty."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(ROW_NONCE),
		"modparam(\"auth\", \"nonce_expire\", SECONDS)."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_NONCE_ONE_TIME, FINDING_NONCE_CROSSED),
		"Module auth: one_time_nonce=1 lets each nonce in once; nonce_count=1 with qop \"auth\" "
		"protects as well, and clients may keep their nonce."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_NONCE_SOURCE_BOUND),
		"Module auth: flag 8 in auth_checks_register, auth_checks_no_dlg or auth_checks_in_dlg "
		"ties a nonce to the source address."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_STALE_FLAG_MISSING),
		"Routing script: where auth_check() returns -4 (nonce expired), add flag 16 "
		"(stale=true) to the flags of auth_challenge()."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_QOP_MISSING_IN_CHALLENGE, FINDING_QOP_UNSUPPORTED),
		"Routing script: flag 1 of auth_challenge(), www_challenge() and proxy_challenge() "
		"offers qop=auth, flag 2 auth-int."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(ROW_ALGORITHM),
		"modparam(\"auth\", \"algorithm\", \"SHA-256\"), or auth_algorithm() by client; MD5 if "
		"not set."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_USERNAME_DIFFERS),
		"Routing script: flag 1 of auth_check() refuses a digest user that is not the From or "
		"To user."},
	{SOFTWARE_KAMAILIO, SERVER, IDS(FINDING_USERNAME_DOMAIN_FORM),
		"auth_db: for user@domain the column of password_column_2 is used (ha1b)."},
	{SOFTWARE_KAMAILIO, CLIENT, IDS(ROW_ACCOUNT, ROW_NO_ANSWER),
		"Module uac: modparam credential, \"user:realm:password\", or auth_username_avp, "
		"auth_password_avp and auth_realm_avp, set before uac_auth() in the failure route."},
	{SOFTWARE_KAMAILIO, CLIENT, IDS(FINDING_CSEQ_NOT_INCREMENTED),
		"Module dialog: track_cseq_updates=1, and dlg_manage() for the call; uac_auth() alone "
		"leaves the CSeq as it is."},

	{SOFTWARE_OPENSIPS, SERVER, IDS(ROW_ACCOUNT),
		"auth_db: the row of the user in the subscriber table. calculate_ha1=0: column ha1 is "
		"the MD5 of user:realm:password (ha1b for user@domain), made with the realm that is "
		"sent; calculate_ha1=1: set password_column to the clear password. With use_domain=1 "
		"the domain of the row must fit, too."},
	{SOFTWARE_OPENSIPS, SERVER, IDS(ROW_MODE),
		"Routing script: www_challenge() challenges with WWW-Authenticate, proxy_challenge() "
		"with Proxy-Authenticate; take the first for REGISTER."},
	{SOFTWARE_OPENSIPS, SERVER, IDS(ROW_REALM),
		"Routing script: www_authorize() and www_challenge() need the same realm, so do "
		"proxy_authorize() and proxy_challenge(); \"\" takes it from the request."},
	{SOFTWARE_OPENSIPS, SERVER, IDS(ROW_NONCE, FINDING_NONCE_ONE_TIME, FINDING_NONCE_CROSSED),
		"Module auth: nonce_expire, in seconds (30 if not set). Each nonce is let in once; "
		"disable_nonce_check=1 is needed where several servers share one name."},
	{SOFTWARE_OPENSIPS, SERVER, IDS(FINDING_MD5_ONLY),
		"From 3.2 on auth, auth_db and uac_auth know SHA-256 and SHA-512-256."},
	{SOFTWARE_OPENSIPS, SERVER, IDS(FINDING_USERNAME_DOMAIN_FORM),
		"auth_db: for user@domain the column of password_column_2 is used (ha1b)."},
	{SOFTWARE_OPENSIPS, CLIENT, IDS(ROW_ACCOUNT, ROW_NO_ANSWER),
		"Module uac_auth: modparam credential, \"user:realm:password\", or auth_username_avp, "
		"auth_password_avp and auth_realm_avp."},

	{SOFTWARE_3CX, SERVER, IDS(ROW_ACCOUNT, FINDING_USERNAME_DIFFERS),
		"Extension > General: Authentication ID and password; the phone needs both, and its "
		"digest user is the Authentication ID, not the extension number."},
	{SOFTWARE_3CX, CLIENT, IDS(ROW_ACCOUNT, ROW_NO_ANSWER),
		"SIP trunk > General: type \"Register/Account based\", Authentication ID and password; "
		"\"Do not require - IP Based\" has none."},
};

enum software software_of(struct slice value)
{
	for (size_t i = 0; value.n && i < COUNT(patterns); i++)
		if (slice_has_nocase(value, slice_of(patterns[i].part)))
			return patterns[i].software;
	return SOFTWARE_UNKNOWN;
}

const char *software_name(enum software s)
{
	return (size_t)s < SOFTWARE_COUNT ? names[s] : "";
}

static bool is_about(const struct row *row, enum finding_id id)
{
	const enum finding_id *known = row->ids;

	while (*known != FINDING_COUNT && *known != id)
		known++;
	return *known == id;
}

static const struct row *find(enum software s, enum role role, enum finding_id id)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].software == s && rows[i].role == role && is_about(&rows[i], id))
			return &rows[i];
	return NULL;
}

/* Whose setting is it? Of the network and the capture nobody's. */
static const struct row *row_for(
	enum finding_id id, enum fault fault, enum software client, enum software server)
{
	const struct row *row = NULL;

	if (fault == FAULT_NETWORK || fault == FAULT_CAPTURE || fault == FAULT_MIDDLEBOX)
		return NULL;
	if (fault != FAULT_CLIENT)
		row = find(server, SERVER, id);
	if (!row && fault != FAULT_SERVER)
		row = find(client, CLIENT, id);
	return row;
}

struct software_advice software_row(unsigned row)
{
	if (!row || row > COUNT(rows))
		return (struct software_advice){SOFTWARE_UNKNOWN, 0, NULL, false};
	return (struct software_advice){
		rows[row - 1].software, row, rows[row - 1].fix, false};
}

struct software_advice software_advise(
	enum finding_id id, enum fault fault, struct slice client, struct slice server)
{
	enum software c = software_of(client), s = software_of(server);
	const struct row *row = row_for(id, fault, c, s);
	struct software_advice advice = software_row(row ? (unsigned)(row - rows) + 1 : 0);

	/* a server that does not name itself may be one, unless another setting is known */
	advice.vos3000 = s == SOFTWARE_VOS3000 || c == SOFTWARE_VOS3000 ||
		(s == SOFTWARE_UNKNOWN && !row);
	return advice;
}
