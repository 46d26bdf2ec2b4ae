/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_begin.c - starting a program under trace, and attaching to one that runs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace_end.h"

static int seize(pid_t tid)
{
	if (!ptrace(PTRACE_SEIZE, tid, NULL, (void *)(uintptr_t)TR_OPTIONS)) /* NOLINT: a number */
		return 0;
	return errno == EIO ? -EPERM : -errno;
}

/* In the child: wait to be seized, then execute; why that failed goes to the parent. */
static void __attribute__((noreturn)) child(const struct trace *t, int go, int say, const char *file,
					    char *const argv[], char *const envp[], const sigset_t *mask)
{
	char byte;
	int err;

	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, mask, NULL);
	sigaction(SIGCHLD, &t->old_chld, NULL);
	if (envp)
		execvpe(file, argv, envp);
	else
		execvp(file, argv);
	err = errno;
	if (write(say, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

static int end_child(pid_t pid, int err)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return err;
}

/* Its first stop is that of execve. */
static int to_exec(struct trace *t, int say)
{
	int status, why;

	for (;;) {
		pid_t got = waitpid(t->pid, &status, __WALL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!WIFSTOPPED(status))
			return read(say, &why, sizeof(why)) == sizeof(why) ? -why : -ECHILD;
		if (status >> 16 == PTRACE_EVENT_EXEC)
			return 0;
		if (ptrace(PTRACE_CONT, t->pid, NULL,
			   (void *)(uintptr_t)(status >> 16 ? 0 : WSTOPSIG(status)))) /* NOLINT: a number */
			return -errno;
	}
}

static int adopt(struct trace *t)
{
	struct proc *p = trace_add_proc(t, t->pid, NULL);
	struct thread *th = p ? trace_add_thread(t, p, t->pid) : NULL;

	if (!th)
		return -ENOMEM;
	th->stop = STOP_EVENT;
	th->in_call = true; /* the stop at the end of execve is to come */
	th->nr = SYS_execve;
	th->mask_have = !tr_mask_get(th, &th->mask);
	tr_actions_learn(t, th);
	if (tr_regs(th))
		return -ESRCH;
	if (th->regs.cs == 0x23)
		return -EOPNOTSUPP;
	return 0;
}

int trace_start(struct trace *t, const char *file, char *const argv[], char *const envp[])
{
	int go[2], say[2], err;
	sigset_t mask;
	pid_t pid;

	if (t->pid)
		return -EBUSY;
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(say, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	sigprocmask(SIG_SETMASK, NULL, &mask);
	tr_take_chld(t);
	pid = fork();
	if (!pid) {
		close(go[1]);
		child(t, go[0], say[1], file, argv, envp, &mask);
	}
	err = pid < 0 ? -errno : seize(pid);
	close(go[0]);
	close(say[1]);
	if (!err) {
		t->pid = pid;
		t->started = true;
		if (write(go[1], "", 1) != 1)
			err = -EIO;
		else
			err = to_exec(t, say[0]);
		if (!err)
			err = adopt(t);
	}
	close(go[1]);
	close(say[0]);
	if (err && pid > 0) {
		trace_clear(t);
		t->pid = 0;
		end_child(pid, err);
	}
	if (err)
		tr_give_chld(t);
	return err;
}

/* All threads that it has now; again until no new one is found. */
static int seize_all(struct trace *t, struct proc *p)
{
	char path[40];
	bool more = true;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", t->pid);
	while (more && !err) {
		struct dirent *e;
		DIR *d = opendir(path);

		if (!d)
			return errno == ENOENT ? -ESRCH : -errno;
		more = false;
		while (!err && (e = readdir(d))) {
			pid_t tid = atoi(e->d_name);
			struct thread *th;

			if (tid <= 0 || trace_find(t, tid))
				continue;
			err = seize(tid);
			if (err == -ESRCH && tid != t->pid) { /* ended meanwhile */
				err = 0;
				continue;
			}
			/* A thread of one that is traced already comes by itself. */
			if (err == -EPERM && p->threads) {
				err = 0;
				continue;
			}
			if (err)
				break;
			more = true;
			th = trace_add_thread(t, p, tid);
			if (!th) {
				err = -ENOMEM;
				break;
			}
			th->interrupted = !ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		}
		closedir(d);
	}
	return err;
}

int trace_attach(struct trace *t, pid_t pid)
{
	struct thread *th, *next, *can = NULL;
	struct proc *p;
	int err;

	if (t->pid)
		return -EBUSY;
	t->pid = pid;
	p = trace_add_proc(t, pid, NULL);
	if (!p)
		return -ENOMEM;
	p->threads++; /* it stays while its threads come and go here */
	err = seize_all(t, p);
	if (!err)
		tr_collect(t);
	p->threads--;
	for (th = trace_next(t, NULL); th; th = next) {
		next = trace_next(t, th);
		if (!tr_stopped(th))
			continue;
		if (!tr_regs(th) && th->regs.cs == 0x23)
			err = err ? err : -EOPNOTSUPP;
		th->mask_have = !tr_mask_get(th, &th->mask);
		th->filtered = tr_filtered(th);
		can = th;
	}
	t->ready = true;
	if (!err && !t->nthreads)
		err = -ESRCH;
	if (!err && !can)
		err = -EBUSY;
	if (!err) {
		for (th = trace_next(t, NULL); th; th = trace_next(t, th))
			trace_tell(t, th, TRACE_THREAD, 0, 0, 0, th->tid, "found at attaching");
		tr_actions_learn(t, can);
		err = tr_rescan(t, can, true);
	}
	if (err) {
		if (t->nthreads)
			trace_stop(t);
		else
			trace_clear(t);
		t->pid = 0;
	}
	return err;
}
