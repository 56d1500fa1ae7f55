#include "dialog.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#define REALM "voip.example"

/* A status makes it a response; to_tag: the request is sent within a dialog, or is the ACK of a refusal. */
struct step {
	const char *method;
	int status;
	unsigned cseq;
	bool answers;  /* carries credentials */
	bool to_tag;
};

static const struct step scripts[SCRIPT_COUNT][12] = {
	[SCRIPT_REGISTER] = {
		{"REGISTER", 0, 1}, {"REGISTER", 401, 1}, {"REGISTER", 0, 2, true}, {"REGISTER", 200, 2},
	},
	[SCRIPT_INVITE] = {
		{"INVITE", 0, 1}, {"INVITE", 407, 1}, {"ACK", 0, 1, false, true}, {"INVITE", 0, 2, true},
		{"INVITE", 100, 2}, {"INVITE", 180, 2}, {"INVITE", 200, 2}, {"ACK", 0, 2, false, true},
		{"BYE", 0, 3, false, true}, {"BYE", 200, 3},
	},
	[SCRIPT_LOOP] = {
		{"REGISTER", 0, 1}, {"REGISTER", 401, 1}, {"REGISTER", 0, 2, true}, {"REGISTER", 401, 2},
		{"REGISTER", 0, 3, true}, {"REGISTER", 401, 3}, {"REGISTER", 0, 4, true}, {"REGISTER", 401, 4},
	},
	[SCRIPT_GUESS] = {
		{"REGISTER", 0, 1}, {"REGISTER", 401, 1}, {"REGISTER", 0, 2, true}, {"REGISTER", 401, 2},
	},
};

static const char *const agents[] = {
	"Yealink SIP-T46U 108.86.0.75", "Grandstream GXP2170 1.0.11.79", "snomD785/10.1.175.16", "Cisco/SPA504G-7.6.2c",
};

struct text {
	char *p;
	size_t n;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->n += (size_t)vsnprintf(t->p + t->n, DIALOG_MESSAGE_MAX - t->n, format, args);
	va_end(args);
}

/* Spreads the bits: consecutive numbers are to give values that look as if they were drawn. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static void md5(char hex[33], const char *format, ...)
{
	char text[512];
	unsigned char hash[16];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	EVP_Digest(text, (size_t)n, hash, NULL, EVP_md5(), NULL);
	for (int i = 0; i < 16; i++) {
		hex[2 * i] = "0123456789abcdef"[hash[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
	}
	hex[32] = '\0';
}

void dialog_write_credentials(FILE *out, uint32_t account)
{
	fprintf(out, "u%u:" REALM ":Quay-%u\n", account, account);
}

static unsigned long long nonce(const struct dialog *d)
{
	return mix(d->number << 8 | d->nonces);
}

static void add_uri(struct text *t, const struct dialog *d, const struct step *s)
{
	if (*s->method == 'R')
		add(t, "sip:" REALM);
	else
		add(t, "sip:u%u@" REALM, d->account / 2);
}

/* The wrong password where the script has it fail; every other account has a server without qop. */
static void add_credentials(struct text *t, const struct dialog *d, const struct step *s)
{
	char ha1[33], ha2[33], response[33], uri[64];
	struct text to = {uri, 0};
	bool wrong = d->script == SCRIPT_LOOP || d->script == SCRIPT_GUESS, qop = d->account % 2;
	unsigned cnonce = (unsigned)mix(d->number + 7);

	add_uri(&to, d, s);
	md5(ha1, "u%u:" REALM ":%s-%u", d->account, wrong ? "wrong" : "Quay", d->account);
	md5(ha2, "%s:%s", s->method, uri);
	if (qop)
		md5(response, "%s:%016llx%08x:00000001:%08x:auth:%s", ha1, nonce(d), d->account, cnonce, ha2);
	else
		md5(response, "%s:%016llx%08x:%s", ha1, nonce(d), d->account, ha2);
	add(t, "%s: Digest username=\"u%u\", realm=\"" REALM "\", nonce=\"%016llx%08x\", uri=\"%s\", response=\"%s\", "
		"algorithm=MD5", *s->method == 'I' ? "Proxy-Authorization" : "Authorization", d->account, nonce(d),
		d->account, uri, response);
	if (qop)
		add(t, ", cnonce=\"%08x\", qop=auth, nc=00000001", cnonce);
	add(t, "\r\n");
}

