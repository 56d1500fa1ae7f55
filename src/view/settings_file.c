#include "view/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { LINE_MAX_BYTES = 512, WHY = 320, FILE_MAX_BYTES = 1 << 20 };

/* NULL: neither variable is set. */
static char *find_path(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct buf b = {0};

	/* a relative one is to be ignored, says the XDG base directory specification */
	if (base && *base == '/')
		buf_printf(&b, "%s/sipauth/config", base);
	else if (home && *home)
		buf_printf(&b, "%s/.config/sipauth/config", home);
	else
		return NULL;
	buf_addc(&b, '\0');
	return b.p;
}

/* ---- reading ---- */

/* One more word; *rest goes on behind it. */
static char *word(char **rest)
{
	char *p = *rest + strspn(*rest, " \t");
	size_t n = strcspn(p, " \t");

	*rest = p + n;
	if (**rest)
		*(*rest)++ = '\0';
	*rest += strspn(*rest, " \t");
	return p;
}

static bool take_set(struct settings *s, char *rest, char why[WHY])
{
	char *name = word(&rest), reason[SETTING_TEXT];
	int which = setting_find(name);

	if (which < 0) {
		snprintf(why, WHY, "there is no setting '%.64s'; F8 in the viewer lists them", name);
		return false;
	}
	if (settings_set(s, (enum setting)which, rest, reason))
		return true;
	snprintf(why, WHY, "%s", reason);
	return false;
}

static bool take_binding(struct settings *s, char *rest, bool bind, char why[WHY])
{
	char *name = word(&rest), *key_word = word(&rest);
	int action = action_find(name), key = key_parse(key_word);

	if (action < 0)
		snprintf(why, WHY, "there is no action '%.64s'; sipauth-view(1) lists them", name);
	else if (!key)
		snprintf(why, WHY, "'%.64s' is no key: a character, F1 to F12, Ctrl-A, Enter, Space, ...", key_word);
	else if (bind ? keys_bind(&s->keys, (enum action)action, key) : keys_unbind(&s->keys, (enum action)action, key))
		return true;
	else if (bind)
		snprintf(why, WHY, "'%.64s' has %d keys already; unbind one", name, KEYS_PER_ACTION);
	else
		snprintf(why, WHY, "'%.64s' has no key %.32s", name, key_word);
	return false;
}

/* 10.0.0.1, 10.0.0.1:5060, 2001:db8::1, [2001:db8::1]:5060 */
static bool parse_address(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	if (address_parse_ip(slice_of(text), out))
		return true;
	if (!colon || !address_parse_ip(slice_between(text, colon), out) ||
		!slice_to_u64(slice_of(colon + 1), 65535, &port))
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool take_alias(struct settings *s, char *rest, char why[WHY])
{
	struct alias a = {0};
	char *text = word(&rest);

	if (!parse_address(text, &a.address) || !*rest) {
		snprintf(why, WHY, "alias needs an address and a name: alias 10.0.0.1 pbx");
		return false;
	}
	if (s->alias_count == ALIASES_MAX) {
		snprintf(why, WHY, "more than %d aliases", ALIASES_MAX);
		return false;
	}
	snprintf(a.name, sizeof(a.name), "%s", rest);
	s->aliases = xrealloc(s->aliases, (s->alias_count + 1) * sizeof(a));
	s->aliases[s->alias_count++] = a;
	return true;
}

static bool take_line(struct settings *s, char *line, char why[WHY])
{
	char *rest = line, *verb;

	line[strcspn(line, "\r\n")] = '\0';
	for (size_t n = strlen(line); n && (line[n - 1] == ' ' || line[n - 1] == '\t'); n--)
		line[n - 1] = '\0';
	verb = word(&rest);
	if (!*verb || *verb == '#')
		return true;
	if (strcmp(verb, "set") == 0)
		return take_set(s, rest, why);
	if (strcmp(verb, "bind") == 0 || strcmp(verb, "unbind") == 0)
		return take_binding(s, rest, *verb == 'b', why);
	if (strcmp(verb, "alias") == 0)
		return take_alias(s, rest, why);
	snprintf(why, WHY, "a line begins with set, bind, unbind, alias or #, not with '%.64s'", verb);
	return false;
}

static FILE *open_config(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "re");

	/* a pipe or a device would hold everything up */
	if (f && (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES)) {
		fclose(f);
		f = NULL;
		errno = EINVAL;
	}
	return f;
}

void settings_load(struct settings *s, void (*complain)(void *arg, const char *line), void *arg)
{
	char line[LINE_MAX_BYTES], why[WHY], said[2 * WHY];
	unsigned number = 0;
	FILE *f;

	s->path = find_path();
	f = s->path ? open_config(s->path) : NULL;
	if (!f && s->path && errno != ENOENT && errno != ENOTDIR) {
		snprintf(said, sizeof(said), "%.200s: cannot be read: %s", s->path, strerror(errno));
		complain(arg, said);
	}
	while (f && fgets(line, sizeof(line), f)) {
		number++;
		if (take_line(s, line, why))
			continue;
		snprintf(said, sizeof(said), "%.200s:%u: %s", s->path, number, why);
		complain(arg, said);
	}
	if (f)
		fclose(f);
}

/* ---- writing ---- */

static bool make_folder(const char *path)
{
	char folder[4096], *slash;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return false;
	slash = strrchr(folder, '/');
	*slash = '\0';
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return true;
	/* ~/.config itself is missing */
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return false;
	*slash = '\0';
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return false;
	*slash = '/';
	return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

/* Lines of the old file that are not ours to write: all but `set` of a setting that exists. */
static void keep_lines(const char *path, struct buf *out)
{
	char line[LINE_MAX_BYTES], name[SETTING_TEXT];
	FILE *f = open_config(path);

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " set %199s", name) == 1 && setting_find(name) >= 0)
			continue;
		buf_adds(out, line);
		if (!strchr(line, '\n'))
			buf_addc(out, '\n');
	}
	if (f)
		fclose(f);
}

static bool write_file(const char *path, struct slice text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;

	if (fd >= 0 && close(fd) != 0)
		good = false;
	return good;
}

bool settings_save(const struct settings *s, char why[SETTING_TEXT])
{
	struct buf text = {0}, new = {0};
	bool good;

	if (!s->path) {
		snprintf(why, SETTING_TEXT, "not saved: neither HOME nor XDG_CONFIG_HOME is set");
		return false;
	}
	keep_lines(s->path, &text);
	for (int i = 0; i < SETTING_COUNT; i++)
		if (strcmp(s->values[i], setting_row((enum setting)i)->value) != 0)
			buf_printf(&text, "set %s %s\n", setting_row((enum setting)i)->name, s->values[i]);
	buf_printf(&new, "%s.new", s->path);
	good = make_folder(s->path) && write_file(buf_string(&new), buf_slice(&text)) &&
		rename(buf_string(&new), s->path) == 0;
	if (!good) {
		snprintf(why, SETTING_TEXT, "%.120s: not saved: %s", s->path, strerror(errno));
		unlink(buf_string(&new));
	}
	buf_free(&text);
	buf_free(&new);
	return good;
}
