/* SPDX-License-Identifier: GPL-2.0-or-later */
/* burst FILE N - maps the first page of a BAR's file and unmaps it again, N times as fast as it can; prints how often. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
	long n = argc == 3 ? atol(argv[2]) : 0, done = 0;

	if (fd < 0) {
		fprintf(stderr, "burst: %s\n", argc == 3 ? strerror(errno) : "burst FILE N");
		return 1;
	}
	for (; done < n; done++) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (p == MAP_FAILED)
			break;
		munmap(p, 4096);
	}
	printf("%ld\n", done);
	return done != n;
}