static void add_via(struct text *t, const struct dialog *d, const struct step *s)
{
	uint32_t ip = d->client.ip;
	/* the ACK of a refusal belongs to its transaction, any other is one of its own */
	unsigned branch = s->cseq + (*s->method == 'A' && s->cseq > 1 ? 128 : 0);

	add(t, "Via: SIP/2.0/%s %u.%u.%u.%u:%u;branch=z9hG4bK%016llx;rport%s\r\n", d->transport, ip >> 24,
		ip >> 16 & 255, ip >> 8 & 255, ip & 255, d->client.port,
		(unsigned long long)mix(d->number << 8 | branch), s->status ? "=5060" : "");
}

static void add_ends(struct text *t, const struct dialog *d, const struct step *s)
{
	uint32_t peer = *s->method == 'R' ? d->account : d->account / 2;
	bool to_tag = s->to_tag || s->status > 100 || *s->method == 'B';

	add(t, "From: \"Extension %u\" <sip:u%u@" REALM ">;tag=%08x\r\nTo: <sip:u%u@" REALM ">", d->account, d->account,
		(unsigned)mix(d->number), peer);
	/* a BYE is about what the INVITE before it began */
	if (to_tag)
		add(t, ";tag=as%08x", (unsigned)mix(d->number << 4 | (s->cseq - (*s->method == 'B'))));
	add(t, "\r\nCall-ID: %016llx@10.%u.%u.%u\r\nCSeq: %u %s\r\n", (unsigned long long)mix(~d->number),
		d->client.ip >> 16 & 255, d->client.ip >> 8 & 255, d->client.ip & 255, s->cseq, s->method);
}

static void add_body(struct text *t, const struct dialog *d, const struct step *s)
{
	char body[512];
	uint32_t ip = s->status ? d->server.ip : d->client.ip;
	int n = 0;

	if (*s->method == 'I' && (!s->status || s->status == 200))
		n = snprintf(body, sizeof(body), "v=0\r\no=- %u %u IN IP4 %u.%u.%u.%u\r\ns=-\r\nc=IN IP4 %u.%u.%u.%u\r\n"
			"t=0 0\r\nm=audio %u RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
			"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
			d->account, d->account, ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255, ip >> 24,
			ip >> 16 & 255, ip >> 8 & 255, ip & 255, 10000 + d->account % 20000);
	add(t, "%sContent-Length: %d\r\n\r\n", n ? "Content-Type: application/sdp\r\n" : "", n);
	if (n)
		add(t, "%s", body);
}

static void add_request(struct text *t, const struct dialog *d, const struct step *s)
{
	uint32_t ip = d->client.ip;

	add(t, "%s ", s->method);
	add_uri(t, d, s);
	add(t, " SIP/2.0\r\n");
	add_via(t, d, s);
	add_ends(t, d, s);
	add(t, "Contact: <sip:u%u@%u.%u.%u.%u:%u>\r\n", d->account, ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255,
		d->client.port);
	if (s->answers)
		add_credentials(t, d, s);
	add(t, "Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE\r\n"
		"Max-Forwards: 70\r\nUser-Agent: %s\r\n%sAllow-Events: talk,hold,conference,refer,check-sync\r\n",
		d->script == SCRIPT_GUESS ? "friendly-scanner" : agents[d->account % 4],
		*s->method == 'R' ? "Expires: 300\r\n" : "");
}

static void add_response(struct text *t, const struct dialog *d, const struct step *s)
{
	const char *reason = s->status == 401 ? "Unauthorized" : s->status == 407 ? "Proxy Authentication Required" :
		s->status == 100 ? "Trying" : s->status == 180 ? "Ringing" : "OK";

	add(t, "SIP/2.0 %d %s\r\n", s->status, reason);
	add_via(t, d, s);
	add_ends(t, d, s);
	if (s->status == 401 || s->status == 407)
		add(t, "%s: Digest realm=\"" REALM "\", nonce=\"%016llx%08x\", algorithm=MD5%s\r\n",
			s->status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", nonce(d), d->account,
			d->account % 2 ? ", qop=\"auth\"" : "");
	if (s->status == 200)
		add(t, "Contact: <sip:u%u@" REALM ":5060>;expires=300\r\n", d->account);
	add(t, "Server: Asterisk PBX 18.10.0\r\n"
		"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE\r\n"
		"Supported: replaces, timer\r\n");
}

size_t dialog_next(struct dialog *d, char out[DIALOG_MESSAGE_MAX], bool *by_client)
{
	const struct step *s = &scripts[d->script][d->step];
	struct text t = {out, 0};

	if (!s->method)
		return 0;
	d->step++;
	d->nonces += s->status == 401 || s->status == 407;
	*by_client = !s->status;
	if (s->status)
		add_response(&t, d, s);
	else
		add_request(&t, d, s);
	add_body(&t, d, s);
	return t.n;
}
