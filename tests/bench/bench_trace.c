// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench_trace.c - a program to be traced, for tests/bench/trace.sh: it maps FILE shared and writes into OUT how long
 * its own work took, by its own clock, without starting, mapping and ending.
 *
 *   bench_trace compute FILE OUT MILLIONS	executes so many million instructions and stores nothing; ns
 *   bench_trace calls FILE OUT N		getppid() N times; ns a call
 *   bench_trace reads FILE OUT N		read() of 1 byte into its own memory N times; ns a call
 *   bench_trace writes FILE OUT N		read() of 1 byte into the mapping N times; ns a call
 *   bench_trace stores FILE OUT N MILLIONS	N stores, evenly amid so many million instructions; ns
 *   bench_trace known FILE OUT N		N messages of 8 stores, behind some that make the way known; ns a store
 *   bench_trace adds FILE OUT N		the same of ADD to memory, which nobody can do for the program; ns a
 * store
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SIZE	65536u
#define LINE	64u
#define WARM	256u /* messages: each way is stepped a few times, and what the tracer keeps has its size */
#define A_TURN	16u  /* instructions of a turn of spin() */
#define MILLION 1000000u

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t); /* no system call */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* turns * A_TURN instructions, a quarter loads and an eighth stores, all to memory of its own. */
static void spin(uint64_t turns)
{
	static uint64_t own[8];
	uint64_t a = 1, b = 2;

	if (!turns)
		return;
	__asm__ volatile("1: mov (%3), %%r8; add %%r8, %0; mov 8(%3), %%r9; xor %%r9, %1; mov 16(%3), %%r10;"
			 "lea 3(%0), %0; mov 24(%3), %%r11; add %%r10, %%r11; rol $7, %1; mov %%r11, 32(%3);"
			 "add %1, %0; xor $5, %1; mov %0, 40(%3); add %%r8, %%r9; dec %2; jnz 1b"
			 : "+r"(a), "+r"(b), "+r"(turns)
			 : "r"(own)
			 : "r8", "r9", "r10", "r11", "memory");
}

static double compute(uint64_t millions)
{
	double start = now();

	spin(millions * MILLION / A_TURN);
	return now() - start;
}

static double calls(uint64_t n)
{
	double start = now();

	for (uint64_t i = 0; i < n; i++)
		syscall(SYS_getppid);
	return (now() - start) / (double)n;
}

static double reads(uint64_t n, char *to)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	double start = now(), took;

	for (uint64_t i = 0; i < n; i++)
		if (read(fd, to, 1) != 1)
			exit(1);
	took = (now() - start) / (double)n;
	close(fd);
	return took;
}

static double stores(uint64_t n, uint64_t millions, volatile uint64_t *to)
{
	uint64_t turns = n ? millions * MILLION / A_TURN / n : 0;
	double start = now();

	for (uint64_t i = 0; i < n; i++) {
		to[i % (SIZE / 8)] = i;
		spin(turns);
	}
	return now() - start;
}

static void messages(uint64_t n, char *mapping)
{
	for (uint64_t i = 0; i < n; i++) {
		volatile uint64_t *to = (volatile uint64_t *)(mapping + i * LINE % SIZE);

		for (unsigned int k = 0; k < LINE / 8; k++)
			to[k] = i;
	}
}

static void sums(uint64_t n, char *mapping)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t *to = (uint64_t *)(mapping + i * LINE % SIZE);

		for (unsigned int k = 0; k < LINE / 8; k++)
			__asm__ volatile("addq %1, %0" : "+m"(to[k]) : "r"(i));
	}
}

static double known(uint64_t n, char *mapping, void (*fn)(uint64_t n, char *mapping))
{
	double start;

	fn(WARM, mapping);
	start = now();
	fn(n, mapping);
	return (now() - start) / (double)(n * LINE / 8);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 4 ? strtoull(argv[4], NULL, 0) : 0, more = argc > 5 ? strtoull(argv[5], NULL, 0) : 0;
	const char *what = argc > 4 ? argv[1] : "";
	char *mapping, own;
	double took = -1;
	FILE *out;
	int fd;

	fd = argc > 4 ? open(argv[2], O_RDWR | O_CLOEXEC) : -1;
	mapping = fd >= 0 ? mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (mapping == MAP_FAILED || !n) {
		fprintf(stderr,
			"usage: bench_trace compute|calls|reads|writes|stores|known|adds FILE OUT N [MILLIONS]\n");
		return 3;
	}
	if (!strcmp(what, "compute"))
		took = compute(n);
	else if (!strcmp(what, "calls"))
		took = calls(n);
	else if (!strcmp(what, "reads"))
		took = reads(n, &own);
	else if (!strcmp(what, "writes"))
		took = reads(n, mapping);
	else if (!strcmp(what, "stores"))
		took = stores(n, more, (volatile uint64_t *)mapping);
	else if (!strcmp(what, "known"))
		took = known(n, mapping, messages);
	else if (!strcmp(what, "adds"))
		took = known(n, mapping, sums);
	out = fopen(argv[3], "w");
	if (took < 0 || !out || fprintf(out, "%.1f\n", took) < 0 || fclose(out))
		return 3;
	return 0;
}
