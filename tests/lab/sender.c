/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender.c - the program of the tutorial, wcdiag-tutorial(7): messages of 64 bytes into a queue that lies in a BAR.
 *
 *   sender NODE QUEUE [stay]     the queue's first message at byte QUEUE of the BAR; stay: until the input ends
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MESSAGES 16

static void send(volatile uint64_t *to, const uint64_t *message)
{
	to[0] = message[0];
	to[1] = message[1];
	to[2] = message[2];
	to[3] = message[3];
	to[4] = message[4];
	to[5] = message[5];
	to[6] = message[6];
	to[7] = message[7];
	__builtin_ia32_sfence();
}

int main(int argc, char **argv)
{
	uint64_t message[8] = { 0 };
	char *bar;
	int fd;

	if (argc < 3)
		return 2;
	fd = open(argv[1], O_RDWR);
	bar = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || bar == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < MESSAGES; i++) {
		message[0] = (uint64_t)i;
		send((uint64_t *)(bar + strtoul(argv[2], NULL, 0) + 64 * i), message);
	}
	if (argc > 3) {
		puts("ready");
		fflush(stdout);
		while (getchar() != EOF)
			;
	}
	return 0;
}
