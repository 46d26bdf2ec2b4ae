// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * truth.c - which bytes of a shared file each instruction of a program changes, found without decoding: the program is
 * stepped from mark to mark (prog/prog.h), and after each step the file's memory is compared with what it was.
 *
 *   truth [-k] FILE -- PROGRAM ARGS...
 *
 * A store of the bytes that are there already changes nothing. So the program runs twice, once over a file of 00, once of
 * ff, which is laid down again after each step that changed something; what either run saw is what was stored. -k: once,
 * over what the file holds, for programs that go by what they have stored; equal bytes are missed then.
 *
 * What it cannot see: reads; stores whose result is the byte that is there under both fills (a bit set that is set).
 * One thread at a time executes; all of them are told in their own order.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define MARK_CALL  110 /* getppid, with an argument */
#define MARK_BEGIN 0x57434201
#define MARK_END   0x57434202
#define TASKS	   128
#define STEPS_MOST 3000000

struct task {
	pid_t tid;
	bool stepping, ready; /* inside marks; stopped, may be stepped */
	bool calls;	      /* the step in progress is a system call */
	bool entered;	      /* a signal was handed over, whose handler begins now */
	uint64_t n;
	int sig;	      /* to be delivered with the next step */
};

static struct task tasks[TASKS];
static int ntasks;
static unsigned char *file, was[MOST];
static size_t size;
static int fill; /* -1: none */
static struct steps seen;
static uint64_t total;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "truth: %s: %s\n", what, strerror(errno));
	for (int i = 0; i < ntasks; i++)
		if (tasks[i].tid)
			kill(tasks[i].tid, SIGKILL);
	exit(2);
}

static struct task *task_of(pid_t tid)
{
	for (int i = 0; i < ntasks; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	if (ntasks == TASKS)
		die("too many threads");
	tasks[ntasks] = (struct task){ .tid = tid };
	return &tasks[ntasks++];
}

static void lay(void)
{
	if (fill >= 0)
		memset(file, fill, size);
	memcpy(was, file, size);
}

/* What has changed since the last look, into s. */
static void changes(struct step *s)
{
	size_t i = 0;

	if (!memcmp(was, file, size))
		return;
	while (i < size) {
		size_t from;

		while (i < size && was[i] == file[i])
			i++;
		for (from = i; i < size && was[i] != file[i];)
			i++;
		if (i > from)
			runs_add(s, (uint32_t)from, (uint32_t)i);
	}
	lay();
}

static void regs_of(struct task *t, struct user_regs_struct *r)
{
	if (ptrace(PTRACE_GETREGS, t->tid, 0, r))
		die("registers");
}

static unsigned int class_at(struct task *t, uint64_t ip)
{
	uint8_t b[16];
	struct iovec to = { b, sizeof(b) }, from = { (void *)ip, sizeof(b) };
	ssize_t n = process_vm_readv(t->tid, &to, 1, &from, 1, 0);

	if (n <= 0) {
		from.iov_len = 4096 - (ip & 4095); /* up to the page's end */
		n = process_vm_readv(t->tid, &to, 1, &from, 1, 0);
	}
	return n > 0 ? truth_class(b, (size_t)n) : 0;
}

static bool caught(pid_t tid, int sig)
{
	char path[64], line[256];
	unsigned long long mask = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SigCgt: %llx", &mask) == 1)
			break;
	if (f)
		fclose(f);
	return mask >> (sig - 1) & 1;
}

static void goes_on(struct task *t, int request, int sig)
{
	if (ptrace(request, t->tid, 0, sig) && errno != ESRCH)
		die("resuming");
}

/* A free task has made a system call: a mark? */
static void free_stop(struct task *t)
{
	struct user_regs_struct r;

	regs_of(t, &r);
	if (r.orig_rax == MARK_CALL && r.rdi == MARK_BEGIN && (long)r.rax != -ENOSYS) {
		bool others = false;

		for (int i = 0; i < ntasks; i++)
			others |= tasks[i].tid && tasks[i].stepping;
		if (!others)
			lay();
		t->stepping = t->ready = true;
		return;
	}
	goes_on(t, PTRACE_SYSCALL, 0);
}

/* One step of a task; its stop is handled where all stops are. */
struct pending {
	uint64_t ip;
	unsigned int is;
} before[TASKS];

static void step(struct task *t)
{
	struct user_regs_struct r;
	struct pending *b = &before[t - tasks];

	regs_of(t, &r);
	if (t->sig && caught(t->tid, t->sig)) {
		t->entered = true;
		steps_add(&seen, (struct step){ .task = (int)(t - tasks), .n = t->n, .ip = r.rip, .is = T_SIGNAL });
	}
	b->ip = r.rip;
	b->is = class_at(t, r.rip);
	t->calls = b->is & T_SYSCALL && !t->entered;
	if (t->calls && r.rax == MARK_CALL && r.rdi == MARK_END) {
		steps_add(&seen, (struct step){ .task = (int)(t - tasks), .n = t->n++, .ip = r.rip, .is = T_CUT });
		t->stepping = t->ready = false;
		goes_on(t, PTRACE_SYSCALL, t->sig);
		t->sig = 0;
		return;
	}
	if (t->calls && r.rax == MARK_CALL && r.rdi == MARK_BEGIN)
		b->is = 0;
	t->ready = false;
	goes_on(t, PTRACE_SINGLESTEP, t->sig);
	t->sig = 0;
	if (++total > STEPS_MOST)
		die("too many steps");
}

/* The step that was begun in step() has ended. */
static void stepped(struct task *t)
{
	struct pending *b = &before[t - tasks];
	struct step s = { .task = (int)(t - tasks), .n = t->n, .ip = b->ip, .is = b->is };
	struct user_regs_struct r;

	t->ready = true;
	if (t->entered) {
		t->entered = false;
		return;
	}
	regs_of(t, &r);
	changes(&s);
	if (s.is & T_SYSCALL)
		s.is |= s.nruns ? T_KERNEL : 0;
	/* An instruction that faulted, or before which a signal came, was not executed. */
	if (r.rip == b->ip && !s.nruns && t->sig)
		return;
	if (s.is & ~(T_REP | T_DIRECT) || s.nruns)
		steps_add(&seen, s);
	t->n++;
}

static void stop(struct task *t, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;
	siginfo_t si;

	if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
		unsigned long tid = 0;

		ptrace(PTRACE_GETEVENTMSG, t->tid, 0, &tid);
		task_of((pid_t)tid);
		goes_on(t, t->stepping ? PTRACE_SINGLESTEP : PTRACE_SYSCALL, 0);
		return;
	}
	if (event == PTRACE_EVENT_EXEC) {
		t->stepping = t->ready = false;
		goes_on(t, PTRACE_SYSCALL, 0);
		return;
	}
	if (event == PTRACE_EVENT_STOP) {
		/* A new task's first stop, or a stop of the whole group. */
		goes_on(t, sig == SIGTRAP ? PTRACE_SYSCALL : PTRACE_LISTEN, 0);
		return;
	}
	if (sig == (SIGTRAP | 0x80)) {
		if (t->stepping)
			goes_on(t, PTRACE_SINGLESTEP, 0);
		else
			free_stop(t);
		return;
	}
	if (!t->stepping) {
		goes_on(t, PTRACE_SYSCALL, sig);
		return;
	}
	memset(&si, 0, sizeof(si));
	ptrace(PTRACE_GETSIGINFO, t->tid, 0, &si);
	if (sig != SIGTRAP || (si.si_code != TRAP_TRACE && si.si_code != TRAP_BRKPT && si.si_code != SIGTRAP))
		t->sig = sig;
	stepped(t);
}

