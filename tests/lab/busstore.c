/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busstore.c - stores to a BAR of which it is known, instruction by instruction, what they are.
 *
 *   busstore FILE OFFSET PATTERN LINES      LINES times PATTERN, from OFFSET on, then one sfence
 *   busstore FILE OFFSET read               eight bytes there, as a decimal number
 *   busstore --list
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
#include <sys/mman.h>
#include <unistd.h>

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

static void fenced(char *p)
{
	__asm__ volatile("mov %1, 0(%0)\n\tmov %1, 8(%0)\n\tmov %1, 16(%0)\n\tmov %1, 24(%0)\n\tsfence\n\t"
			 "mov %1, 32(%0)\n\tmov %1, 40(%0)\n\tmov %1, 48(%0)\n\tmov %1, 56(%0)"
			 : : "r"(p), "r"(data[0]) : "memory");
}

static void locked(char *p)
{
	static uint64_t other;

	__asm__ volatile("mov %1, 0(%0)\n\tmov %1, 8(%0)\n\tlock incq (%2)\n\tmov %1, 16(%0)\n\tmov %1, 24(%0)\n\t"
			 "mov %1, 32(%0)\n\tmov %1, 40(%0)\n\tmov %1, 48(%0)\n\tmov %1, 56(%0)"
			 : : "r"(p), "r"(data[0]), "r"(&other) : "memory", "cc");
}

static void serialised(char *p)
{
	__asm__ volatile("mov %0, %%r8\n\tmov %1, %%r9\n\tmov %%r9, 0(%%r8)\n\txor %%eax, %%eax\n\tcpuid\n\tmov %%r9, 8(%%r8)\n\t"
			 "mov %%r9, 16(%%r8)\n\tmov %%r9, 24(%%r8)\n\tmov %%r9, 32(%%r8)\n\tmov %%r9, 40(%%r8)\n\t"
			 "mov %%r9, 48(%%r8)\n\tmov %%r9, 56(%%r8)"
			 : : "r"(p), "r"(data[0]) : "rax", "rbx", "rcx", "rdx", "r8", "r9", "memory");
}

static void read_back(char *p)
{
	uint64_t got;

	__asm__ volatile("mov %2, 0(%1)\n\tmov %2, 8(%1)\n\tmov (%1), %0\n\tmov %2, 16(%1)\n\tmov %2, 24(%1)\n\t"
			 "mov %2, 32(%1)\n\tmov %2, 40(%1)\n\tmov %2, 48(%1)\n\tmov %2, 56(%1)"
			 : "=&r"(got) : "r"(p), "r"(data[0]) : "memory");
}

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

static const struct {
	const char *name;
	void (*store)(char *p);
} patterns[] = {
	{ "mov8", mov8 },	    { "mov4", mov4 },		{ "movnti", movnti },	  { "sse", sse },
	{ "avx", avx },		    { "avx-loop", avx_loop },	{ "rep-movsq", rep_movsq }, { "rep-movsb", rep_movsb },
	{ "misaligned", misaligned }, { "across", across },	{ "partial", partial },	  { "fenced", fenced },
	{ "locked", locked },	    { "serialised", serialised }, { "read-back", read_back }, { "masked", masked },
	{ "descending", descending }, { "byte", byte },
};

static int die(const char *what)
{
	fprintf(stderr, "busstore: %s: %s\n", what, strerror(errno));
	return 1;
}

static int work(char *p, const char *name, uint64_t lines)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (strcmp(patterns[i].name, name))
			continue;
		/* Its code and its data are there before the first store: a fault would come between two. */
		__asm__ volatile("prefetcht0 (%0)" : : "r"(data));
		for (uint64_t n = 0; n < lines; n++)
			patterns[i].store(p + n * 64);
		__asm__ volatile("sfence" : : : "memory");
		return 0;
	}
	fprintf(stderr, "busstore: no pattern '%s'\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	uint64_t offset, lines;
	char *p;
	int fd;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
			printf("%s\n", patterns[i].name);
		return 0;
	}
	if (argc != 5 && !(argc == 4 && !strcmp(argv[3], "read"))) {
		fprintf(stderr, "usage: busstore FILE OFFSET PATTERN LINES | FILE OFFSET read | --list\n");
		return 2;
	}
	memset(data, 0xa5, sizeof(data));
	offset = strtoull(argv[2], NULL, 0);
	lines = argc == 5 ? strtoull(argv[4], NULL, 0) : 0;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return die(argv[1]);
	/* Whole pages, and one more for what lies behind the last line. */
	p = mmap(NULL, offset % 4096 + (lines + 1) * 64 + 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(offset & ~4095ull));
	if (p == MAP_FAILED)
		return die("mmap");
	p += offset % 4096;
	if (argc == 5)
		return work(p, argv[3], lines);
	printf("%" PRIu64 "\n", *(volatile uint64_t *)p);
	return 0;
}
