/* Requests as text, and what is made from them; header fields that the scanner does not pick out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "ua/header.h"
#include "ua/request.h"

static struct request invite(void)
{
	return (struct request){
		.method = SLICE("INVITE"), .uri = SLICE("sip:2001@example.com"), .transport = TRANSPORT_UDP,
		.sent_by = SLICE("10.0.0.9:5060"), .branch = "z9hG4bK1",
		.from = SLICE("<sip:1001@example.com>"), .from_tag = SLICE("f"), .to = SLICE("<sip:2001@example.com>"),
		.call_id = SLICE("c1"), .cseq = 2, .contact = SLICE("<sip:1001@10.0.0.9:5060>"),
		.credentials = SLICE("Authorization: Digest x=\"y\"\r\n"), .more = SLICE("Allow: INVITE\r\n"),
		.extra = SLICE("X-Trunk: 7\r\n"), .user_agent = SLICE("sipauth"),
		.routes = {SLICE("<sip:proxy.example;lr>")}, .route_count = 1,
		.content_type = SLICE("application/sdp"), .body = SLICE("v=0\r\n"),
	};
}

static const char invite_text[] =
	"INVITE sip:2001@example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1;rport\r\n"
	"Route: <sip:proxy.example;lr>\r\n"
	"Max-Forwards: 70\r\n"
	"From: <sip:1001@example.com>;tag=f\r\n"
	"To: <sip:2001@example.com>\r\n"
	"Call-ID: c1\r\n"
	"CSeq: 2 INVITE\r\n"
	"Contact: <sip:1001@10.0.0.9:5060>\r\n"
	"Authorization: Digest x=\"y\"\r\n"
	"Allow: INVITE\r\n"
	"X-Trunk: 7\r\n"
	"User-Agent: sipauth\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 5\r\n"
	"\r\n"
	"v=0\r\n";

static void assert_text(const struct request *r, const char *text)
{
	struct buf b = {0};

	request_build(r, &b);
	assert_string_equal(buf_string(&b), text);
	buf_free(&b);
}

static void test_build(void **state)
{
	struct request r = invite();

	(void)state;
	assert_text(&r, invite_text);
}

/* RFC 3261 17.1.1.3 and 22.1: Via, Route, CSeq number and credentials of the INVITE, To of the response. */
static void test_ack(void **state)
{
	struct request r = invite(), ack = request_ack(&r, SLICE("t"));

	(void)state;
	assert_text(&ack, "ACK sip:2001@example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1;rport\r\nRoute: <sip:proxy.example;lr>\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:1001@example.com>;tag=f\r\nTo: <sip:2001@example.com>;tag=t\r\n"
		"Call-ID: c1\r\nCSeq: 2 ACK\r\nAuthorization: Digest x=\"y\"\r\nX-Trunk: 7\r\nUser-Agent: sipauth\r\n"
		"Content-Length: 0\r\n\r\n");
}

/* 9.1: the same but for the method; no credentials (22.1). */
static void test_cancel(void **state)
{
	struct request r = invite(), cancel = request_cancel(&r);

	(void)state;
	assert_text(&cancel, "CANCEL sip:2001@example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1;rport\r\nRoute: <sip:proxy.example;lr>\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:1001@example.com>;tag=f\r\nTo: <sip:2001@example.com>\r\n"
		"Call-ID: c1\r\nCSeq: 2 CANCEL\r\nX-Trunk: 7\r\nUser-Agent: sipauth\r\nContent-Length: 0\r\n\r\n");
}

#define ANSWER(fields) "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nTo: <sip:2001@example.com>;tag=t\r\n" \
	"From: <sip:1001@example.com>;tag=f\r\nCall-ID: c1\r\nCSeq: 2 INVITE\r\n" fields "\r\n"

