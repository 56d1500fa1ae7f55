#include "cmd.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "auth/finding.h"
#include "base/err.h"

enum { WIDTH = 79, LABEL_WIDTH = 10 };

static const char usage[] =
	"usage: sipauth explain [OPTION]... [ID]...\n"
	"\n"
	"Tells what a finding means, how bad it is, whose fault, and what to change.\n"
	"Without ID it lists all findings: id, severity where an exchange failed, title.\n"
	"Other names (wrong-password) and digest-deviation/ID are accepted.\n"
	"\n"
	"  --format text|json|ndjson  form of the output (default: text)\n"
	"  --man                      source of the manual page sipauth-findings(7)\n"
	"  -h, --help                 this help\n";

/* Writes words, breaking lines before column WIDTH; a word longer than a line stands alone. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
	bool first = true;

	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");

		if (!first && column + 1 + n > WIDTH) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putchar(' ');
			column++;
		}
		fwrite(text, 1, n, stdout);
		column += n;
		text += n;
		first = false;
	}
	putchar('\n');
}

static void print_field(const char *label, const char *text)
{
	printf("%-*s", LABEL_WIDTH, label);
	print_wrapped(text, LABEL_WIDTH, LABEL_WIDTH);
}

/* "warning; error if the exchange failed" */
static void severity_words(const struct finding_kind *kind, struct buf *out)
{
	const char *failed = severity_name(kind->severity_if_failed);

	buf_adds(out, severity_name(kind->severity));
	if (kind->severity != kind->severity_if_failed)
		buf_printf(out, "; %s if the exchange failed", failed);
}

static const char *fault_words(enum fault fault)
{
	switch (fault) {
	case FAULT_NONE:
		return "nobody's";
	case FAULT_EITHER:
		return "that of the sender of the message";
	case FAULT_DERIVED:
		return "that of the cause";
	case FAULT_CONFIG:
		return "configuration";
	default:
		return fault_name(fault);
	}
}

static void list_text(enum finding_id id, bool first)
{
	const struct finding_kind *kind = finding_kind(id);

	(void)first;
	printf("%-32s  %-7s  %s\n", kind->id, severity_name(kind->severity_if_failed), kind->title);
}

static void explain_text(enum finding_id id, bool first)
{
	const struct finding_kind *kind = finding_kind(id);
	const char *alias;
	struct buf words = {0};

	if (!first)
		putchar('\n');
	printf("%s\n", kind->id);
	print_field("", kind->title);
	putchar('\n');
	print_field("Message", kind->say);
	print_field("Meaning", kind->why);
	severity_words(kind, &words);
	print_field("Severity", buf_string(&words));
	print_field("Fault", fault_words(kind->fault));
	print_field("Fix", kind->fix);
	if (*kind->vos3000)
		print_field("VOS3000", kind->vos3000);
	print_field("Source", kind->source);
	for (size_t i = 0; (alias = finding_alias(id, i)); i++)
		print_field("Also", alias);
	buf_free(&words);
}

/* The texts of the table are printable ASCII: only two characters need an escape. */
static void json_string(const char *string)
{
	putchar('"');
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			putchar('\\');
		putchar(*string);
	}
	putchar('"');
}

static void json_member(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	json_string(value);
}

static void json_object(enum finding_id id)
{
	const struct finding_kind *kind = finding_kind(id);
	const char *alias;

	fputs("{\"type\":\"finding-kind\"", stdout);
	json_member("id", kind->id);
	json_member("severity", severity_name(kind->severity));
	json_member("severity_if_failed", severity_name(kind->severity_if_failed));
	json_member("fault", fault_name(kind->fault));
	printf(",\"cause_rank\":%d", kind->cause_rank);
	json_member("title", kind->title);
	json_member("message", kind->say);
	json_member("why", kind->why);
	json_member("fix", kind->fix);
	json_member("vos3000", kind->vos3000);
	json_member("source", kind->source);
	fputs(",\"aliases\":[", stdout);
	for (size_t i = 0; (alias = finding_alias(id, i)); i++) {
		if (i)
			putchar(',');
		json_string(alias);
	}
	fputs("]}", stdout);
}

static void explain_json(enum finding_id id, bool first)
{
	fputs(first ? "\n" : ",\n", stdout);
	json_object(id);
}

static void explain_ndjson(enum finding_id id, bool first)
{
	(void)first;
	json_object(id);
	putchar('\n');
}

static const struct format {
	const char *name;
	const char *begin, *end;
	void (*list)(enum finding_id id, bool first);
	void (*explain)(enum finding_id id, bool first);
} formats[] = {
	{"text", "", "", list_text, explain_text},
	{"json", "{\"schema\":1,\"finding_kinds\":[", "\n]}\n", explain_json, explain_json},
	{"ndjson", "", "", explain_ndjson, explain_ndjson},
};

static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

/* mdoc wants a new line for each new sentence, and would take a leading '.' or '\'' for a macro. */
static bool ends_sentence(const char *word, size_t n)
{
	while (n > 1 && strchr(")\"'", word[n - 1]))
		n--;
	return strchr(".!?", word[n - 1]) != NULL;
}

