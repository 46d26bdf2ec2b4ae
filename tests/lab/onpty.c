/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * onpty.c - runs a program on a terminal of its own, and presses Ctrl-C once it has said something.
 *
 *   onpty FILE WORDS TIMES COMMAND [ARGUMENT...]
 *
 * What the terminal shows goes to FILE as it is. When WORDS have come TIMES times, Ctrl-C is typed: the terminal, not
 * this program, makes SIGINT of it. Prints "status N after M ms", counted from that key; "status N untouched" when the
 * program ended by itself. Ends it after two minutes.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char shown[1 << 20];
static size_t n;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int times(const char *words)
{
	int found = 0;

	for (const char *p = shown; (p = strstr(p, words)); p += strlen(words))
		found++;
	return found;
}

int main(int argc, char **argv)
{
	long end = now() + 120000, pressed = 0;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int fd, status;
	FILE *f;
	pid_t pid;

	if (argc < 5 || !(f = fopen(argv[1], "w"))) {
		fprintf(stderr, "usage: onpty FILE WORDS TIMES COMMAND [ARGUMENT...]\n");
		return 2;
	}
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0) {
		perror("onpty: forkpty");
		return 2;
	}
	if (!pid) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, 1000);
		ssize_t got = ready > 0 ? read(fd, shown + n, sizeof(shown) - 1 - n) : 0;

		if (now() > end)
			kill(pid, SIGKILL);
		/* EIO: the other end is closed. */
		if (ready > 0 && got <= 0)
			break;
		n += (size_t)got;
		if (!pressed && times(argv[2]) >= atoi(argv[3])) {
			pressed = now();
			if (write(fd, "\003", 1) != 1)
				perror("onpty: Ctrl-C");
		}
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	fwrite(shown, 1, n, f);
	fclose(f);
	printf("status %d ", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (pressed)
		printf("after %ld ms\n", now() - pressed);
	else
		printf("untouched\n");
	return 0;
}
