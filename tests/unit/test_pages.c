/* The pages of the viewer, as text, for real captures. */
#include "captured.h"

#include <locale.h>

#include "base/utf8.h"
#include "view/pages.h"

#define SECRET "1001:*:Harbour-31"

static const struct ladder_options with_details = {.details = true};

static void expect(struct page *p, const char *expected)
{
	struct buf text = {0};

	page_plain(p, &text);
	assert_string_equal(buf_string(&text), expected);
	buf_free(&text);
	page_free(p);
}

static bool has(const struct page *p, const char *needle)
{
	struct buf text = {0};
	bool found;

	page_plain(p, &text);
	found = strstr(buf_string(&text), needle) != NULL;
	buf_free(&text);
	return found;
}

static void expect_has(const struct page *p, const char *needle)
{
	if (!has(p, needle))
		fail_msg("'%s' is not there", needle);
}

/* The line with this text; fails if there is none. */
static struct page_line line_with(const struct page *p, const char *needle)
{
	for (size_t i = 0; i < page_line_count(p); i++) {
		struct page_line line = page_line_at(p, i);

		if (slice_has_nocase(line.text, slice_of(needle)))
			return line;
	}
	fail_msg("no line with '%s'", needle);
	return (struct page_line){0};
}

static struct slice text_in(const struct page_line *line, enum style style)
{
	for (size_t i = 0; i < line->span_count; i++)
		if (line->spans[i].style == style)
			return slice_between(line->text.p + line->spans[i].from, line->text.p + line->spans[i].to);
	return SLICE_ABSENT;
}

#define GAP "                      "

static void test_ladder(void **state)
{
	struct captured *c = captured_open("captures/realm-stored-ha1.pcap", SECRET);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	struct page p = {.columns = 80};

	(void)state;
	ladder_page(&p, d, &with_details);
	expect(&p,
		"#1 REGISTER 1001  rejected (401)\n"
		"The response is right if the realm is \"asterisk\" instead of \"voip.example\".\n"
		"\n"
		GAP "10.77.0.10:5060                            10.77.0.1:5060\n"
		GAP "Yealink SIP-T21P 34.72.0.1              VOS3000 V2.1.9.07\n"
		"09:42:40.396          |--REGISTER sip:10.77.0.1, CSeq 1---------------------->|\n"
		"09:42:40.397   +0.000 |<-401 Unauthorized-------------------------------------|\n"
		GAP "|  WWW-Authenticate realm=\"voip.example\"                |\n"
		GAP "|    nonce=awK5TG..JksI qop=\"auth\"                      |\n"
		"09:42:41.898   +1.500 |--REGISTER sip:10.77.0.1, CSeq 2---------------------->|\n"
		GAP "|  Authorization username=\"1001\" realm=\"voip.example\"   |\n"
		GAP "|    nonce=awK5TG..JksI nc=00000001 algorithm=MD5       |\n"
		GAP "|    qop=auth digest wrong                              |\n"
		GAP "|  ! digest-deviation                                   |\n"
		"09:42:41.899   +0.000 |<-401 Unauthorized-------------------------------------|\n"
		GAP "|  WWW-Authenticate realm=\"voip.example\"                |\n"
		GAP "|    nonce=awK5TW..vNWc qop=\"auth\"                      |\n"
		"\n"
		"Findings\n"
		"error    digest-deviation  The digest is right but for one known mistake\n"
		"info     md5-only  Only MD5 is offered\n");
	captured_close(c);
}

static void test_ladder_links_and_nonces(void **state)
{
	struct captured *c = captured_open("captures/realm-stored-ha1.pcap", SECRET);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	struct page p = {.columns = 120, .utf8 = true};
	struct page_line request, answer, challenge;
	enum style nonce;

	(void)state;
	ladder_page(&p, d, &with_details);
	request = line_with(&p, "CSeq 2");
	assert_int_equal(request.link.kind, LINK_MESSAGE);
	assert_int_equal(request.link.number, 2);
	assert_true(text_in(&request, STYLE_ERROR).n > 0); /* an error is found in it */
	assert_int_equal(line_with(&p, "! digest-deviation").link.kind, LINK_FINDING);
	answer = line_with(&p, "Authorization username");
	assert_int_equal(answer.link.kind, LINK_DIGEST);
	assert_int_equal(answer.link.number, 0);
	challenge = line_with(&p, "WWW-Authenticate");
	nonce = page_nonce_style(d->exchanges[0].x->attempts->final->challenges[0].nonce);
	assert_true(slice_eq(text_in(&challenge, nonce), SLICE("awK5TG..JksI")));
	assert_true(slice_eq(text_in(&answer, nonce), SLICE("awK5TG..JksI")));
	assert_int_equal(line_with(&p, "error    digest").link.kind, LINK_FINDING);
	page_free(&p);
	captured_close(c);
}

