/* The viewer without its screen: rows, filters, records, the list's order and cursor, keys, settings, typed lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view/edit.h"
#include "view/list.h"
#include "view/record.h"
#include "view/settings.h"
#include "fake.h"

/* A REGISTER of 1001 that was refused, from 10.1.0.7 to 10.0.0.1. */
static struct exchange *refused(uint32_t n)
{
	static const char *const also[] = {"realm-other", "realm-any"};
	struct exchange *x = exchange_new(n, METHOD_REGISTER);
	struct deviation *d = arena_alloc(&x->arena, sizeof(*d));
	struct finding *f;

	add_attempt(x, REQUEST("1", "Authorization: Digest username=\"1001\", realm=\"r.example\", "
		"nonce=\"n\"\r\n"), 5, T0);
	respond(x, RESPONSE("1", "401 Unauthorized", ""), 6, T0 + MS);
	f = add_finding(x, FINDING_DIGEST_DEVIATION, SEVERITY_ERROR, "the message");
	*d = (struct deviation){SLICE("realm-asterisk"), SLICE("asterisk"), also, 2};
	f->deviations = d;
	f->deviation_count = 1;
	f->attempt = x->attempts;
	f->in_response = true;
	f->param = PARAM_REALM;
	x->cause = f;
	add_finding(x, FINDING_MD5_ONLY, SEVERITY_INFO, "");
	x->outcome = OUTCOME_REJECTED;
	x->status = 401;
	x->verdict = SLICE("It was refused.");
	return x;
}

static struct exchange *accepted(uint32_t n)
{
	struct exchange *x = exchange_new(n, METHOD_INVITE);

	add_attempt(x, "INVITE sip:3@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.8:5060;branch=z9hG4bK2\r\n"
		"From: <sip:2002@example.com>;tag=1\r\nTo: <sip:3@example.com>\r\nCall-ID: b\r\n"
		"CSeq: 2 INVITE\r\nUser-Agent: Snom\r\n\r\n", 7, T0 + MS);
	respond(x, RESPONSE("2", "200 OK", ""), 8, T0 + 2 * MS);
	x->outcome = OUTCOME_ACCEPTED;
	x->status = 200;
	return x;
}

static void close_row(struct rows *rows, struct exchange *x)
{
	rows_message(rows, x, 10 * x->n);
	rows_message(rows, x, 10 * x->n + 1);
	rows_close(rows, x, 1000 + x->n);
	exchange_free(x);
}

static void test_filter(void **state)
{
	static const struct {
		const char *expression;
		bool refused, accepted;
	} rows[] = {
		{"", true, true},
		{"method=REGISTER", true, false},
		{"METHOD=reg", true, false},
		{"method=REGISTER,INVITE", true, true},
		{"!method=invite", true, false},
		{"outcome=rej", true, false},
		{"outcome==rejected", true, false},
		{"outcome==rej", false, false},
		{"outcome=accepted,unanswered", false, true},
		{"only=failed", true, false},
		{"!only=failed", false, true},
		{"account=1001", true, false},
		{"account=00", true, true},
		{"account==100", false, false},
		{"finding=digest-deviation", true, false},
		{"finding=digest-dev,realm", true, false},
		{"finding=md5-only", true, false},
		{"finding=auth-loop", false, false},
		{"status=401", true, false},
		{"status=4", true, false},
		{"status=2", false, true},
		{"address=10.0.0.0/8", true, true},
		{"address=192.0.2.0/24", false, false},
		{"transport=udp", true, true},
		{"agent=grand", true, false},
		{"digest-deviation", true, false},
		{"!grandstream", false, true},
		{"method=REGISTER account=1001 status=401 grand", true, false},
		{"method=REGISTER status=200", false, false},
		/* still being typed */
		{"method=", true, true},
		{"!", true, true},
		{"method=REGISTER,", true, false},
		{"account==", true, true},
	};
	struct rows list = {0};
	char why[FILTER_WHY];

	(void)state;
	close_row(&list, refused(1));
	close_row(&list, accepted(2));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct filter f = {.count = 0};

		if (!filter_parse(&f, rows[i].expression, why))
			fail_msg("'%s': %s", rows[i].expression, why);
		if (filter_takes(&f, &list, rows_get(&list, 1)) != rows[i].refused ||
			filter_takes(&f, &list, rows_get(&list, 2)) != rows[i].accepted)
			fail_msg("'%s'", rows[i].expression);
	}
	rows_free(&list);
}

