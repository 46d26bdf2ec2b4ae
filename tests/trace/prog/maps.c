// SPDX-License-Identifier: GPL-2.0-or-later
/* maps.c - mappings that come, go, move and change while the program stores. */
#include "prog.h"

#define PAGE	 4096
#define AT(q, o) DO(TELL("s 0x%lx 8", (long)(o)), "movq %%rax,(%%rdi)", (q), 0, 0, 0, value())

static unsigned char *map(size_t n, int prot, int flags, long offset)
{
	unsigned char *q;

	if (telling)
		return NULL;
	q = mmap(NULL, n, prot, flags, prog_fd, offset);
	MUST(q != MAP_FAILED);
	return q;
}

#define RW (PROT_READ | PROT_WRITE)

PROGRAM(twomaps, P_TOLD | P_TRUTH, "the file mapped twice, and a part of it: stores through each")
{
	unsigned char *q = map(SIZE, RW, MAP_SHARED, 0), *r = map(2 * PAGE, RW, MAP_SHARED, 3 * PAGE);

	begin();
	for (int i = 0; i < 10; i++) {
		AT(p + 24 * i, 24 * i);
		AT(q + 24 * i + 8, 24 * i + 8);
		AT(r + 8 * i, 0x3000 + 8 * i);
		AT(r + 8 * i + PAGE, 0x4000 + 8 * i);
	}
	/* Over the seam between the pages of the part. */
	AT(r + PAGE - 4, 0x3ffc);
	end();
	return 0;
}

PROGRAM(private, P_TOLD | P_TRUTH, "a private mapping of the same file beside it: its stores are nobody's")
{
	unsigned char *q = map(SIZE, RW, MAP_PRIVATE, 0);

	begin();
	for (int i = 0; i < 10; i++) {
		AT(p + 8 * i, 8 * i);
		DO((void)0, "movq %%rax,(%%rdi)", q + 8 * i, 0, 0, 0, value());
		AT(p + 8 * i + 0x80, 8 * i + 0x80);
	}
	end();
	if (!telling)
		printf("private %lx\n", *(unsigned long *)q);
	return 0;
}

PROGRAM(remap, P_TOLD | P_TRUTH, "mmap, munmap, mremap, mprotect of the region during the run")
{
	unsigned char *q, *r;

	begin();
	AT(p, 0);
	AT(p + 8, 8);
	end();
	/* A new one, stored to, and gone. */
	for (int i = 0; i < 5; i++) {
		q = map(4 * PAGE, RW, MAP_SHARED, PAGE);
		begin();
		AT(q + 8 * i, 0x1000 + 8 * i);
		AT(p + 0x10 + 8 * i, 0x10 + 8 * i);
		end();
		MUST(telling || !munmap(q, 4 * PAGE));
	}
	/* Moved, grown, made smaller. */
	q = map(2 * PAGE, RW, MAP_SHARED, PAGE);
	begin();
	AT(q, 0x1000);
	end();
	r = map(8 * PAGE, PROT_NONE, MAP_PRIVATE, 0);
	if (!telling) {
		r = mremap(q, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r);
		MUST(r != MAP_FAILED);
	}
	begin();
	AT(r + 8, 0x1008);
	AT(r + 3 * PAGE, 0x4000);
	end();
	if (!telling)
		MUST(mremap(r, 4 * PAGE, PAGE, 0) == r);
	begin();
	AT(r + 16, 0x1010);
	end();
	/* Half of it gone, a hole in the middle. */
	q = map(5 * PAGE, RW, MAP_SHARED, 2 * PAGE);
	begin();
	AT(q + 2 * PAGE, 0x4000);
	end();
	MUST(telling || !munmap(q + 2 * PAGE, PAGE));
	begin();
	AT(q + 24, 0x2018);
	AT(q + 3 * PAGE, 0x5000);
	AT(q + 2 * PAGE - 8, 0x3ff8);
	end();
	/* Read-only, and back; and made writable that was mapped so not. */
	MUST(telling || !mprotect(p, SIZE, PROT_READ));
	MUST(telling || !mprotect(p, SIZE, RW));
	begin();
	AT(p + 0x100, 0x100);
	AT(p + 0x108, 0x108);
	end();
	q = map(PAGE, PROT_READ, MAP_SHARED, 6 * PAGE);
	MUST(telling || !mprotect(q, PAGE, RW));
	begin();
	AT(q + 8, 0x6008);
	AT(q + 16, 0x6010);
	end();
	/* Anonymous memory takes its place: not the region any more. */
	if (!telling)
		MUST(mmap(q, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == q);
	DO((void)0, "movq %%rax,(%%rdi)", q, 0, 0, 0, 1);
	begin();
	DO((void)0, "movq %%rax,(%%rdi)", q, 0, 0, 0, 1);
	AT(p + 0x110, 0x110);
	end();
	/* And the other way round. */
	if (!telling)
		MUST(mmap(q, PAGE, RW, MAP_SHARED | MAP_FIXED, prog_fd, 7 * PAGE) == q);
	begin();
	AT(q, 0x7000);
	AT(p + 0x118, 0x118);
	end();
	return 0;
}

/* mprotect of a part, as a program may do it with ordinary files. */
PROGRAM(parts, P_TOLD | P_TRUTH, "the program protects parts of the region, and stores to the others")
{
	MUST(telling || !mprotect(p + 2 * PAGE, PAGE, PROT_READ));
	MUST(telling || !mprotect(p + 4 * PAGE, PAGE, PROT_NONE));
	begin();
	AT(p, 0);
	AT(p + 3 * PAGE, 0x3000);
	AT(p + 5 * PAGE, 0x5000);
	AT(p + 8, 8);
	end();
	MUST(telling || !mprotect(p + 2 * PAGE, 3 * PAGE, RW));
	begin();
	AT(p + 2 * PAGE, 0x2000);
	AT(p + 4 * PAGE, 0x4000);
	AT(p + 4 * PAGE - 4, 0x3ffc);
	end();
	return 0;
}

/* Executable as well: what it may do stays. */
PROGRAM(rwx, P_TOLD | P_TRUTH | P_LATER, "a mapping that is executable too: stores code and calls it")
{
	static const unsigned char code[8] = { 0xb8, 42, 0, 0, 0, 0xc3, 0x90, 0x90 }; /* mov $42,%eax; ret */
	unsigned char *q = map(SIZE, RW | PROT_EXEC, MAP_SHARED, 0);
	unsigned long v;
	long got = 42;

	memcpy(&v, code, sizeof(v));
	begin();
	DO(TELL("s 0x40 8"), "movq %%rax,(%%rdi)", q + 0x40, 0, 0, 0, v);
	AT(p + 0x80, 0x80);
	if (!telling)
		got = ((int (*)(void))(uintptr_t)(q + 0x40))();
	AT(p + 0x88, 0x88);
	end();
	MUST(got == 42);
	if (!telling)
		printf("got %ld\n", got);
	return 0;
}
