// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stores_record.c - execute one message step by step and see what each instruction stored.
 *
 * No decoder: the bytes tell. The target is memory shared with a child, every byte of it different from all data. After
 * each single step what differs now has just been stored, and is made different again, so that a byte that is written
 * twice is seen twice. Only fences and no-ops, which leave no trace, are known by their code.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/stores_int.h"

#define PAGE ((size_t)4096)
/* Before and behind the message: a page each, so that what stores beside it is seen too. */
#define TARGET (2 * PAGE)
#define BYTES  (PAGE + TARGET + PAGE)
#define BLANK  0xa5 /* no byte of the data: those are below 0x80 */
/* rep movsb of 64 lines is 4096 steps; the first call of a function bound late about a thousand. */
#define MAX_STEPS 1000000

enum state { WAITING, STORING, DONE };

struct recorder {
	volatile enum state *state;
	uint8_t *memory;
	pid_t child;
	bool nops; /* the pattern is made of them too: those that compilers put here and there are left out */
	struct stores_shape shape;
};

static int add(struct recorder *r, enum stores_kind kind, uint32_t size, uint64_t offset)
{
	struct stores_event *last = r->shape.n ? &r->shape.events[r->shape.n - 1] : NULL;

	if (kind == STORES_GAP && last && last->kind == STORES_GAP) {
		last->size += size;
		return 0;
	}
	if (r->shape.n == STORES_SHAPE_MAX)
		return -E2BIG;
	r->shape.events[r->shape.n++] = (struct stores_event){ .kind = kind, .size = size, .offset = offset };
	return 0;
}

/* What leaves no trace in memory. */
static int look_at_code(struct recorder *r, uint64_t ip)
{
	uint8_t code[sizeof(long)];
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, r->child, (void *)ip, NULL);
	if (errno)
		return -errno;
	memcpy(code, &word, sizeof(code));
	if (code[0] == 0x90 && r->nops)
		return add(r, STORES_GAP, 1, 0);
	/* SFENCE, MFENCE, LFENCE: 0F AE with F8 .. FF, F0 .. F7, E8 .. EF; those with a prefix are others. */
	if (code[0] == 0x0f && code[1] == 0xae && code[2] >= 0xe8)
		return add(r, STORES_FENCE, 0, 0);
	return 0;
}

static int look_at_memory(struct recorder *r)
{
	uint8_t *m = r->memory;
	size_t first, end;

	/* Compares each byte with its neighbour: all are blank when the first is. */
	if (m[0] == BLANK && !memcmp(m, m + 1, BYTES - 1))
		return 0;
	for (first = 0; m[first] == BLANK; first++)
		;
	for (end = BYTES; m[end - 1] == BLANK; end--)
		;
	for (size_t i = first; i < end; i++)
		if (m[i] == BLANK)
			return -EBADMSG;
	memset(m + first, BLANK, end - first);
	return add(r, STORES_STORE, (uint32_t)(end - first), first - PAGE);
}

/* 0 when it has stopped, by a step or at the beginning. */
static int stopped(pid_t child, int signal)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return -WEXITSTATUS(status);
	return WIFSTOPPED(status) && WSTOPSIG(status) == signal ? 0 : -EIO;
}

static int step(struct recorder *r)
{
	struct user_regs_struct regs;
	bool storing = *r->state == STORING;
	int err = 0;

	if (ptrace(PTRACE_GETREGS, r->child, NULL, &regs))
		return -errno;
	if (storing)
		err = look_at_code(r, regs.rip);
	if (err)
		return err;
	if (ptrace(PTRACE_SINGLESTEP, r->child, NULL, NULL))
		return -errno;
	err = stopped(r->child, SIGTRAP);
	return err || !storing ? err : look_at_memory(r);
}

static int trace(struct recorder *r)
{
	int err = stopped(r->child, SIGSTOP);

	if (err)
		return err;
	if (ptrace(PTRACE_SETOPTIONS, r->child, NULL, (void *)PTRACE_O_EXITKILL))
		return -errno;
	memset(r->memory, BLANK, BYTES);
	for (int i = 0; i < MAX_STEPS && *r->state != DONE && !err; i++)
		err = step(r);
	if (!err && *r->state != DONE)
		err = -ELOOP;
	return err;
}

/* The child. Once untraced, so that what happens only in a first call is over. */
static _Noreturn void be_traced(wcdiag_store_fn fn, const struct wcdiag_store_args *args, volatile enum state *state)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(errno);
	fn(args);
	raise(SIGSTOP);
	*state = STORING;
	fn(args);
	*state = DONE;
	_exit(0);
}

static int record(struct recorder *r, const struct stores_run *full, const void *from)
{
	struct wcdiag_store_args args = {
		.to = r->memory + PAGE,
		.from = from,
		.messages = 1,
		.lines = full->lines,
		.gap = full->gap,
	};
	wcdiag_store_fn fn = stores_function(full->pattern);
	int err;

	r->child = fork();
	if (r->child < 0)
		return -errno;
	if (!r->child)
		be_traced(fn, &args, r->state);
	err = trace(r);
	kill(r->child, SIGKILL);
	while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
		;
	/* What a compiler puts behind the function's last instruction; that one is the batch's own fence. */
	if (!err && r->shape.n && r->shape.events[r->shape.n - 1].kind == STORES_GAP)
		r->shape.n--;
	if (!err && (!r->shape.n || r->shape.events[--r->shape.n].kind != STORES_FENCE))
		err = -EIO;
	return err;
}

int stores_record(const struct stores_run *run, struct stores_shape *out)
{
	struct stores_run full = *run;
	struct wcdiag_store_walk walk;
	struct recorder r = { 0 };
	uint8_t *shared;
	void *from;
	int err;

	full.messages = 1;
	full.batch = 1;
	for (int i = 0; i < WCDIAG_STORE_LINE; i++)
		full.data[i] = (uint8_t)(i + 1);
	err = stores_check(&full, TARGET);
	if (err)
		return err;
	stores_begin(&full, TARGET, &full, &walk);
	shared = mmap(NULL, BYTES + PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	r.nops = wcdiag_store_patterns[run->pattern].flags & WCDIAG_STORE_NOPS;
	r.memory = shared;
	r.state = (volatile enum state *)(void *)(shared + BYTES);
	r.shape.events = calloc(STORES_SHAPE_MAX, sizeof(*r.shape.events));
	from = stores_source(&full);
	err = r.shape.events && from ? record(&r, &full, from) : -ENOMEM;
	free(from);
	munmap(shared, BYTES + PAGE);
	if (err)
		free(r.shape.events);
	else
		*out = r.shape;
	return err;
}
