// SPDX-License-Identifier: GPL-2.0-or-later
/* strict.c - programs that confine themselves: their own filter of system calls. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())
#define NR	  ((unsigned int)__builtin_offsetof(struct seccomp_data, nr))

static void confine(unsigned int what)
{
	/* mprotect, mmap and what a tracer may want to do in a program's name. */
	static const int calls[] = { SYS_mprotect, SYS_mmap, SYS_munmap, SYS_ptrace, SYS_pidfd_getfd };
	struct sock_filter f[16];
	struct sock_fprog prog = { .filter = f };

	f[prog.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		f[prog.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i], 0, 1);
		f[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
	}
	f[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
}

static int confined(unsigned char *p, unsigned int what)
{
	begin();
	STORE(0);
	STORE(8);
	end();
	if (!telling)
		confine(what);
	begin();
	for (int i = 2; i < 20; i++)
		STORE(8 * i);
	end();
	if (!telling) {
		printf("confined\n");
		/* What the filter does to the program itself it does still. */
		if (what != SECCOMP_RET_KILL_PROCESS)
			printf("mprotect %d %d\n", mprotect(p, SIZE, PROT_READ), errno);
		fflush(stdout);
	}
	return 0;
}

PROGRAM(seccomp, P_TOLD | P_TRUTH, "the program's own filter kills it if it calls mprotect")
{
	return confined(p, SECCOMP_RET_KILL_PROCESS);
}

PROGRAM(seccomperr, P_TOLD | P_TRUTH, "the program's own filter refuses mprotect with EPERM")
{
	return confined(p, SECCOMP_RET_ERRNO | EPERM);
}