static void test_ladder_folds_copies(void **state)
{
	struct captured *c = captured_open("captures/lossy-register-ok.pcap", NULL);
	struct ladder_options unfolded = {.unfolded = true, .time = LADDER_SINCE_BEGIN};
	struct page p = {.columns = 80}, q = {.columns = 80};
	const struct detail *d = NULL;

	(void)state;
	for (uint32_t n = 1; !d && c->exchanges[n]; n++)
		for (const struct attempt *a = c->exchanges[n]->attempts; a; a = a->next)
			if (a->retransmissions)
				d = captured_detail(c, (uint32_t[]){n, 0});
	assert_non_null(d);
	ladder_page(&p, d, &(struct ladder_options){0});
	ladder_page(&q, d, &unfolded);
	expect_has(&p, " until +");
	assert_false(has(&p, "(again)"));
	expect_has(&q, "(again)");
	assert_false(has(&q, " until +"));
	expect_has(&q, "+0.000 ");
	assert_true(page_line_count(&q) > page_line_count(&p));
	page_free(&p);
	page_free(&q);
	captured_close(c);
}

static const char *name(void *arg, const struct address *a)
{
	(void)arg;
	return a->ip[3] == 1 ? "softswitch" : NULL;
}

static void test_ladder_silence_and_names(void **state)
{
	struct captured *c = captured_open("captures/port-unreachable.pcap", NULL);
	struct ladder_options named = {.name = name};
	struct page p = {.columns = 60};

	(void)state;
	ladder_page(&p, captured_detail(c, (uint32_t[]){1, 0}), &named);
	expect_has(&p, "|  ICMP port unreachable from 10.77.0.1, frame 2");
	expect_has(&p, " softswitch\n");
	page_free(&p);
	captured_close(c);
}

/* More hosts than fit make the page wider: nothing is lost, the screen scrolls. */
static void test_ladder_of_many_hosts(void **state)
{
	struct captured *c = captured_open("captures/register-401-ok.pcap", NULL);
	struct detail d = *captured_detail(c, (uint32_t[]){1, 0});
	struct detail_message hops[8];
	struct page p = {.columns = 80};
	struct page_line line;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		hops[i] = d.messages[0];
		hops[i].frame += i;
		hops[i].src.ip[3] = (uint8_t)(10 + i);
		hops[i].dst.ip[3] = (uint8_t)(11 + i);
	}
	d.messages = hops;
	d.count = 8;
	ladder_page(&p, &d, &with_details);
	line = line_with(&p, "10.77.0.18");
	assert_true(line.text.n > 8 * 22);
	expect_has(&p, "|--REGISTER, CSeq 1-->|");
	page_free(&p);
	captured_close(c);
}

static void test_message(void **state)
{
	struct captured *c = captured_open("captures/realm-mismatch.pcap", SECRET);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	struct page p = {.columns = 70};
	struct page_line line;

	(void)state;
	message_page(&p, d, 2);
	line = page_line_at(&p, 0);
	assert_true(slice_eq(line.text, SLICE("REGISTER sip:10.77.0.1 SIP/2.0")));
	assert_int_equal(line.spans[0].style, STYLE_REQUEST);
	line = line_with(&p, "User-Agent");
	assert_true(slice_eq(text_in(&line, STYLE_FIELD), SLICE("User-Agent")));
	assert_int_equal(line.link.kind, LINK_NONE);
	/* the evidence, in the very bytes; it leads to the finding */
	line = line_with(&p, "realm=");
	assert_true(slice_starts_nocase(text_in(&line, STYLE_MARK), SLICE("realm=\"")));
	assert_int_equal(line.link.kind, LINK_FINDING);
	line = line_with(&p, "! realm-mismatch");
	assert_int_equal(line.link.kind, LINK_FINDING);
	page_free(&p);
	captured_close(c);
}

static void test_message_as_it_is(void **state)
{
	static const char text[] = "\r\nREGISTER sip:a SIP/2.0\r\nSubject:\tx\033[31m\xff\r\n folded\r\n"
		"Authorization: Digest username=\"u\", realm=\"r\", nonce=\"12345678\", uri=\"sip:a\"\r\n\r\n"
		"v=0\r\no=- 1\r\n";
	struct captured *c = captured_open("captures/register-401-ok.pcap", NULL);
	struct detail d = *captured_detail(c, (uint32_t[]){1, 0});
	struct detail_message m = {.bytes = slice_of(text), .cut = true};
	struct page p = {.columns = 40};

	(void)state;
	d.messages = &m;
	d.count = 1;
	message_page(&p, &d, 0);
	expect(&p,
		"\n"
		"REGISTER sip:a SIP/2.0\n"
		"Subject:        x\\x1b[31m\\xff\n"
		" folded\n"
		"Authorization: Digest username=\"u\",\n"
		"  realm=\"r\", nonce=\"12345678\",\n"
		"  uri=\"sip:a\"\n"
		"\n"
		"v=0\n"
		"o=- 1\n"
		"(the capture has no more of it)\n");
	captured_close(c);
}

