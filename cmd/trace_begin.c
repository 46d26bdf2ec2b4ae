/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_begin.c - how a program comes under trace, and what ends that: for wcdiag trace and wcdiag check -- COMMAND. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "cmd/trace.h"

volatile sig_atomic_t trace_stopped;

static void on_signal(int sig)
{
	trace_stopped = sig;
}

/* Where they are ignored (nohup) they stay so. */
void trace_catch_signals(bool on)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static struct sigaction old[sizeof(sigs) / sizeof(sigs[0])];
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		if (on && !sigaction(sigs[i], NULL, &old[i]) && old[i].sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
		else if (!on && old[i].sa_handler != SIG_IGN)
			sigaction(sigs[i], &old[i], NULL);
	}
}

/* Why tracing failed: what, and what to do. */
int trace_failed(const struct trace_asked *a, const char *what, int err)
{
	const char *todo = NULL;

	switch (err) {
	case EPERM:
		todo = a->pid ? "it is another user's, is traced already, or kernel.yama.ptrace_scope forbids it: run "
				"as root"
			      : "tracing is not allowed here (ptrace, seccomp)";
		break;
	case ESRCH:
		todo = "see: ps -e";
		break;
	case ENOENT:
		todo = "no such program: check the name";
		break;
	case EACCES:
		todo = "not a program that may be executed";
		break;
	case EOPNOTSUPP:
		return cmd_fail(a->c, what, "it is a 32-bit program", "only 64-bit programs are traced");
	default:
		break;
	}
	return cmd_fail_errno(a->c, what, err, todo);
}

int trace_begin(struct trace *t, const struct trace_asked *a)
{
	char name[32];
	int rc;

	if (a->pid) {
		snprintf(name, sizeof(name), "process %d", a->pid);
		rc = trace_attach(t, a->pid);
		return rc ? trace_failed(a, name, -rc) : 0;
	}
	/* The program gets SIGPIPE as we were given it, not as we ignore it. */
	signal(SIGPIPE, common_sigpipe);
	rc = trace_start(t, a->argv[0], a->argv, NULL);
	signal(SIGPIPE, SIG_IGN);
	return rc ? trace_failed(a, a->argv[0], -rc) : 0;
}
