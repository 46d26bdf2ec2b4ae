/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * churn.c - churn FILE ADDRESS: maps 64 pages of a BAR's file and 64 pages of RAM at the same place, in turns, as fast as
 * it can, until it is told to go (stay.h). Whoever reads its page tables meanwhile sees one, the other, or nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH (64 * 4096)

int main(int argc, char **argv)
{
	void *at = argc == 3 ? (void *)(uintptr_t)strtoull(argv[2], NULL, 0) : NULL;
	int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0 || !at) {
		printf("errno %d\n", errno);
		return 1;
	}
	printf("ok\nready\n");
	fflush(stdout);
	for (unsigned int i = 0;; i++) {
		char *p = mmap(at, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);

		if (p == MAP_FAILED)
			return 1;
		/* Long enough for a reader to come by, now and then. */
		if (i % 4 == 0)
			usleep(i % 64 * 500);
		munmap(at, LENGTH);
		p = mmap(at, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (p == MAP_FAILED)
			return 1;
		for (int k = 0; k < LENGTH; k += 4096)
			p[k] = 1;
		if (i % 4 == 2)
			usleep(i % 64 * 500);
		munmap(at, LENGTH);
	}
}