static void test_finding(void **state)
{
	struct captured *c = captured_open("captures/realm-mismatch.pcap", SECRET);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	const struct exchange *x = d->exchanges[0].x;
	struct page p = {.columns = 76};
	struct page_line line;

	(void)state;
	assert_non_null(x->cause);
	finding_page(&p, d, x->cause);
	expect_has(&p, "error realm-mismatch: ");
	expect_has(&p, "\nEvidence\nframe 3: REGISTER sip:10.77.0.1 SIP/2.0\n");
	expect_has(&p, "\nWhat to change\nFix       ");
	expect_has(&p, "\nVOS3000   ");
	expect_has(&p, "\nWhy\n");
	expect_has(&p, "\nSource    RFC ");
	line = line_with(&p, "realm=\"");
	assert_true(text_in(&line, STYLE_MARK).n > 0);
	assert_int_equal(line_with(&p, "frame 3: ").link.kind, LINK_MESSAGE);
	page_free(&p);
	captured_close(c);
}

static void test_digest(void **state)
{
	struct captured *c = captured_open("captures/realm-stored-ha1.pcap", SECRET);
	struct detail d = *captured_detail(c, (uint32_t[]){1, 0});
	struct page p = {.columns = 80}, shown = {.columns = 80};
	struct page_line line;

	(void)state;
	digest_page(&p, &d, 0, 0);
	expect_has(&p, "The digest in Authorization of frame 3, REGISTER\n");
	expect_has(&p, "\nA1       = 1001:voip.example:<hidden>\n");
	expect_has(&p, "\nresponse = MD5(string) = d99ac280f48f190f40f6826650f26466\n"
		       "sent     = aa2e787d49e9b73e7e0f5455a679734e\n");
	expect_has(&p, "\nA1       = 1001:asterisk:<hidden>  <-- realm-asterisk\n");
	line = line_with(&p, "realm-asterisk");
	assert_true(slice_eq(text_in(&line, STYLE_MARK), SLICE("1001:asterisk:<hidden>")));
	assert_false(has(&p, "Harbour"));
	d.show_secrets = true;
	digest_page(&shown, &d, 0, 0);
	expect_has(&shown, "1001:voip.example:Harbour-31");
	page_clear(&p);
	digest_page(&p, &d, 0, 99); /* there are none */
	assert_int_equal(page_line_count(&p), 0);
	page_free(&p);
	page_free(&shown);
	captured_close(c);
}

static void test_digest_verdicts(void **state)
{
	struct captured *right = captured_open("captures/register-401-ok.pcap", SECRET);
	struct captured *unknown = captured_open("captures/register-401-ok.pcap", NULL);
	struct page p = {0};

	(void)state;
	digest_page(&p, captured_detail(right, (uint32_t[]){1, 0}), 0, 0);
	expect_has(&p, "the digest is right");
	page_clear(&p);
	digest_page(&p, captured_detail(unknown, (uint32_t[]){1, 0}), 0, 0);
	expect_has(&p, "\nA1       = 1001:voip.example:<unknown>\n");
	expect_has(&p, "\nHA2      = MD5(A2) = bd68ffdec20cdbbeed0dca26b1f359b6\n");
	expect_has(&p, "No password is known");
	page_free(&p);
	captured_close(right);
	captured_close(unknown);
}

static void test_compare(void **state)
{
	struct captured *l = captured_open("captures/loop-wrong-header.pcap", NULL);
	struct captured *r = captured_open("captures/register-407-ok.pcap", NULL);
	struct page_side left = {7, captured_exchange(l, 1)}, right = {12, captured_exchange(r, 1)};
	struct page p = {.columns = 80};
	struct page_line line;

	(void)state;
	compare_page(&p, &left, &right);
	expect_has(&p, "                  #7 REGISTER 1001                #12 REGISTER 1001\n"
		       "                  rejected (407)                  accepted (200)\n");
	expect_has(&p, "\n11 differences that matter; 39 values are the same.\n\nWhat differs, and matters\nExchange\n");
	line = line_with(&p, "! header field");
	assert_true(slice_eq(text_in(&line, STYLE_DIFFERS), SLICE("Authorization")));
	page_clear(&p);
	compare_messages_page(&p, &l->messages[0], &r->messages[0]);
	expect_has(&p, "frame 1 ");
	expect_has(&p, "What is the same\n");
	page_free(&p);
	captured_close(l);
	captured_close(r);
}

