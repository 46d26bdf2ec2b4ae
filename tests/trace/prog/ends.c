// SPDX-License-Identifier: GPL-2.0-or-later
/* ends.c - the ways a program ends: passed on as they are. */
#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())

static void first(unsigned char *p)
{
	begin();
	STORE(0);
	STORE(8);
	STORE(16);
	end();
	if (!telling) {
		puts("about to end");
		fflush(stdout);
	}
}

PROGRAM(segfault, P_TOLD | P_TRUTH | P_DIES, "dies of SIGSEGV elsewhere")
{
	first(p);
	if (!telling)
		INSN("movb %%al,(%%rdi)", 16, 0, 0, 0, 0);
	return 0;
}

PROGRAM(overrun, P_TOLD | P_TRUTH | P_DIES, "dies of SIGSEGV by a store behind the region")
{
	if (!telling)
		MUST(mmap(p + SIZE - 4096, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	first(p);
	if (!telling)
		INSN("movups %%xmm0,(%%rdi)", p + SIZE - 4096 - 8, 0, 0, 0, 0);
	return 0;
}

PROGRAM(pastfile, P_TOLD | P_TRUTH | P_DIES, "dies of SIGBUS by a store behind the end of the file")
{
	unsigned char *q = p;

	first(p);
	if (!telling) {
		q = mmap(NULL, SIZE + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, prog_fd, 0);
		MUST(q != MAP_FAILED);
		INSN("movq %%rax,(%%rdi)", q + SIZE, 0, 0, 0, 1);
	}
	return 0;
}

PROGRAM(aborts, P_TOLD | P_TRUTH | P_DIES, "abort")
{
	first(p);
	if (!telling)
		abort();
	return 0;
}

PROGRAM(killed, P_TOLD | P_TRUTH | P_DIES, "kills itself by SIGKILL")
{
	first(p);
	if (!telling)
		kill(getpid(), SIGKILL);
	return 0;
}

PROGRAM(exits, P_TOLD | P_TRUTH | P_DIES, "exit status 42")
{
	first(p);
	return 42;
}

PROGRAM(illegal, P_TOLD | P_TRUTH | P_DIES, "dies of SIGILL between stores")
{
	first(p);
	if (!telling)
		INSN("ud2", 0, 0, 0, 0, 0);
	return 0;
}

PROGRAM(silent, 0, "maps the region and never stores to it")
{
	volatile unsigned long sum = 0;

	if (telling)
		return 0;
	for (int i = 0; i < 3000000; i++)
		sum += p[i & (SIZE - 1)];
	printf("sum %lu\n", sum);
	return 0;
}
