// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of lines that do not go to a terminal and are not told otherwise. */
#define WIDTH_USUAL 120

int standard_hold(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

size_t standard_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	return WIDTH_USUAL;
}

void standard_end(void)
{
	fflush(NULL);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
}