static const struct {
	const char *response, *uri, *routes[3];
} dialogs[] = {
	{ANSWER(""), "sip:2001@example.com", {NULL}},
	{ANSWER("m: \"a, b\" <sip:2001@10.0.0.2:5070;x=1>;expires=3\r\n"), "sip:2001@10.0.0.2:5070;x=1", {NULL}},
	/* the list from its end on; several values in one field */
	{ANSWER("Contact: <sip:c@h>\r\nRecord-Route: <sip:p1;lr>,<sip:p2;lr>\r\nRecord-Route: <sip:p3;lr>\r\n"), "sip:c@h",
		{"<sip:p3;lr>", "<sip:p2;lr>", "<sip:p1;lr>"}},
	/* a strict router becomes the Request-URI (12.2.1.1) */
	{ANSWER("Contact: <sip:c@h>\r\nRecord-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2>\r\n"), "sip:p2",
		{"<sip:p1;lr>", "<sip:c@h>"}},
};

static void test_dialogs(void **state)
{
	struct request r = invite();

	(void)state;
	for (size_t i = 0; i < sizeof(dialogs) / sizeof(*dialogs); i++) {
		struct auth_field auth[MESSAGE_AUTH_MAX];
		struct arena arena = {0};
		struct message m;
		struct dialog d;
		struct request bye;

		assert_true(message_scan(guard_copy(slice_of(dialogs[i].response)), &m, auth));
		dialog_from(&r, &m, &arena, &d);
		bye = request_in_dialog(&r, &d, SLICE("BYE"));
		assert_true(slice_eq(bye.uri, slice_of(dialogs[i].uri)));
		assert_true(slice_eq(bye.to_tag, SLICE("t")));
		for (unsigned k = 0; k < 3 && dialogs[i].routes[k]; k++)
			assert_true(slice_eq(bye.routes[k], slice_of(dialogs[i].routes[k])));
		assert_false(bye.body.p || bye.more.p || bye.contact.p);
		arena_free(&arena);
	}
}

static void test_fields(void **state)
{
	static const char text[] = "SIP/2.0 200 OK\r\nA: 1\r\nlong\t: 2\r\n  3\r\na:4\r\nEmpty:\r\nbad line\r\nA :5\r\n\r\nA: 6\r\n";
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;

	(void)state;
	assert_true(message_scan(guard_copy(SLICE(text)), &m, auth));
	assert_true(slice_eq(header_field(&m, SLICE("a"), 0, 0), SLICE("1")));
	assert_true(slice_eq(header_field(&m, SLICE("A"), 0, 1), SLICE("4")));
	assert_true(slice_eq(header_field(&m, SLICE("A"), 0, 2), SLICE("5")));
	assert_null(header_field(&m, SLICE("A"), 0, 3).p); /* the body is no header */
	assert_true(slice_eq(header_field(&m, SLICE("Long"), 0, 0), SLICE("2\r\n  3")));
	assert_true(slice_eq(header_field(&m, SLICE("none"), 'a', 1), SLICE("4")));
	assert_int_equal(header_field(&m, SLICE("Empty"), 0, 0).n, 0);
	assert_non_null(header_field(&m, SLICE("Empty"), 0, 0).p);
	/* cut anywhere: no byte beyond the end is read */
	for (size_t n = 15; n < sizeof(text) - 1; n++) {
		m.bytes = guard_copy((struct slice){text, n});
		header_field(&m, SLICE("none"), 0, 0);
	}
}

static void test_lists(void **state)
{
	struct slice list = SLICE(" <sip:a,b@h>;q=1 , \"x, \\\" y\" <sip:c> ,, last"), value;
	static const char *const values[] = {"<sip:a,b@h>;q=1", "\"x, \\\" y\" <sip:c>", "", "last"};

	(void)state;
	list = guard_copy(list);
	for (size_t i = 0; i < 4; i++) {
		value = header_list_next(&list);
		assert_true(slice_eq(value, slice_of(values[i])));
	}
	assert_null(header_list_next(&list).p);
	list = SLICE_ABSENT;
	assert_null(header_list_next(&list).p);
	list = guard_copy(SLICE("\"x\\"));
	assert_int_equal(header_list_next(&list).n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_dialogs),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}
