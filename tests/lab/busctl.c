/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busctl.c - tells the analyser when to measure, and what.
 *
 *   busctl start NUMBER START LENGTH PAT BUFFERS
 *   busctl stop
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyser/magic.h"

int main(int argc, char **argv)
{
	uint64_t n[5];

	if (argc == 2 && !strcmp(argv[1], "stop")) {
		magic_bus_stop();
		return 0;
	}
	if (argc != 7 || strcmp(argv[1], "start")) {
		fprintf(stderr, "usage: busctl start NUMBER START LENGTH PAT BUFFERS | stop\n");
		return 2;
	}
	for (int i = 0; i < 5; i++)
		n[i] = strtoull(argv[i + 2], NULL, 0);
	magic_bus_start(n[0], n[1], n[2], n[3], n[4]);
	return 0;
}
