/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_child.c - the command of wcdiag watch -- COMMAND: there before the watch begins, running when it has begun. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/watch.h"

static void child(char **argv, int go, int failed)
{
	sigset_t none;
	char byte;
	int err;

	/* Whoever started it is gone: then nobody watches. */
	if (read(go, &byte, 1) != 1)
		_exit(127);
	signal(SIGPIPE, common_sigpipe);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	err = errno;
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int watch_child_prepare(const struct cmd *c, char **argv, struct watch_child *k)
{
	int go[2], failed[2];

	*k = (struct watch_child){ .go = -1, .failed = -1 };
	if (!argv)
		return 0;
	if (pipe2(go, O_CLOEXEC))
		return cmd_fail_errno(c, argv[0], errno, NULL);
	if (pipe2(failed, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return cmd_fail_errno(c, argv[0], errno, NULL);
	}
	k->pid = fork();
	if (!k->pid) {
		close(go[1]);
		close(failed[0]);
		child(argv, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	k->go = go[1];
	k->failed = failed[0];
	if (k->pid < 0) {
		k->pid = 0;
		return cmd_fail_errno(c, argv[0], errno, NULL);
	}
	return 0;
}

int watch_child_go(const struct cmd *c, char **argv, struct watch_child *k)
{
	int err = 0;

	if (!k->pid)
		return 0;
	if (write(k->go, "g", 1) != 1)
		return cmd_fail_errno(c, argv[0], errno, NULL);
	/* The other end is closed by a successful exec. */
	if (read(k->failed, &err, sizeof(err)) == (ssize_t)sizeof(err))
		return cmd_fail_errno(c, argv[0], err, "name a program that can be started");
	return 0;
}

bool watch_child_ended(struct watch_child *k)
{
	if (k->pid && !k->ended)
		k->ended = waitpid(k->pid, &k->status, WNOHANG) == k->pid;
	return k->ended;
}

void watch_child_free(struct watch_child *k)
{
	if (k->go >= 0)
		close(k->go);
	if (k->failed >= 0)
		close(k->failed);
}
