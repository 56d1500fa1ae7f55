#include "cmd_notes.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void notes_begin(struct notes *n)
{
	*n = (struct notes){.fd = memfd_create("notes", MFD_CLOEXEC), .before = -1};
	if (n->fd < 0)
		return;
	fflush(stderr);
	n->before = dup(STDERR_FILENO);
	if (n->before < 0 || dup2(n->fd, STDERR_FILENO) < 0)
		notes_end(n);
}

bool notes_next(struct notes *n, char line[NOTE_LINE])
{
	static const char prefix[] = "sipauth: ";
	ssize_t got = n->fd < 0 ? 0 : pread(n->fd, line, NOTE_LINE - 1, n->read);
	char *end, *begin = line;

	if (got <= 0)
		return false;
	line[got] = '\0';
	end = strchr(line, '\n');
	if (!end && got < NOTE_LINE - 1)
		return false;
	n->read += end ? end - line + 1 : got;
	if (end)
		*end = '\0';
	if (strncmp(line, prefix, sizeof(prefix) - 1) == 0)
		begin += sizeof(prefix) - 1;
	memmove(line, begin, strlen(begin) + 1);
	return true;
}

void notes_end(struct notes *n)
{
	char bytes[4096];
	ssize_t got, ignored = 0;

	if (n->fd < 0)
		return;
	fflush(stderr);
	if (n->before >= 0) {
		dup2(n->before, STDERR_FILENO);
		close(n->before);
		for (off_t at = 0; (got = pread(n->fd, bytes, sizeof(bytes), at)) > 0; at += got)
			ignored = write(STDERR_FILENO, bytes, (size_t)got);
	}
	(void)ignored;
	close(n->fd);
	n->fd = -1;
}