static void test_summaries(void **state)
{
	struct captured *c = captured_open("captures/register-407-then-401.pcap", NULL);
	const struct account *worst[8];
	size_t n = accounts_worst(tracker_accounts(c->tracker), worst, 8);
	struct page p = {.columns = 80};

	(void)state;
	accounts_page(&p, worst, n, n + 3);
	servers_page(&p, tracker_advice(c->tracker));
	expect(&p,
		"Accounts, those that need attention first\n"
		"1001@voip.example at 10.77.0.1:5060  accepted again at 09:43:09, before that:\n"
		"  the phone did not answer a 407 to REGISTER\n"
		"  1 unanswered, 1 accepted; from 10.77.0.10, Grandstream GXP1625 1.0.4.132\n"
		"and 3 more\n"
		"\n"
		"Servers that challenge, most failures first\n"
		"10.77.0.1:5060  VOS3000 V2.1.9.07  2 exchanges, 1 failed\n"
		"  challenges REGISTER with 407 (1) or 401 (1)\n"
		"  mode 1: The same method gets 401 and 407; Grandstream GXP1625 1.0.4.132\n"
		"  answers 401 and ignores 407.\n"
		"    Grandstream GXP1625 1.0.4.132  2 exchanges, 1 failed  answers 401  ignores 407\n");
	accounts_page(&p, NULL, 0, 0);
	servers_page(&p, &(struct advice){0});
	expect_has(&p, "No account was used yet.\n");
	expect_has(&p, "No server challenged yet.\n");
	page_free(&p);
	captured_close(c);
}

/* ---- any bytes, any width ---- */

static void check_lines(const struct page *p)
{
	for (size_t i = 0; i < page_line_count(p); i++) {
		struct page_line line = page_line_at(p, i);
		uint32_t at = 0;

		assert_true(utf8_valid(line.text));
		for (size_t k = 0; k < line.text.n; k++)
			assert_false((unsigned char)line.text.p[k] < ' ' || line.text.p[k] == 0x7f);
		for (size_t k = 0; k < line.span_count; k++) {
			assert_true(line.spans[k].from >= at && line.spans[k].from < line.spans[k].to);
			at = line.spans[k].to;
		}
		assert_true(at <= line.text.n);
	}
}

static void every_page(const struct detail *d, unsigned columns)
{
	const struct exchange *x = d->exchanges[0].x;
	const struct attempt *a;
	struct page p = {.columns = columns, .utf8 = columns % 2 == 0};

	ladder_page(&p, d, &with_details);
	ladder_page(&p, d, &(struct ladder_options){.unfolded = true, .color = LADDER_COLOR_CSEQ});
	for (size_t i = 0; i < d->count; i++)
		message_page(&p, d, i);
	for (unsigned i = 0; i < x->finding_count; i++)
		finding_page(&p, d, x->findings[i]);
	for (uint32_t i = 0; detail_credential(x, i, &a); i++)
		digest_page(&p, d, 0, i);
	compare_page(&p, &(struct page_side){1, x}, &(struct page_side){2, x});
	check_lines(&p);
	page_free(&p);
}

static void test_every_capture_and_width(void **state)
{
	static const char *const paths[] = {"captures/two-proxies-ok.pcap", "captures/ims-placeholder-ok.pcap",
		"captures/bad-request-quoted.pcap", "captures/nonce-expired-reused.pcap", "captures/register-tcp-ok.pcap",
		"captures/both-challenges-ok.pcap", "captures/port-unreachable.pcap"};
	static const unsigned widths[] = {0, 1, 23, 40, 71, 80, 133, 300};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct captured *c = captured_open(paths[i], SECRET);

		for (size_t w = 0; w < sizeof(widths) / sizeof(*widths); w++)
			every_page(captured_detail(c, (uint32_t[]){1, 0}), widths[w]);
		captured_close(c);
	}
}

/* Bytes of messages are changed at random after the engine has seen them: pages must bear that, too. */
static void test_mangled_messages(void **state)
{
	struct captured *c = captured_open("captures/wrong-password-loop.pcap", SECRET);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < 60; round++) {
		for (size_t i = 0; i < d->count; i++) {
			char *bytes = (char *)d->messages[i].bytes.p;

			random = random * 1664525u + 1013904223u;
			bytes[(random >> 8) % d->messages[i].bytes.n] = (char)(random >> 3);
		}
		every_page(d, 20 + (unsigned)round * 3);
	}
	captured_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ladder),
		cmocka_unit_test(test_ladder_links_and_nonces),
		cmocka_unit_test(test_ladder_folds_copies),
		cmocka_unit_test(test_ladder_silence_and_names),
		cmocka_unit_test(test_ladder_of_many_hosts),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_message_as_it_is),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_digest_verdicts),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_summaries),
		cmocka_unit_test(test_every_capture_and_width),
		cmocka_unit_test(test_mangled_messages),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