static void test_filter_wrong(void **state)
{
	static const struct {
		const char *expression, *why;
	} rows[] = {
		{"metod=x", "did you mean 'method'?"},
		{"method=FOO", "it is one of: REGISTER"},
		{"outcome=lost", "it is one of: unknown accepted"},
		{"finding=digest-mismach", "did you mean 'digest-mismatch'?"},
		{"address=10.0.0.0/33", "is no network"},
		{"a b c d e f g h i j k l m n o p q", "more than 16 words"},
	};
	char why[FILTER_WHY];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct filter f = {.count = 0};

		assert_true(filter_parse(&f, "status=401", why));
		assert_false(filter_parse(&f, rows[i].expression, why));
		if (!strstr(why, rows[i].why))
			fail_msg("'%s': %s", rows[i].expression, why);
		/* what was before holds on */
		assert_string_equal(f.text, "status=401");
		assert_int_equal(f.count, 1);
	}
}

static void test_rows(void **state)
{
	struct rows rows = {0};
	struct exchange *x = refused(3);
	uint32_t places[4];

	(void)state;
	rows_message(&rows, x, 30);
	assert_null(rows_get(&rows, 1));
	assert_null(rows_get(&rows, 4));
	assert_non_null(rows_get(&rows, 3));
	assert_string_equal(row_outcome(rows_get(&rows, 3)), "challenged");
	assert_false(row_failed(rows_get(&rows, 3)));
	rows_message(&rows, x, 31);
	rows_message(&rows, x, 32);
	rows_message(&rows, x, ROW_NOWHERE);
	rows_close(&rows, x, 1003);
	assert_string_equal(row_outcome(rows_get(&rows, 3)), "rejected");
	assert_true(row_failed(rows_get(&rows, 3)));
	assert_int_equal(rows_places(&rows, rows_get(&rows, 3), places, 4), 3);
	assert_int_equal(places[0], 30);
	assert_int_equal(places[2], 32);
	/* of too many the oldest */
	assert_int_equal(rows_places(&rows, rows_get(&rows, 3), places, 2), 2);
	assert_int_equal(places[0], 30);
	assert_int_equal(places[1], 31);
	exchange_free(x);
	rows_free(&rows);
}

static void test_texts(void **state)
{
	struct texts t = {0};
	char name[16], longer[400];
	struct address a = {6, 5061, {0x20, 1, 0xd, 0xb8, 1}}, b;

	(void)state;
	assert_int_equal(texts_put(&t, SLICE("")), 0);
	for (int i = 0; i < 5000; i++) {
		uint32_t n;

		snprintf(name, sizeof(name), "u%d", i % 2500);
		n = texts_put(&t, slice_of(name));
		assert_true(slice_eq(texts_get(&t, n), slice_of(name)));
	}
	assert_int_equal(t.count, 2500);
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(texts_get(&t, texts_put(&t, (struct slice){longer, sizeof(longer)})).n, TEXT_MAX);
	b = texts_get_address(&t, texts_put_address(&t, &a));
	assert_true(address_eq(&a, &b));
	texts_free(&t);
}

