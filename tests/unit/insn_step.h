/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn_step.h - a child executes code instruction by instruction over memory shared with it; what changed there is held
 * against what insn.h says of each instruction.
 */
#ifndef INSN_STEP_H
#define INSN_STEP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "insn_value_step.h"
#include "probe/insn.h"

#define PAGE	((size_t)4096)
#define WATCHED (4 * PAGE)
#define BLANK	VALUE_BLANK

enum { IDLE, STORING, DONE };

struct shared {
	volatile int state, loose, job;
	char pad[4084];
	uint8_t data[PAGE]; /* none of it BLANK */
	uint8_t memory[WATCHED];
};

struct stepper {
	struct shared *s;
	pid_t child;
	struct insn_cpu cpu;
	struct insn_xlayout layout;
	uint64_t steps, storing, bytes, wrong, first_ip, unsure;
	bool may[WATCHED], must[WATCHED];
	bool any;
	struct insn_regs regs;
	struct value_truth value;
};

static struct shared *share(void)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	assert_true(s != MAP_FAILED);
	for (size_t i = 0; i < PAGE; i++)
		s->data[i] = (uint8_t)(1 + i % 64);
	memset(s->memory, BLANK, WATCHED);
	return s;
}

static void of_this_cpu(struct stepper *t)
{
	uint32_t a, b, c, d;

	if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		t->cpu.xsave = b;
	if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d))
		t->cpu.xsavec = b;
	if (__get_cpuid_count(0xd, 2, &a, &b, &c, &d))
		t->layout.ymm = b;
	if (__get_cpuid_count(0xd, 5, &a, &b, &c, &d))
		t->layout.k = b;
	if (__get_cpuid_count(0xd, 6, &a, &b, &c, &d))
		t->layout.zmm_high = b;
	if (__get_cpuid_count(0xd, 7, &a, &b, &c, &d))
		t->layout.zmm_more = b;
}

static void vectors(void *ctx)
{
	static uint8_t area[16384];
	struct stepper *t = ctx;
	struct iovec v = { .iov_base = area, .iov_len = sizeof(area) };

	assert_int_equal(ptrace(PTRACE_GETREGSET, t->child, NT_X86_XSTATE, &v), 0);
	assert_int_equal(insn_xstate(area, v.iov_len, &t->layout, &t->regs), 0);
}

static void registers(struct stepper *t, const struct insn *in, const struct user_regs_struct *u)
{
	t->regs = (struct insn_regs){
		.gpr = { u->rax, u->rcx, u->rdx, u->rbx, u->rsp, u->rbp, u->rsi, u->rdi, u->r8, u->r9, u->r10, u->r11,
			 u->r12, u->r13, u->r14, u->r15 },
		.rip = u->rip,
		.flags = u->eflags,
		.fs_base = u->fs_base,
		.gs_base = u->gs_base,
	};
	if (in->vectors)
		vectors(t);
}

static int say(const struct model_event *e, void *ctx)
{
	struct stepper *t = ctx;

	assert_null(model_event_wrong(e));
	for (unsigned int i = 0; e->kind == ME_STORE && i < e->size; i++)
		if (!(e->flags & ME_MASKED) || e->mask >> i & 1)
			t->must[e->addr - (uintptr_t)t->s->memory + i] = t->any = true;
	return 0;
}