static void man_text(const char *text)
{
	size_t column = 0;

	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > WIDTH - 1) {
			putchar('\n');
			column = 0;
		}
		if (column)
			putchar(' ');
		else if (*text == '.' || *text == '\'')
			fputs("\\&", stdout);
		for (size_t i = 0; i < n; i++) {
			if (text[i] == '\\')
				fputs("\\e", stdout);
			else
				putchar(text[i]);
		}
		column += n + 1;
		if (ends_sentence(text, n)) {
			putchar('\n');
			column = 0;
		}
		text += n;
	}
	if (column)
		putchar('\n');
}

static void man_field(const char *label, const char *text)
{
	printf(".Pp\n.Em %s :\n", label);
	man_text(text);
}

static void man_entry(enum finding_id id)
{
	const struct finding_kind *kind = finding_kind(id);
	const char *alias = finding_alias(id, 0);
	struct buf words = {0};

	printf(".It Sy %s\n", kind->id);
	buf_printf(&words, "%s. %s", kind->title, kind->why);
	man_text(buf_string(&words));
	man_field("Fix", kind->fix);
	if (*kind->vos3000)
		man_field("VOS3000", kind->vos3000);
	buf_clear(&words);
	severity_words(kind, &words);
	buf_printf(&words, ". Fault: %s. Source: %s.", fault_words(kind->fault), kind->source);
	man_field("Severity", buf_string(&words));
	if (alias)
		man_field("Other name", alias);
	buf_free(&words);
}

static const char man_head[] =
	".Dd November 22, 2026\n"
	".Dt SIPAUTH-FINDINGS 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm sipauth-findings\n"
	".Nd what the findings of sipauth mean\n"
	".Sh DESCRIPTION\n"
	"The\n"
	".Cm analyze\n"
	"and\n"
	".Cm probe\n"
	"commands of sipauth report what they find by the names below.\n"
	"The severity is\n"
	".Sy error\n"
	"only in an exchange that failed: its credentials were refused, its challenge\n"
	"was never answered, or there was no reply.\n"
	"Where two severities are given, the first one holds in all other exchanges.\n"
	"The command\n"
	".Ql sipauth explain ID\n"
	"prints a single entry, with the wording of its message.\n"
	".Pp\n"
	"What is said of VOS3000 rests on published guides; names of parameters differ\n"
	"between its versions.\n"
	"Reload the softswitch after each change of a parameter.\n"
	".Sh FINDINGS\n";

static void print_man(void)
{
	fputs(man_head, stdout);
	for (int id = 0; id < FINDING_COUNT; id++) {
		const char *heading = finding_section((enum finding_id)id);

		if (heading)
			printf("%s.Ss %s\n.Bl -tag -width Ds\n", id ? ".El\n" : "", heading);
		man_entry((enum finding_id)id);
	}
	fputs(".El\n", stdout);
}

static void list_all(const struct format *format)
{
	fputs(format->begin, stdout);
	for (int id = 0; id < FINDING_COUNT; id++)
		format->list((enum finding_id)id, id == 0);
	fputs(format->end, stdout);
}

/* Explains what it knows of the names; false if there is one that it does not know. */
static bool explain_names(const struct format *format, char **names, int count)
{
	bool known = true, first = true;

	fputs(format->begin, stdout);
	for (int i = 0; i < count; i++) {
		int id = finding_find(names[i]);

		if (id < 0) {
			struct buf name = {0};

			buf_add_printable(&name, slice_of(names[i]));
			err_line("no finding '%s'; did you mean '%s'?", buf_string(&name),
				finding_nearest(names[i]));
			buf_free(&name);
			known = false;
			continue;
		}
		format->explain((enum finding_id)id, first);
		first = false;
	}
	fputs(format->end, stdout);
	return known;
}

struct options {
	const struct format *format;
	bool man, help;
};

/* `c` is what getopt said; in a cluster of short options `word` is not yet the culprit. */
static void option_trouble(int c, const char *word)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (c == ':')
		err_line("explain: '%s' needs a value; see 'sipauth explain --help'", word);
	else
		err_line("explain: no option '%s'; see 'sipauth explain --help'",
			optopt > ' ' && optopt < 0x7f ? letter : word);
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"format", required_argument, NULL, 'f'},
		{"man", no_argument, NULL, 'm'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){.format = &formats[0]};
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (c == 'h') {
			o->help = true;
		} else if (c == 'm') {
			o->man = true;
		} else if (c == 'f' && !(o->format = format_find(optarg))) {
			err_line("no format '%s'; use text, json or ndjson", optarg);
			return false;
		} else if (c == ':' || c == '?') {
			option_trouble(c, argv[optind - 1]);
			return false;
		}
	}
	return true;
}

int cmd_explain(int argc, char **argv)
{
	struct options o;
	bool known = true;

	if (!parse_options(argc, argv, &o))
		return EXIT_TROUBLE;
	if (o.help)
		fputs(usage, stdout);
	else if (o.man)
		print_man();
	else if (optind == argc)
		list_all(o.format);
	else
		known = explain_names(o.format, argv + optind, argc - optind);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err_line("cannot write to standard output: %m");
		return EXIT_TROUBLE;
	}
	return known ? EXIT_NOTHING : EXIT_TROUBLE;
}
