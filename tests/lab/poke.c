/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poke.c - the lab's spoiler: reads or writes eight bytes of a file at an offset, which is how /dev/cpu/N/msr works.
 *
 *   poke FILE OFFSET [VALUE]
 *
 * Without VALUE it prints what stands there.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t value = 0;
	off_t at;
	int fd;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: poke FILE OFFSET [VALUE]\n");
		return 2;
	}
	at = (off_t)strtoull(argv[2], NULL, 0);
	fd = open(argv[1], argc == 4 ? O_WRONLY : O_RDONLY);
	if (argc == 4)
		value = strtoull(argv[3], NULL, 0);
	if (fd < 0 || (argc == 4 ? pwrite(fd, &value, 8, at) : pread(fd, &value, 8, at)) != 8) {
		perror(argv[1]);
		return 1;
	}
	if (argc == 3)
		printf("0x%016llx\n", (unsigned long long)value);
	return 0;
}
