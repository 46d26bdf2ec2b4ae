/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.c - colours, wrapping and sizes for people. */
#include "cmd/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

const char *color(bool on, enum color c)
{
	static const char *const seq[] = {
		[C_NONE] = "\033[0m",	[C_GOOD] = "\033[32m", [C_BAD] = "\033[1;31m", [C_WARN] = "\033[33m",
		[C_DUNNO] = "\033[35m", [C_DIM] = "\033[2m",   [C_BOLD] = "\033[1m",
	};

	return on ? seq[c] : "";
}

/* A pager at the other end of a pipe shows it on the terminal that our messages go to. */
static int terminal_of_output(void)
{
	struct stat st;

	if (isatty(STDOUT_FILENO))
		return STDOUT_FILENO;
	if (!fstat(STDOUT_FILENO, &st) && S_ISFIFO(st.st_mode) && isatty(STDERR_FILENO))
		return STDERR_FILENO;
	return -1;
}

int text_width(void)
{
	const char *env = getenv("COLUMNS");
	int asked = env ? atoi(env) : 0, fd = terminal_of_output();
	struct winsize w;

	if (asked >= 40 && asked <= 300)
		return asked;
	if (fd >= 0 && !ioctl(fd, TIOCGWINSZ, &w) && w.ws_col >= 60)
		return w.ws_col > 140 ? 140 : w.ws_col;
	return 100;
}

void wrap(const char *text, int at, int indent, int width)
{
	bool fresh = true; /* nothing of it on this line yet */
	int col = at;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (col > indent && col + 1 + (int)n > width) {
			printf("\n%*s", indent, "");
			col = indent;
		} else if (!fresh) {
			putchar(' ');
			col++;
		}
		fresh = false;
		printf("%.*s", (int)n, text);
		col += (int)n;
		text += n;
		text += strspn(text, " ");
	}
	putchar('\n');
}

const char *human_size(uint64_t v, char *buf, size_t len)
{
	static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t u = 0;

	while (v >= 1024 && !(v & 1023) && u + 1 < sizeof(unit) / sizeof(unit[0])) {
		v >>= 10;
		u++;
	}
	snprintf(buf, len, "%" PRIu64 " %s", v, unit[u]);
	return buf;
}

#define ITEMS_TAIL sizeof(", ... and 18446744073709551615 more")

void items_begin(struct items *t, char *buf, size_t len)
{
	*t = (struct items){ .buf = buf, .len = len };
	*buf = '\0';
}

void items_add(struct items *t, size_t what, const char *sep, const char *fmt, ...)
{
	size_t room = t->len > t->at + ITEMS_TAIL ? t->len - t->at - ITEMS_TAIL : 0, n = t->at ? strlen(sep) : 0;
	va_list ap;
	int k = -1;

	/* After one that had no room none follows: the list shows its beginning, not what happens to be short. */
	if (!t->more && n < room) {
		memcpy(t->buf + t->at, sep, n);
		va_start(ap, fmt);
		k = vsnprintf(t->buf + t->at + n, room - n, fmt, ap);
		va_end(ap);
	}
	if (k < 0 || (size_t)k >= room - n) {
		t->buf[t->at] = '\0';
		t->more += what;
		return;
	}
	t->at += n + (size_t)k;
}

void items_end(struct items *t)
{
	if (t->more)
		snprintf(t->buf + t->at, t->len - t->at, t->at ? ", ... and %zu more" : "%zu, too long to show",
			 t->more);
}
