/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpfleft - how many BPF programs, maps and links the kernel has. */
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned int count(enum bpf_cmd next)
{
	union bpf_attr a = { 0 };
	unsigned int n = 0;

	while (!syscall(SYS_bpf, next, &a, sizeof(a))) {
		a.start_id = a.next_id;
		n++;
	}
	return n;
}

int main(void)
{
	printf("%u programs, %u maps, %u links\n", count(BPF_PROG_GET_NEXT_ID), count(BPF_MAP_GET_NEXT_ID),
	       count(BPF_LINK_GET_NEXT_ID));
	return 0;
}
