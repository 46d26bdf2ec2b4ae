/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_live.c - wcdiag watch on this machine: from the first decision to Ctrl-C. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/watch.h"
#include "probe/machine.h"
#include "probe/src.h"

struct live {
	struct watch_asked *a;
	struct watch *w;
	struct watch_show show;
	struct watch_child child;
	int signals;
	enum mtype slot[8];
	uint64_t began;
	char ended[80];
};

static int event(const struct watch_event *e, void *ctx)
{
	return watch_show_event(&((struct live *)ctx)->show, e);
}

static int take_signals_as_input(struct live *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signals < 0 ? cmd_fail_errno(l->a->c, "signals", errno, NULL) : 0;
}

/* The machine as it is once the watch runs: what is reserved then, and whose it is. */
static int scene(struct live *l, const struct src *s)
{
	static const unsigned int what = READ_ALL & ~(unsigned int)READ_ENTRIES;
	struct watch_asked *a = l->a;
	struct machine *m;
	bool *sel = NULL;
	int rc = machine_read(s, what, NULL, &m);

	if (rc)
		return cmd_fail_errno(a->c, "this machine", -rc, NULL);
	watch_slots(m, l->slot);
	rc = watch_scene_begin(a->c, l->w, m, &l->show.scene);
	if (!rc && device_arg_given(&a->bar)) {
		rc = device_select(a->c, m, &a->bar, &sel, NULL, 0);
		for (size_t d = 0; !rc && d < m->pci.n && a->nrange < WATCH_ASKED_RANGES; d++)
			if (sel[d]) {
				const struct pci_bar *x = &m->pci.dev[d].bar[a->bar.bar];

				a->range[a->nrange].start = x->addr;
				a->range[a->nrange++].end = x->addr + x->size;
			}
		free(sel);
	}
	machine_free(m);
	return rc;
}

static const char *how_it_ended(struct live *l)
{
	if (WIFSIGNALED(l->child.status))
		snprintf(l->ended, sizeof(l->ended), "the command was ended by signal %d", WTERMSIG(l->child.status));
	else
		snprintf(l->ended, sizeof(l->ended), "the command ended with status %d", WEXITSTATUS(l->child.status));
	return l->ended;
}

/* Until when to wait, ms; -1: for ever. Losses are looked for twice a second. */
static int wait_ms(const struct live *l)
{
	const uint64_t gone = (watch_now() - l->began) / 1000000;

	if (!l->a->duration_ms)
		return 500;
	return gone >= l->a->duration_ms ? 0 : l->a->duration_ms - gone < 500 ? (int)(l->a->duration_ms - gone) : 500;
}

/* Why to end now; NULL: not yet. */
static const char *over(struct live *l, short signalled)
{
	struct signalfd_siginfo si;

	while (signalled && read(l->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			continue;
		snprintf(l->ended, sizeof(l->ended), "ended by %s", si.ssi_signo == SIGINT ? "Ctrl-C" : "a signal");
		return l->ended;
	}
	if (watch_child_ended(&l->child))
		return how_it_ended(l);
	if (l->a->duration_ms && (watch_now() - l->began) / 1000000 >= l->a->duration_ms)
		return "the time is over";
	return NULL;
}

static int serve(struct live *l)
{
	struct pollfd p[2] = { { .fd = watch_fd(l->w), .events = POLLIN }, { .fd = l->signals, .events = POLLIN } };
	const char *why = NULL;
	int rc;

	do {
		poll(p, 2, wait_ms(l));
		/* First whether it is over, then what was decided until then. */
		why = over(l, p[1].revents);
		/* What was lost may lie among what is taken now. */
		watch_show_lost(&l->show, watch_state(l->w)->lost);
		rc = (why ? watch_finish : watch_take)(l->w, event, l);
		if (rc < 0)
			return cmd_fail_errno(l->a->c, "the kernel's decisions", -rc, NULL);
		watch_show_lost(&l->show, watch_state(l->w)->lost);
		if (l->a->limit && l->show.n.shown >= l->a->limit)
			why = "so many were asked for";
		if (fflush(stdout))
			why = "nobody reads any more";
	} while (!why);
	l->show.n.ended_by = why;
	watch_show_unjudged(&l->show, watch_state(l->w)->unpaired);
	l->show.n.seen += l->show.n.lost;
	l->show.n.seconds = (double)(watch_now() - l->began) / 1e9;
	return 0;
}

static int begin(struct live *l, const struct src *s)
{
	const struct watch_params p = { .way = l->a->way, .s = s, .slot = l->slot };
	int rc = watch_open(&p, &l->w);

	if (rc) {
		static const struct watch_state none;

		return watch_refused(l->a->c, l->a->way, l->w ? watch_state(l->w) : &none, -rc);
	}
	rc = scene(l, s);
	l->began = watch_now();
	if (!rc)
		rc = watch_show_begin(&l->show);
	fflush(stdout);
	return rc ? rc : watch_child_go(l->a->c, l->a->argv, &l->child);
}

/* The command has standard output for itself when there is a file for the log. */
static int redirect(const struct watch_asked *a)
{
	int fd, rc;

	if (!a->output)
		return 0;
	fd = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return cmd_fail_errno(a->c, a->output, errno, NULL);
	fflush(stdout);
	rc = dup2(fd, STDOUT_FILENO) < 0 ? cmd_fail_errno(a->c, a->output, errno, NULL) : 0;
	close(fd);
	return rc;
}

int watch_live_do(struct watch_asked *a)
{
	struct live l = { .a = a,
			  .signals = -1,
			  .show = { .a = a, .out = strcmp(a->o.format, "json") ? &watch_text : &watch_json } };
	struct src *s = NULL;
	int rc = common_open(&a->o, &s);

	if (rc)
		return rc;
	/* The child is made before signals and output are ours. */
	rc = watch_child_prepare(a->c, a->argv, &l.child);
	if (!rc)
		rc = redirect(a);
	if (!rc)
		rc = take_signals_as_input(&l);
	if (!rc)
		rc = begin(&l, s);
	if (!rc)
		rc = serve(&l);
	/* First the kernel is as it was, then the end is told. */
	watch_close(l.w);
	if (!rc)
		rc = watch_show_end(&l.show);
	watch_show_free(&l.show);
	watch_child_free(&l.child);
	if (l.signals >= 0)
		close(l.signals);
	src_close(s);
	return rc;
}