/* What is about to be executed. */
static void predict(struct stepper *t, struct insn *in, uint64_t *ip)
{
	const uint64_t from = (uintptr_t)t->s->memory;
	const struct insn_range range = { .addr = from, .size = WATCHED, .type = MT_WC };
	struct user_regs_struct u;
	uint8_t code[INSN_BYTES];
	struct iovec here = { .iov_base = code, .iov_len = sizeof(code) }, there = { .iov_len = sizeof(code) };
	struct insn_effect e;
	unsigned int unsaid;
	ssize_t n;

	assert_int_equal(ptrace(PTRACE_GETREGS, t->child, NULL, &u), 0);
	*ip = u.rip;
	there.iov_base = (void *)u.rip; /* NOLINT: an address in the child */
	n = process_vm_readv(t->child, &here, 1, &there, 1, 0);
	assert_true(n > 0);
	if (insn_decode(code, (size_t)n, in))
		fail_msg("not decoded: %02x %02x %02x %02x %02x %02x", code[0], code[1], code[2], code[3], code[4],
			 code[5]);
	registers(t, in, &u);
	insn_resolve(in, &t->regs, &t->cpu, &e);
	value_before(&t->value, t->child, code, (size_t)n, in, &t->regs, vectors, t, &e, from, WATCHED);
	assert_int_equal(insn_events(in, &e, u.rip, 1, &range, say, t, &unsaid), 0);
	t->unsure += unsaid != 0;
	for (unsigned int i = 0; i < e.nstores && unsaid; i++)
		for (uint64_t k = 0; k < e.stores[i].size && !e.stores[i].sure; k++)
			if (e.stores[i].addr + k - from < WATCHED)
				t->may[e.stores[i].addr + k - from] = t->any = true;
}

/* What was. Where it is not loose all bytes said have to have changed; everywhere none beside. */
static void compare(struct stepper *t, const struct insn *in, uint64_t ip)
{
	uint8_t *m = t->s->memory;
	bool stores = false;

	value_after(&t->value, m, WATCHED, t->s->job, ip);
	if (!t->any && m[0] == BLANK && !memcmp(m, m + 1, WATCHED - 1))
		return;
	for (size_t i = 0; i < WATCHED; i++) {
		bool changed = m[i] != BLANK;

		stores |= t->must[i] || changed;
		t->bytes += changed;
		if (changed ? !t->must[i] && !t->may[i] : t->must[i] && !t->s->loose) {
			if (t->wrong++ < 20)
				print_message("# job %d ip %" PRIx64 " (%u bytes) byte %zd: %s\n", t->s->job, ip,
					      in->len, (ssize_t)i - (ssize_t)PAGE,
					      changed ? "not said" : "said, not changed");
		}
	}
	t->storing += stores;
	if (stores && !t->first_ip)
		t->first_ip = ip;
	memset(m, BLANK, WATCHED);
	memset(t->may, 0, sizeof(t->may));
	memset(t->must, 0, sizeof(t->must));
	t->any = false;
}

/* false: it has ended. */
static bool stopped(struct stepper *t, int signal)
{
	int status;

	while (waitpid(t->child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (WIFSTOPPED(status) && WSTOPSIG(status) != signal)
		fail_msg("job %d: the child got signal %d", t->s->job, WSTOPSIG(status));
	return WIFSTOPPED(status);
}

/* Runs fn in a child. false: nobody may trace here. */
static bool step_through(struct stepper *t, void (*fn)(struct shared *))
{
	struct shared *s = t->s;
	cpu_set_t one;

	/* On one CPU a step costs a quarter of what it costs across two. */
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	s->state = IDLE;
	t->value.own = aligned_alloc(PAGE, WATCHED);
	assert_non_null(t->value.own);
	fflush(stdout);
	t->child = fork();
	assert_true(t->child >= 0);
	if (!t->child) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
		raise(SIGSTOP);
		fn(s);
		s->state = DONE;
		_exit(0);
	}
	if (!stopped(t, SIGSTOP)) {
		free(t->value.own);
		return false;
	}
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, t->child, NULL, (void *)PTRACE_O_EXITKILL), 0);
	while (s->state != DONE) {
		bool storing = s->state == STORING;
		struct insn in;
		uint64_t ip;

		if (storing)
			predict(t, &in, &ip);
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, t->child, NULL, NULL), 0);
		if (!stopped(t, SIGTRAP))
			fail_msg("job %d: the child ended", s->job);
		if (!storing)
			continue;
		t->steps++;
		compare(t, &in, ip);
	}
	kill(t->child, SIGKILL);
	while (waitpid(t->child, NULL, 0) < 0)
		assert_int_equal(errno, EINTR);
	free(t->value.own);
	return true;
}

#endif