static void test_record(void **state)
{
	struct exchange *x = refused(1), *y = accepted(1);
	struct buf record = {0};
	struct arena arena = {0};
	const struct finding *f;

	(void)state;
	record_write(&record, x);
	assert_true(slice_eq(record_verdict(buf_slice(&record)), SLICE("It was refused.")));
	assert_true(record_apply(buf_slice(&record), y, &arena));
	exchange_free(x);
	assert_int_equal(y->outcome, OUTCOME_REJECTED);
	assert_int_equal(y->status, 401);
	assert_int_equal(y->finding_count, 2);
	f = y->findings[0];
	assert_ptr_equal(y->cause, f);
	assert_int_equal(f->id, FINDING_DIGEST_DEVIATION);
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_int_equal(f->param, PARAM_REALM);
	assert_true(f->in_response);
	assert_ptr_equal(f->attempt, y->attempts);
	assert_true(slice_eq(f->message, SLICE("the message")));
	assert_int_equal(f->deviation_count, 1);
	assert_true(slice_eq(f->deviations[0].value, SLICE("asterisk")));
	assert_int_equal(f->deviations[0].also_count, 2);
	assert_string_equal(f->deviations[0].also[1], "realm-any");
	/* cut anywhere it is none, and nothing is read beyond */
	for (size_t n = 0; n < record.n; n++) {
		char *cut = malloc(n ? n : 1);
		struct exchange before = *y;

		memcpy(cut, record.p, n);
		assert_false(record_apply((struct slice){cut, n}, y, &arena));
		assert_memory_equal(&before, y, sizeof(before));
		free(cut);
	}
	arena_free(&arena);
	exchange_free(y);
	buf_free(&record);
}

static uint32_t shown(const struct list *l, size_t i)
{
	return list_row_at(l, i) ? list_row_at(l, i)->n : 0;
}

static void test_list(void **state)
{
	struct list l = {.columns = {{COLUMN_N}, 1}};
	char why[FILTER_WHY];

	(void)state;
	list_update(&l);
	assert_null(list_row(&l));
	for (uint32_t n = 1; n <= 9; n++)
		close_row(&l.rows, n % 3 ? accepted(n) : refused(n));
	list_update(&l);
	assert_int_equal(l.count, 9);
	assert_int_equal(l.counts.failed, 3);
	list_move(&l, 4);
	assert_int_equal(list_row(&l)->n, 5);
	/* whatever is done to the order, the cursor stays on its exchange */
	l.failed_first = l.stale = true;
	list_update(&l);
	assert_int_equal(shown(&l, 0), 3);
	assert_int_equal(shown(&l, 3), 1);
	assert_int_equal(list_row(&l)->n, 5);
	l.descending = l.stale = true;
	list_update(&l);
	assert_int_equal(shown(&l, 0), 9);
	assert_int_equal(shown(&l, 3), 8);
	assert_int_equal(list_row(&l)->n, 5);
	l.failed_first = l.descending = false;
	assert_true(filter_parse(&l.filter, "only=failed", why));
	l.stale = true;
	list_update(&l);
	assert_int_equal(l.count, 3);
	assert_int_equal(shown(&l, 2), 9);
	list_move(&l, 0);
	assert_true(list_next_failed(&l, true));
	assert_int_equal(list_row(&l)->n, 6);
	assert_false(list_go(&l, 5));
	/* cleared, and back */
	list_clear_hidden(&l);
	assert_true(filter_parse(&l.filter, "", why));
	l.stale = true;
	list_update(&l);
	assert_int_equal(l.count, 3);
	list_clear(&l);
	list_update(&l);
	assert_int_equal(l.count, 0);
	assert_int_equal(l.counts.cleared, 9);
	list_clear(&l);
	list_update(&l);
	assert_int_equal(l.count, 9);
	list_free(&l);
}

static void type(struct edit *e, const char *text)
{
	for (; *text; text++)
		edit_key(e, (unsigned char)*text);
}

