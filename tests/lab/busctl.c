/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busctl.c - tells the analyser when to measure, and what.
 *
 *   busctl start NUMBER START LENGTH PAT BUFFERS EVICT AFTER
 *   busctl stop | rest
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyser/magic.h"

int main(int argc, char **argv)
{
	uint64_t n[7];

	if (argc == 2 && (!strcmp(argv[1], "stop") || !strcmp(argv[1], "rest"))) {
		magic_bus_end(argv[1][0] == 's' ? MAGIC_BUS_STOP : MAGIC_BUS_REST);
		return 0;
	}
	if (argc != 9 || strcmp(argv[1], "start")) {
		fprintf(stderr, "usage: busctl start NUMBER START LENGTH PAT BUFFERS EVICT AFTER | stop | rest\n");
		return 2;
	}
	for (int i = 0; i < 7; i++)
		n[i] = strtoull(argv[i + 2], NULL, 0);
	magic_bus_start(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
	return 0;
}
