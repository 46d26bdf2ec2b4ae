/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * onscreen.c - runs a program on a terminal of its own and keeps what the screen shows in a file, as it changes.
 *
 *   onscreen FILE COMMAND [ARGUMENT...]
 *
 * The terminal is the plainest that curses can use (initramfs.sh describes it as "plain"): it goes to a place, clears
 * itself, and prints. Says "ready" once something is shown. What comes on its own standard input is typed. On SIGTERM it
 * types "q"; FILE.status is then the program's exit status.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS 30
#define COLS 100

static char screen[ROWS][COLS];
static int row, col, arg[2], nargs, state; /* state: 0 text, 1 behind ESC, 2 in a sequence */
static volatile sig_atomic_t asked;

static void on_term(int sig)
{
	(void)sig;
	asked = 1;
}

static void act(char c)
{
	if (c == 'H') {
		row = arg[0] > 0 && arg[0] <= ROWS ? arg[0] - 1 : 0;
		col = arg[1] > 0 && arg[1] <= COLS ? arg[1] - 1 : 0;
	} else if (c == 'J') {
		memset(screen, ' ', sizeof(screen));
	}
}

static void put(char c)
{
	if (state == 1) {
		state = c == '[' ? 2 : 0;
		nargs = arg[0] = arg[1] = 0;
	} else if (state == 2) {
		if (c >= '0' && c <= '9' && nargs < 2) {
			arg[nargs] = arg[nargs] * 10 + c - '0';
		} else if (c == ';') {
			nargs++;
		} else {
			act(c);
			state = 0;
		}
	} else if (c == 27) {
		state = 1;
	} else if (c == '\r') {
		col = 0;
	} else if (c == '\n') {
		row += row < ROWS - 1;
	} else if (c == '\b') {
		col -= col > 0;
	} else if (c >= ' ') {
		screen[row][col] = c;
		if (++col == COLS) { /* am: on to the next line */
			col = 0;
			row += row < ROWS - 1;
		}
	}
}

/* Whole at each moment: written beside it, then renamed. */
static void keep(const char *file)
{
	char name[300];
	FILE *f;

	snprintf(name, sizeof(name), "%s.new", file);
	f = fopen(name, "w");
	for (int i = 0; f && i < ROWS; i++)
		fprintf(f, "%.*s\n", COLS, screen[i]);
	if (!f || fclose(f) || rename(name, file))
		perror("onscreen");
}

/* Keys for the program; the end of the input is no key. */
static void type(struct pollfd *keys, int terminal)
{
	char bytes[64];
	ssize_t n = read(keys->fd, bytes, sizeof(bytes));

	if (n <= 0)
		keys->fd = -1;
	else if (write(terminal, bytes, (size_t)n) != n)
		perror("onscreen");
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLS };
	struct sigaction sa = { .sa_handler = on_term };
	struct pollfd p[2] = { { .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	bool ready = false, typed = false;
	char name[300];
	int fd, status;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		fprintf(stderr, "usage: onscreen FILE COMMAND [ARGUMENT...]\n");
		return 2;
	}
	memset(screen, ' ', sizeof(screen));
	sigaction(SIGTERM, &sa, NULL);
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0) {
		perror("onscreen: forkpty");
		return 2;
	}
	if (!pid) {
		setenv("TERM", "plain", 1);
		setenv("TERMINFO", "/lab/terminfo", 1);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	for (;;) {
		int got, any;
		char bytes[4096];

		p[0].fd = fd;
		any = poll(p, 2, 200);

		if (asked && !typed)
			typed = write(fd, "q", 1) == 1;
		if (any < 0 && errno == EINTR)
			continue;
		if (any > 0 && p[1].revents)
			type(&p[1], fd);
		if (any <= 0 || !p[0].revents)
			continue;
		got = (int)read(fd, bytes, sizeof(bytes));
		if (got <= 0) /* EIO: it has ended */
			break;
		for (int i = 0; i < got; i++)
			put(bytes[i]);
		keep(argv[1]);
		if (!ready && got > 100) {
			puts("ready");
			fflush(stdout);
			ready = true;
		}
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	snprintf(name, sizeof(name), "%s.status", argv[1]);
	f = fopen(name, "w");
	if (f) {
		fprintf(f, "%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		fclose(f);
	}
	return 0;
}