static void test_edit(void **state)
{
	struct edit e = {.n = 0};

	(void)state;
	type(&e, "one two");
	edit_key(&e, KEY_CONTROL('W'));
	assert_string_equal(e.text, "one ");
	edit_key(&e, 0xe4);
	edit_key(&e, 0x20ac);
	edit_key(&e, 0x1f600);
	assert_string_equal(e.text, "one \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	edit_key(&e, KEY_RUBOUT);
	edit_key(&e, KEY_LEFTWARD);
	edit_key(&e, KEY_DELETE);
	assert_string_equal(e.text, "one \xc3\xa4");
	edit_key(&e, KEY_FIRST);
	edit_key(&e, KEY_RUBOUT);
	edit_key(&e, KEY_DELETE);
	assert_string_equal(e.text, "ne \xc3\xa4");
	edit_key(&e, KEY_LAST);
	edit_key(&e, KEY_CONTROL('U'));
	assert_string_equal(e.text, "");
	assert_false(edit_key(&e, KEY_FUNCTION + 1));
	for (int i = 0; i < 2 * EDIT_TEXT; i++)
		edit_key(&e, 0x20ac);
	assert_true(e.n < EDIT_TEXT && strlen(e.text) == e.n);
	edit_wipe(&e);
}

static void test_keys(void **state)
{
	static const char *const names[] = {"a", "F1", "F12", "Ctrl-A", "Enter", "Esc", "Space", "PgUp", "~"};
	struct keys k;
	char text[KEYS_PER_ACTION * KEY_NAME_MAX], name[KEY_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(key_text(key_parse(names[i]), name), names[i]);
	assert_int_equal(key_parse("^a"), key_parse("Ctrl-A"));
	assert_int_equal(key_parse("F13"), 0);
	assert_int_equal(key_parse("Ctrl-"), 0);
	assert_int_equal(key_parse("two"), 0);
	keys_init(&k);
	/* every key of the table is one */
	for (int a = 0; a < ACTION_COUNT; a++)
		assert_string_equal(keys_text(&k, (enum action)a, text), action_row((enum action)a)->keys);
	assert_true(keys_mean(&k, ACTION_HELP, '?', SCREEN_LIST));
	assert_false(keys_mean(&k, ACTION_FILTER, 'f', SCREEN_PAGE));
	assert_true(keys_unbind(&k, ACTION_HELP, 'h'));
	assert_false(keys_unbind(&k, ACTION_HELP, 'h'));
	assert_string_equal(keys_text(&k, ACTION_HELP, text), "F1 H ?");
	for (int key = 'a'; key < 'f'; key++)
		assert_true(keys_bind(&k, ACTION_HELP, key));
	assert_false(keys_bind(&k, ACTION_HELP, 'z'));
}

static void count_line(void *arg, const char *line)
{
	(void)line;
	++*(int *)arg;
}

static void test_settings(void **state)
{
	static const char text[] = "# mine\n\nset time relative\n set cf.rawwidth  30 \nset cl.colormode none\n"
		"set cf.rawwidth 99\nset\nnonsense\nbind help x\nunbind help h\nbind help two\nbind nothing x\n"
		"alias 10.0.0.1 pbx one\nalias [2001:db8::1]:5061 six\nalias pbx 10.0.0.1\n";
	char folder[] = "/tmp/sipauth-test-XXXXXX", path[64], why[SETTING_TEXT], line[64] = "";
	struct address pbx = address("10.0.0.1", 5060), six = address("2001:db8::1", 5061);
	struct settings s;
	int complaints = 0;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("XDG_CONFIG_HOME", folder, 1);
	settings_init(&s);
	settings_load(&s, count_line, &complaints);
	assert_int_equal(complaints, 0);
	/* made with its folder */
	assert_true(settings_save(&s, why));
	settings_free(&s);
	snprintf(path, sizeof(path), "%s/sipauth/config", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	settings_init(&s);
	settings_load(&s, count_line, &complaints);
	assert_int_equal(complaints, 7);
	assert_int_equal(settings_choice(&s, SETTING_TIME), 1);
	assert_int_equal(settings_number(&s, SETTING_RAW_WIDTH), 30);
	assert_string_equal(settings_text(&s, SETTING_LIST_COLOR), "outcome");
	assert_string_equal(settings_alias(&s, &pbx), "pbx one");
	assert_string_equal(settings_alias(&s, &six), "six");
	settings_cycle(&s, SETTING_TIME);
	assert_int_equal(settings_choice(&s, SETTING_TIME), 0);
	assert_true(settings_set(&s, SETTING_COLOR, "off", why));
	assert_false(settings_set(&s, SETTING_COLOR, "maybe", why));
	assert_true(settings_save(&s, why));
	settings_free(&s);
	f = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, "# mine\n");
	fclose(f);
	settings_init(&s);
	settings_load(&s, count_line, &complaints);
	assert_false(settings_on(&s, SETTING_COLOR));
	assert_true(keys_mean(&s.keys, ACTION_HELP, 'x', SCREEN_LIST));
	settings_free(&s);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_wrong),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
