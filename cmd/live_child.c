/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_child.c - fork, two pipes, and no wait. */
#include "cmd/live_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 8 << 20, CLOSE_MS = 5000, LOOKS = 64 };

/* In the child, after fork: system calls only. */
static void become(const char *path, const char *const argv[], int out, int err, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	/* The screen holds back what would end it; a program that is started does not inherit that. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int live_child_start(struct live_child *c, const char *path, const char *const argv[])
{
	int out[2], err[2], rc;
	pid_t parent = getpid();

	free(c->text);
	*c = (struct live_child){ .out = -1, .err = -1 };
	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		rc = -errno;
		close(out[0]);
		close(out[1]);
		return rc;
	}
	c->pid = fork();
	if (!c->pid)
		become(path, argv, out[1], err[1], parent);
	rc = c->pid < 0 ? -errno : 0;
	close(out[1]);
	close(err[1]);
	c->out = out[0];
	c->err = err[0];
	if (rc) {
		c->pid = 0;
		shut(&c->out);
		shut(&c->err);
		return rc;
	}
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	fcntl(c->err, F_SETFL, O_NONBLOCK);
	return 0;
}

static void keep(struct live_child *c, const char *p, size_t n)
{
	if (c->len + n + 1 > c->room) {
		size_t room = c->room ? c->room * 2 : 65536;
		char *more = room > MOST ? NULL : realloc(c->text, room);

		if (!more) {
			c->too_much = true;
			live_child_stop(c);
			return;
		}
		c->text = more;
		c->room = room;
	}
	memcpy(c->text + c->len, p, n);
	c->len += n;
	c->text[c->len] = '\0';
}

/*
 * What is there, but no more than some at a time: the screen is not to wait for who never stops. The end of the file,
 * or a failure, shuts it. What it wrote too much is read all the same, so that it can end.
 */
static void drain(struct live_child *c, int *fd)
{
	char buf[16384];
	ssize_t n = 1;

	for (int i = 0; i < LOOKS && *fd >= 0 && ((n = read(*fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR));
	     i++) {
		size_t room = sizeof(c->said) - 1 - c->nsaid;

		if (n < 0)
			continue;
		if (fd == &c->err) {
			room = (size_t)n < room ? (size_t)n : room;
			memcpy(c->said + c->nsaid, buf, room);
			c->nsaid += room;
			c->said[c->nsaid] = '\0';
		} else if (!c->too_much) {
			keep(c, buf, (size_t)n);
		}
	}
	if (*fd >= 0 && n <= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
		shut(fd);
}

bool live_child_ended(struct live_child *c, int *status)
{
	pid_t got;

	if (!c->pid)
		return false;
	drain(c, &c->out);
	drain(c, &c->err);
	got = waitpid(c->pid, status, WNOHANG);
	if (!got || (got < 0 && errno == EINTR))
		return false;
	if (got < 0)
		*status = 127 << 8;
	/* What it wrote between the last look and its end: what a pipe holds, and no more. */
	drain(c, &c->out);
	drain(c, &c->err);
	shut(&c->out);
	shut(&c->err);
	c->pid = 0;
	return true;
}

void live_child_stop(struct live_child *c)
{
	if (c->pid)
		kill(c->pid, SIGTERM);
}

void live_child_close(struct live_child *c)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	int status, ms = 0;

	live_child_stop(c);
	while (c->pid && !live_child_ended(c, &status)) {
		nanosleep(&nap, NULL);
		ms += 10;
		if (ms == CLOSE_MS)
			kill(c->pid, SIGKILL);
	}
	free(c->text);
	c->text = NULL;
	c->len = c->room = 0;
}
