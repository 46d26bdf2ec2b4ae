/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet.c - worker processes that are told a number and print; each prints into two memory files that it shares with
 * us.
 */
#include "cmd/fleet.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 256
/* Results that wait for an earlier one, per worker: enough that a slow snapshot does not make the others stand still.
 */
#define AHEAD 8

struct order {
	size_t i;
	char died[64]; /* "" as a rule */
};
struct answer {
	int rc;
	size_t outlen, errlen;
};

struct worker {
	pid_t pid;
	int sock, out, err;
	bool busy;
	struct order order;
};

struct ready {
	bool is;
	int rc;
	char *out, *err;
	size_t outlen, errlen;
};

struct pool {
	const struct fleet *f;
	struct worker w[MAX_JOBS];
	unsigned int nw;
	struct ready *ready; /* by number modulo window */
	size_t window, given, taken;
};

unsigned int fleet_cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? (int)sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);

	return n < 1 ? 1 : n > MAX_JOBS ? MAX_JOBS : (unsigned int)n;
}

/* From here on stdout and stderr are the memory files. Ends with the process. */
static void work(const struct fleet *f, int sock)
{
	struct order o;

	while (recv(sock, &o, sizeof(o), 0) == (ssize_t)sizeof(o)) {
		struct answer a = { 0 };

		if (ftruncate(STDOUT_FILENO, 0) || ftruncate(STDERR_FILENO, 0) || lseek(STDOUT_FILENO, 0, SEEK_SET) ||
		    lseek(STDERR_FILENO, 0, SEEK_SET))
			_exit(1);
		a.rc = f->one(f->ctx, o.i, *o.died ? o.died : NULL);
		/* Half an answer is none: the machine is then named as one that could not be judged. */
		if (fflush(stdout) || ferror(stdout))
			_exit(1);
		a.outlen = (size_t)lseek(STDOUT_FILENO, 0, SEEK_CUR);
		a.errlen = (size_t)lseek(STDERR_FILENO, 0, SEEK_CUR);
		if (send(sock, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static void worker_close(struct worker *w)
{
	if (w->sock >= 0)
		close(w->sock);
	if (w->out >= 0)
		close(w->out);
	if (w->err >= 0)
		close(w->err);
	w->sock = w->out = w->err = -1;
}

static int worker_start(struct pool *p, struct worker *w)
{
	int pair[2];

	*w = (struct worker){ .sock = -1, .out = -1, .err = -1 };
	w->out = memfd_create("wcdiag-stdout", MFD_CLOEXEC);
	w->err = memfd_create("wcdiag-stderr", MFD_CLOEXEC);
	/* Whole messages, and the end of the other side is seen as an end. */
	if (w->out < 0 || w->err < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		int err = errno;

		worker_close(w);
		return -err;
	}
	fflush(stdout); /* or it is printed once more by the child */
	w->pid = fork();
	if (!w->pid) {
		for (unsigned int k = 0; k < p->nw; k++)
			if (&p->w[k] != w)
				worker_close(&p->w[k]);
		close(pair[0]);
		if (dup2(w->out, STDOUT_FILENO) < 0 || dup2(w->err, STDERR_FILENO) < 0)
			_exit(1);
		work(p->f, pair[1]);
	}
	close(pair[1]);
	w->sock = pair[0];
	if (w->pid < 0) {
		int err = errno;

		worker_close(w);
		return -err;
	}
	return 0;
}

/* An order that cannot be sent is to a worker that has ended: that is seen when its answer is waited for. */
static void give(struct worker *w, size_t i, const char *died)
{
	w->order = (struct order){ .i = i };
	snprintf(w->order.died, sizeof(w->order.died), "%s", died);
	w->busy = true;
	send(w->sock, &w->order, sizeof(w->order), MSG_NOSIGNAL);
}

static char *slurp(int fd, size_t n)
{
	char *p = malloc(n + 1);
	size_t got = 0;

	while (p && got < n) {
		ssize_t r = pread(fd, p + got, n - got, (off_t)got);

		if (r <= 0) {
			free(p);
			return NULL;
		}
		got += (size_t)r;
	}
	return p;
}

/* A worker that ended by itself: another one in its place says so of the snapshot that it had. */
static int again(struct pool *p, struct worker *w)
{
	struct order o = w->order;
	char how[64];
	int st = 0;

	worker_close(w);
	while (waitpid(w->pid, &st, 0) < 0 && errno == EINTR)
		;
	if (*o.died)
		return -ECHILD;
	if (WIFSIGNALED(st))
		snprintf(how, sizeof(how), "the process that judged it ended by signal %d", WTERMSIG(st));
	else
		snprintf(how, sizeof(how), "the process that judged it ended with status %d", WEXITSTATUS(st));
	st = worker_start(p, w);
	if (!st)
		give(w, o.i, how);
	return st;
}

static int answered(struct pool *p, struct worker *w)
{
	/* The window is at least a worker wide. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
	struct ready *r = &p->ready[w->order.i % p->window];
	struct answer a;
	ssize_t n;

	do {
		n = recv(w->sock, &a, sizeof(a), 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(a))
		return again(p, w);
	w->busy = false;
	*r = (struct ready){ .rc = a.rc, .outlen = a.outlen, .errlen = a.errlen };
	r->out = slurp(w->out, a.outlen);
	r->err = slurp(w->err, a.errlen);
	r->is = r->out && r->err;
	return r->is ? 0 : -ENOMEM;
}

static void ready_free(struct ready *r)
{
	free(r->out);
	free(r->err);
	*r = (struct ready){ 0 };
}

/* false: nobody wants more. */
static bool take(struct pool *p)
{
	/* As above. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
	for (struct ready *r; (r = &p->ready[p->taken % p->window])->is; p->taken++) {
		const struct fleet_result result = {
			.rc = r->rc, .out = r->out, .err = r->err, .outlen = r->outlen, .errlen = r->errlen
		};
		bool more = p->f->take(p->f->ctx, p->taken, &result);

		ready_free(r);
		if (!more)
			return false;
	}
	return true;
}

static int loop(struct pool *p)
{
	struct pollfd fd[MAX_JOBS];
	int rc;

	while (p->taken < p->f->n) {
		for (unsigned int k = 0; k < p->nw; k++) {
			struct worker *w = &p->w[k];

			if (!w->busy && p->given < p->f->n && p->given < p->taken + p->window)
				give(w, p->given++, "");
			fd[k] = (struct pollfd){ .fd = w->busy ? w->sock : -1, .events = POLLIN };
		}
		if (poll(fd, p->nw, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (unsigned int k = 0; k < p->nw; k++) {
			rc = fd[k].revents ? answered(p, &p->w[k]) : 0;
			if (rc)
				return rc;
		}
		if (!take(p))
			break;
	}
	return 0;
}

int fleet_run(const struct fleet *f)
{
	struct pool *p = calloc(1, sizeof(*p));
	unsigned int want = f->jobs < 1 ? 1 : f->jobs > MAX_JOBS ? MAX_JOBS : f->jobs;
	int rc = 0;

	if (!p)
		return -ENOMEM;
	p->f = f;
	if (want > f->n)
		want = (unsigned int)f->n;
	p->window = (size_t)want * AHEAD;
	p->ready = calloc(p->window ? p->window : 1, sizeof(*p->ready));
	if (!p->ready)
		rc = -ENOMEM;
	while (!rc && p->nw < want) {
		rc = worker_start(p, &p->w[p->nw]);
		if (!rc)
			p->nw++;
	}
	if (p->nw) /* fewer than were wanted do it, too */
		rc = loop(p);
	/* Without orders they end; one that is at work ends behind that. */
	for (unsigned int k = 0; k < p->nw; k++)
		worker_close(&p->w[k]);
	for (unsigned int k = 0; k < p->nw; k++)
		while (p->w[k].pid > 0 && waitpid(p->w[k].pid, NULL, 0) < 0 && errno == EINTR)
			;
	for (size_t i = 0; p->ready && i < p->window; i++)
		ready_free(&p->ready[i]);
	free(p->ready);
	free(p);
	return rc;
}
