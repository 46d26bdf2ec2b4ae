// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * headless.c - its first thread has ended, which tells no tracer anything before the others end; two more store on.
 *
 *   headless FILE      until it is killed
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile uint64_t *map;

static void *go(void *arg)
{
	volatile uint64_t *page = map + 512 * (intptr_t)arg;

	for (uint64_t i = 1;; i++) {
		page[i % 8] = i;
		if (i % 1000 == 0)
			usleep(100);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	pthread_t t;

	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED || pthread_create(&t, NULL, go, (void *)0) || pthread_create(&t, NULL, go, (void *)1))
		return 3;
	puts("headless");
	fflush(stdout);
	syscall(SYS_exit, 0);
	return 3;
}