static bool one_event(int flags)
{
	int status;
	pid_t tid = waitpid(-1, &status, __WALL | flags);

	if (tid <= 0)
		return false;
	if (!WIFSTOPPED(status)) {
		for (int i = 0; i < ntasks; i++)
			if (tasks[i].tid == tid)
				tasks[i].tid = 0;
		return true;
	}
	stop(task_of(tid), status);
	return true;
}

static bool alive(void)
{
	for (int i = 0; i < ntasks; i++)
		if (tasks[i].tid)
			return true;
	return false;
}

static void serve(void)
{
	for (int turn = 0; alive(); turn++) {
		struct task *t = NULL;

		for (int i = 0; i < ntasks && !t; i++) {
			struct task *c = &tasks[(turn + i) % ntasks];

			if (c->tid && c->stepping && c->ready)
				t = c;
		}
		if (!t) {
			if (!one_event(0) && errno == ECHILD)
				return;
			continue;
		}
		step(t);
		/* Only a system call may last; all else ends by itself. */
		if (t->stepping && !t->calls) {
			int status;

			if (waitpid(t->tid, &status, __WALL) == t->tid) {
				if (WIFSTOPPED(status))
					stop(t, status);
				else
					t->tid = 0;
			}
		}
		while (one_event(WNOHANG))
			;
	}
}

static void pass(char **argv)
{
	int go[2];
	char c = 0;
	pid_t pid;

	ntasks = 0;
	total = 0;
	seen = (struct steps){ 0 };
	if (pipe(go))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		close(go[1]);
		personality(ADDR_NO_RANDOMIZE);
		if (read(go[0], &c, 1) != 1)
			_exit(126);
		close(go[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	task_of(pid);
	if (ptrace(PTRACE_SEIZE, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
			   PTRACE_O_EXITKILL))
		die("PTRACE_SEIZE");
	/* Stopped once, so that system calls are seen from the beginning. */
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	if (write(go[1], &c, 1) != 1)
		die("pipe");
	close(go[0]);
	close(go[1]);
	serve();
}

int main(int argc, char **argv)
{
	bool keep = argc > 1 && !strcmp(argv[1], "-k");
	int at = 1 + keep, fd;
	struct steps first;
	static unsigned char content[MOST];
	const char *wrong = NULL;
	struct stat st;

	if (argc < at + 3 || strcmp(argv[at + 1], "--")) {
		fprintf(stderr, "usage: truth [-k] FILE -- PROGRAM ARGS...\n");
		return 3;
	}
	fd = open(argv[at], O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || st.st_size > MOST)
		die(argv[at]);
	size = (size_t)st.st_size;
	file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		die(argv[at]);
	memcpy(content, file, size);
	fill = keep ? -1 : 0;
	pass(argv + at + 2);
	first = seen;
	if (!keep) {
		memcpy(file, content, size);
		fill = 0xff;
		pass(argv + at + 2);
		wrong = steps_join(&first, &seen);
	} else {
		wrong = steps_join(&first, &(struct steps){ 0 });
	}
	memcpy(file, content, size);
	if (wrong) {
		fprintf(stderr, "truth: the passes differ: %s\n", wrong);
		return 1;
	}
	steps_print(&first, stdout);
	return 0;
}
