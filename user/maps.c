// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps.h"

/* What the kernel adds to the path of a file that is gone. */
#define DELETED " (deleted)"

/* A number in base 16 or 10 ending in `end`; moves *s behind the end. */
static bool take_number(const char **s, int base, char end, uint64_t *value)
{
	const char *digits = *s;
	uint64_t n = 0;
	int digit;

	for (;; digits++) {
		if (*digits >= '0' && *digits <= '9')
			digit = *digits - '0';
		else if (base == 16 && *digits >= 'a' && *digits <= 'f')
			digit = *digits - 'a' + 10;
		else
			break;
		if (n > (UINT64_MAX - (unsigned int)digit) / (unsigned int)base)
			return false;
		n = n * (unsigned int)base + (unsigned int)digit;
	}
	if (digits == *s || *digits != end)
		return false;
	*s = digits + 1;
	*value = n;
	return true;
}

static bool take_access(const char **s, uint8_t *access)
{
	const char *p = *s;

	if (strnlen(p, 5) < 5 || p[4] != ' ')
		return false;
	*access = 0;
	if (p[0] == 'r')
		*access |= MAPS_READ;
	if (p[1] == 'w')
		*access |= MAPS_WRITE;
	if (p[2] == 'x')
		*access |= MAPS_EXEC;
	*s = p + 5;
	return true;
}

/* What follows the inode: blanks and, where the range has one, the path. */
static void take_path(char *s, struct maps_range *r)
{
	const size_t mark = sizeof(DELETED) - 1;
	size_t n;

	s += strspn(s, " ");
	n = strlen(s);
	r->deleted = n > mark && !strcmp(s + n - mark, DELETED);
	if (r->deleted)
		s[n - mark] = '\0';
	r->path = s;
}

/* One line: "start-end rwxp offset major:minor inode   path". */
static bool parse_line(char *line, struct maps_range *r)
{
	uint64_t major, minor;
	const char *s = line;

	if (!take_number(&s, 16, '-', &r->start) ||
	    !take_number(&s, 16, ' ', &r->end) ||
	    !take_access(&s, &r->access) ||
	    !take_number(&s, 16, ' ', &r->offset) ||
	    !take_number(&s, 16, ':', &major) ||
	    !take_number(&s, 16, ' ', &minor))
		return false;
	r->major = (uint32_t)major;
	r->minor = (uint32_t)minor;
	r->path = "";
	r->deleted = false;
	if (take_number(&s, 10, '\0', &r->inode))
		return true;
	if (!take_number(&s, 10, ' ', &r->inode))
		return false;
	take_path(line + (s - line), r);
	return true;
}

static bool in_order(const struct maps *m, const struct maps_range *r)
{
	return r->start < r->end &&
	       (!m->count || r->start >= m->range[m->count - 1].end);
}

static int add_range(struct maps *m, const struct maps_range *r, size_t *room)
{
	size_t more = *room ? *room * 2 : 64;
	struct maps_range *grown;

	if (m->count == *room) {
		grown = reallocarray(m->range, more, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		m->range = grown;
		*room = more;
	}
	m->range[m->count++] = *r;
	return 0;
}

/* m->text has the text, ended by NUL; its newlines become ends. */
static int parse_lines(struct maps *m)
{
	char *line = m->text, *next;
	struct maps_range r;
	size_t room = 0;
	int err = 0;

	for (; line && *line && !err; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(line, &r) || !in_order(m, &r))
			continue;
		if (m->count == MAPS_RANGES_MAX) {
			m->cut = true;
			break;
		}
		err = add_range(m, &r, &room);
	}
	return err;
}

/* Takes text, which is from malloc. */
static int parse_owned(struct maps *m, char *text)
{
	int err;

	m->text = text;
	err = parse_lines(m);
	if (err)
		maps_free(m);
	return err;
}

int maps_parse(struct maps *m, const char *text, size_t n)
{
	char *copy;

	*m = (struct maps){ .cut = n > MAPS_TEXT_MAX };
	if (m->cut)
		n = MAPS_TEXT_MAX;
	copy = strndup(text, n);
	return copy ? parse_owned(m, copy) : -ENOMEM;
}

/* Room for at least one byte more and the end; false where there is none. */
static bool make_room(char **text, size_t *room, size_t used)
{
	size_t more = *room ? *room * 2 : 64 << 10;
	char *grown;

	if (used + 1 < *room)
		return true;
	grown = realloc(*text, more);
	if (!grown)
		return false;
	*text = grown;
	*room = more;
	return true;
}

/* All of fd up to the limit, ended by NUL; its length or a negative errno. */
static ssize_t read_all(int fd, char **text)
{
	size_t room = 0, used = 0;
	ssize_t n;

	while (used < MAPS_TEXT_MAX) {
		if (!make_room(text, &room, used))
			return -ENOMEM;
		n = read(fd, *text + used, room - used - 1);
		if (n < 0)
			return -errno;
		if (!n)
			break;
		used += (size_t)n;
	}
	if (used)
		(*text)[used] = '\0';
	return (ssize_t)used;
}

int maps_read(struct maps *m, pid_t pid)
{
	char path[64], *text = NULL;
	ssize_t n;
	int fd;

	*m = (struct maps){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read_all(fd, &text);
	close(fd);
	if (n <= 0) {
		free(text);
		return (int)n;
	}
	m->cut = n >= MAPS_TEXT_MAX;
	return parse_owned(m, text);
}

const struct maps_range *maps_at(const struct maps *m, uint64_t addr)
{
	size_t low = 0, high = m->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (addr < m->range[mid].start)
			high = mid;
		else if (addr >= m->range[mid].end)
			low = mid + 1;
		else
			return &m->range[mid];
	}
	return NULL;
}

bool maps_same_file(const struct maps_range *a, const struct maps_range *b)
{
	return a->inode && a->inode == b->inode && a->major == b->major &&
	       a->minor == b->minor;
}

void maps_free(struct maps *m)
{
	free(m->range);
	free(m->text);
	*m = (struct maps){ 0 };
}
