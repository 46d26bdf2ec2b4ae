/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busstore.c - stores to a BAR of which it is known, instruction by instruction, what they are.
 *
 *   busstore FILE OFFSET PATTERN LINES [OTHER]      LINES times PATTERN, from OFFSET on, then one sfence
 *   busstore FILE OFFSET read               eight bytes there, as a decimal number
 *   busstore --list
 *
 * OTHER is another device's BAR, of which the pattern "uncached" reads. RESTLESS in the environment: restless.h.
 *
 * Assembly only between the first store and the last, so that no compiler has a say in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "restless.h"

static uint64_t data[16] __attribute__((aligned(64)));

/* One line at p. */
static void mov8(char *p)
{
	__asm__ volatile("mov %1, 0(%0)\n\tmov %1, 8(%0)\n\tmov %1, 16(%0)\n\tmov %1, 24(%0)\n\t"
			 "mov %1, 32(%0)\n\tmov %1, 40(%0)\n\tmov %1, 48(%0)\n\tmov %1, 56(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

static void mov4(char *p)
{
	__asm__ volatile("movl %k1, 0(%0)\n\tmovl %k1, 4(%0)\n\tmovl %k1, 8(%0)\n\tmovl %k1, 12(%0)\n\t"
			 "movl %k1, 16(%0)\n\tmovl %k1, 20(%0)\n\tmovl %k1, 24(%0)\n\tmovl %k1, 28(%0)\n\t"
			 "movl %k1, 32(%0)\n\tmovl %k1, 36(%0)\n\tmovl %k1, 40(%0)\n\tmovl %k1, 44(%0)\n\t"
			 "movl %k1, 48(%0)\n\tmovl %k1, 52(%0)\n\tmovl %k1, 56(%0)\n\tmovl %k1, 60(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

static void movnti(char *p)
{
	__asm__ volatile("movnti %1, 0(%0)\n\tmovnti %1, 8(%0)\n\tmovnti %1, 16(%0)\n\tmovnti %1, 24(%0)\n\t"
			 "movnti %1, 32(%0)\n\tmovnti %1, 40(%0)\n\tmovnti %1, 48(%0)\n\tmovnti %1, 56(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

static void sse(char *p)
{
	__asm__ volatile("movdqa (%1), %%xmm0\n\tmovdqa %%xmm0, 0(%0)\n\tmovdqa %%xmm0, 16(%0)\n\t"
			 "movdqa %%xmm0, 32(%0)\n\tmovdqa %%xmm0, 48(%0)"
			 : : "r"(p), "r"(data) : "xmm0", "memory");
}

static void avx(char *p)
{
	__asm__ volatile("vmovdqa (%1), %%ymm0\n\tvmovdqa %%ymm0, 0(%0)\n\tvmovdqa %%ymm0, 32(%0)\n\tvzeroupper"
			 : : "r"(p), "r"(data) : "xmm0", "memory");
}

/* The same instruction stores both halves: one after the other in a loop. */
static void avx_loop(char *p)
{
	char *end = p + 64;

	__asm__ volatile("vmovdqa (%2), %%ymm0\n1:\tvmovdqa %%ymm0, (%0)\n\tadd $32, %0\n\tcmp %1, %0\n\tjne 1b\n\tvzeroupper"
			 : "+r"(p) : "r"(end), "r"(data) : "xmm0", "memory", "cc");
}

static void rep_movsq(char *p)
{
	const uint64_t *from = data;
	uint64_t n = 8;

	__asm__ volatile("rep movsq" : "+D"(p), "+S"(from), "+c"(n) : : "memory");
}

static void rep_movsb(char *p)
{
	const uint64_t *from = data;
	uint64_t n = 64;

	__asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(n) : : "memory");
}

/* A message of 64 bytes, 8 behind the beginning of a line. */
static void misaligned(char *p)
{
	mov8(p + 8);
}

/* Stores of 8 bytes that lie across the lines' ends: 60 to 67, ... */
static void across(char *p)
{
	__asm__ volatile("mov %1, 60(%0)" : : "r"(p), "r"(data[0]) : "memory");
}

static void partial(char *p)
{
	__asm__ volatile("mov %1, 0(%0)\n\tmov %1, 8(%0)\n\tmov %1, 16(%0)\n\tmov %1, 24(%0)\n\t"
			 "mov %1, 32(%0)\n\tmov %1, 40(%0)\n\tmov %1, 48(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

static uint64_t elsewhere;	/* ordinary memory */

/* Of a page that nobody touched yet. */
static char *fresh(void)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("busstore: mmap");
		exit(1);
	}
	return p;
}

static char *uncached;		/* a page of the same device, mapped UC-; NULL when there is none */

/* Half a line, something, the other half. It has A in RAX, D in RDI, may change what a system call or CPUID do. */
#define HALVES(name, something, A, D)								\
	static void name(char *p)								\
	{											\
		uint64_t a = (uint64_t)(A), d = (uint64_t)(D);					\
		register char *line __asm__("r8") = p;						\
		register uint64_t word __asm__("r9") = data[0];					\
												\
		__asm__ volatile("mov %[w], 0(%[l])\n\tmov %[w], 8(%[l])\n\t"			\
				 "mov %[w], 16(%[l])\n\tmov %[w], 24(%[l])\n\t" something "\n\t"	\
				 "mov %[w], 32(%[l])\n\tmov %[w], 40(%[l])\n\t"			\
				 "mov %[w], 48(%[l])\n\tmov %[w], 56(%[l])"			\
				 : "+a"(a), "+D"(d) : [l] "r"(line), [w] "r"(word)		\
				 : "rbx", "rcx", "rdx", "r11", "cc", "memory");			\
	}

HALVES(fenced, "sfence", 0, 0)
HALVES(fenced_all, "mfence", 0, 0)
HALVES(fenced_loads, "lfence", 0, 0)
HALVES(locked, "lock incq (%%rdi)", 0, &elsewhere)
HALVES(exchanged, "xchg %%rax, (%%rdi)", 0, &elsewhere)
HALVES(serialised, "cpuid", 0, 0)
HALVES(read_back, "mov (%%r8), %%rax", 0, 0)
HALVES(read_elsewhere, "mov (%%rdi), %%rax", 0, uncached)
HALVES(called, "syscall", SYS_getpid, 0)
HALVES(port, "outb %%al, $0x80", 0, 0)
/* A page fault is no instruction of the program's. */
HALVES(faulted, "incq (%%rdi)", 0, fresh())
/* What changes nothing: a plain store to memory, a load of it. */
HALVES(undisturbed, "incq (%%rdi)\n\tmov (%%rdi), %%rax", 0, &elsewhere)

/* Masked: every second of eight double words. */
static void masked(char *p)
{
	static const uint32_t mask[8] __attribute__((aligned(32))) = { -1u, 0, -1u, 0, -1u, 0, -1u, 0 };

	__asm__ volatile("vmovdqa (%1), %%ymm0\n\tvmovdqa (%2), %%ymm1\n\tvpmaskmovd %%ymm0, %%ymm1, (%0)\n\tvzeroupper"
			 : : "r"(p), "r"(data), "r"(mask) : "xmm0", "xmm1", "memory");
}

static void descending(char *p)
{
	__asm__ volatile("mov %1, 56(%0)\n\tmov %1, 48(%0)\n\tmov %1, 40(%0)\n\tmov %1, 32(%0)\n\t"
			 "mov %1, 24(%0)\n\tmov %1, 16(%0)\n\tmov %1, 8(%0)\n\tmov %1, 0(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

/* A bit of every line's bytes, and no more: what combines never fills. */
static void byte(char *p)
{
	__asm__ volatile("movb %b1, 5(%0)" : : "r"(p), "r"(data[0]) : "memory");
}

/* Known bytes, so that it is seen what a program leaves of them. */
static void fill(char *p)
{
	memset(p, 0x5a, 64);
}

/* As a program that has time: who wants to look at it meanwhile can. */
static void paced(char *p)
{
	mov8(p);
	usleep(40000);
}

static const struct {
	const char *name;
	void (*store)(char *p);
} patterns[] = {
	{ "mov8", mov8 },	    { "mov4", mov4 },		{ "movnti", movnti },	  { "sse", sse },
	{ "avx", avx },		    { "avx-loop", avx_loop },	{ "rep-movsq", rep_movsq }, { "rep-movsb", rep_movsb },
	{ "misaligned", misaligned }, { "across", across },	{ "partial", partial },	  { "fenced", fenced },
	{ "mfenced", fenced_all },  { "lfenced", fenced_loads }, { "locked", locked },	  { "exchanged", exchanged },
	{ "serialised", serialised }, { "read-back", read_back }, { "uncached", read_elsewhere }, { "called", called },
	{ "port", port },	    { "undisturbed", undisturbed }, { "faulted", faulted },
	{ "masked", masked }, { "descending", descending },
	{ "byte", byte }, { "fill", fill }, { "paced", paced },
};

static int work(char *p, const char *name, uint64_t lines)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (strcmp(patterns[i].name, name))
			continue;
		/* The page of its data is there before the first store. */
		elsewhere = 1;
		restless_begin();
		for (uint64_t n = 0; n < lines; n++)
			patterns[i].store(p + n * 64);
		__asm__ volatile("sfence" : : : "memory");
		restless_end();
		return 0;
	}
	fprintf(stderr, "busstore: no pattern '%s'\n", name);
	return 2;
}

static char *map(const char *path, uint64_t offset, uint64_t length)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *p = MAP_FAILED;

	if (fd >= 0)
		p = mmap(NULL, offset % 4096 + length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(offset & ~4095ull));
	if (p == MAP_FAILED) {
		fprintf(stderr, "busstore: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
	return p + offset % 4096;
}

int main(int argc, char **argv)
{
	uint64_t offset, lines;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
			printf("%s\n", patterns[i].name);
		return 0;
	}
	if (argc != 5 && argc != 6 && !(argc == 4 && !strcmp(argv[3], "read"))) {
		fprintf(stderr, "usage: busstore FILE OFFSET PATTERN LINES [OTHER] | FILE OFFSET read | --list\n");
		return 2;
	}
	memset(data, 0xa5, sizeof(data));
	offset = strtoull(argv[2], NULL, 0);
	if (argc == 4) {
		printf("%" PRIu64 "\n", *(volatile uint64_t *)map(argv[1], offset, 8));
		return 0;
	}
	lines = strtoull(argv[4], NULL, 0);
	if (argc == 6)
		uncached = map(argv[5], 0, 4096);
	if (!strcmp(argv[3], "port") && ioperm(0x80, 1, 1) < 0) {
		perror("busstore: ioperm");
		return 1;
	}
	if (!strcmp(argv[3], "uncached") && !uncached) {
		fprintf(stderr, "busstore: what is to be read?\n");
		return 2;
	}
	/* One line more, for what lies behind the last. */
	return work(map(argv[1], offset, lines * 64 + 64), argv[3], lines);
}
