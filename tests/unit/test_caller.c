/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ends in a call, by bytes; and who called, of a child that stops where its stack is known. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/caller.h"

static void calls(void **state)
{
	static const struct {
		uint8_t bytes[7];
		bool is;
		uint64_t target;
	} rows[] = {
		{ { 0x90, 0x90, 0xe8, 0x10, 0x00, 0x00, 0x00 }, true, 0x401010 }, /* call +0x10 */
		{ { 0x90, 0x90, 0xe8, 0xf0, 0xff, 0xff, 0xff }, true, 0x400ff0 }, /* backwards */
		{ { 0x90, 0xff, 0x15, 0x11, 0x22, 0x33, 0x44 }, true, 0 },	  /* call *0x...(%rip) */
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0 }, true, 0 },	  /* call *%rax */
		{ { 0x90, 0x90, 0x90, 0x90, 0x41, 0xff, 0xd4 }, true, 0 },	  /* call *%r12 */
		{ { 0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 0x18 }, true, 0 },	  /* call *0x18(%rax) */
		{ { 0x90, 0x90, 0x90, 0xff, 0x54, 0x24, 0x08 }, true, 0 },	  /* call *8(%rsp) */
		{ { 0xff, 0x14, 0xc5, 0x00, 0x10, 0x40, 0x00 }, true, 0 },	  /* call *table(,%rax,8) */
		{ { 0x90, 0xff, 0x90, 0x00, 0x01, 0x00, 0x00 }, true, 0 },	  /* call *0x100(%rax) */
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0 }, false, 0 },	  /* jmp *%rax */
		{ { 0x90, 0x90, 0xe9, 0x10, 0x00, 0x00, 0x00 }, false, 0 },	  /* jmp */
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 }, false, 0 },
		{ { 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x10 }, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t target = 1;

		assert_int_equal(caller_is_call(rows[i].bytes, sizeof(rows[i].bytes), 0x401000, &target), rows[i].is);
		if (rows[i].is)
			assert_true(target == rows[i].target);
	}
	assert_false(caller_is_call(rows[0].bytes, 0, 0x401000, &(uint64_t){ 0 }));
}

/* Stops with two words of its own on the stack, one of which looks like a return address and is not. */
void leaf(void);
void pushes(void);
void calls_leaf(void);
void calls_pushes(void);
extern const uint8_t at_leaf[], at_pushes[];
__asm__(".text\n"
	".globl leaf, pushes, calls_leaf, calls_pushes, at_leaf, at_pushes\n"
	"leaf: int3\n ret\n"
	"pushes: push at_leaf@GOTPCREL(%rip)\n push $7\n int3\n pop %rax\n pop %rax\n ret\n"
	"calls_leaf: sub $8, %rsp\n"
	"at_leaf: call leaf\n nop\n add $8, %rsp\n ret\n"
	"calls_pushes: sub $8, %rsp\n"
	"at_pushes: call pushes\n nop\n add $8, %rsp\n ret\n"
	".section .note.GNU-stack,\"\",@progbits\n.text\n");

static uint64_t ask(void (*run)(void), uint64_t begin, int *err)
{
	struct caller c = { 0 }, other;
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	*err = caller_of(pid, begin, &c);
	if (!*err) {
		assert_true(caller_still(pid, &c));
		assert_true(c.behind == c.call + 5);
		other = c;
		other.behind++;
		assert_false(caller_still(pid, &other));
		other = c;
		other.at++;
		assert_false(caller_still(pid, &other));
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return c.call;
}

static void live(void **state)
{
	int err;

	(void)state;
	if (ptrace(PTRACE_GETREGS, getpid(), NULL, NULL) && errno == ENOSYS)
		skip();
	assert_true(ask(calls_leaf, 0, &err) == (uintptr_t)at_leaf && !err);
	assert_true(ask(calls_pushes, (uintptr_t)pushes, &err) == (uintptr_t)at_pushes && !err);
	/* Where it begins is not known: then what is pushed may be anything. */
	assert_true(!ask(calls_pushes, 0, &err) && err == -ENOENT);
	assert_int_equal(caller_of(getpid(), 0, &(struct caller){ 0 }), -ESRCH);
	assert_false(caller_still(getpid(), &(struct caller){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(calls), cmocka_unit_test(live) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
