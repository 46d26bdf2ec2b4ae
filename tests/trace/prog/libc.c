// SPDX-License-Identifier: GPL-2.0-or-later
/* libc.c - what the C library and the compiler make of a copy: known to nobody beforehand, so only truth tells. */
#include "prog.h"

static unsigned char from[4096];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(value() >> 32);
}

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile move)(void *, const void *, size_t) = memmove;
static void *(*volatile set)(void *, int, size_t) = memset;

PROGRAM(memcpy, P_TRUTH | P_CHOICE, "the C library's memcpy of 17 to 128 bytes, and some longer, aligned and not")
{
	static const size_t more[] = { 1, 7, 8, 15, 16, 129, 255, 256, 257, 512, 1000, 2048 };

	fill();
	begin();
	for (size_t n = 17; n <= 128; n++)
		copy(p + (n & 31) * 256, from + n % 7, n);
	for (size_t n = 17; n <= 128; n += 3)
		copy(p + 0x2000 + (n & 31) * 256 + n % 63, from, n);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		copy(p + 0x4000 + 8 * i, from, more[i]);
	end();
	return 0;
}

PROGRAM(memmove, P_TRUTH | P_CHOICE | P_LATER, "memmove inside the region, up and down")
{
	fill();
	begin();
	copy(p, from, 300);
	for (size_t n = 17; n <= 300; n += 41) {
		move(p + 13, p, n);
		move(p, p + 64, n);
	}
	end();
	return 0;
}

PROGRAM(memset, P_TRUTH | P_CHOICE, "the C library's memset of 1 to 256 bytes, and some longer")
{
	begin();
	for (size_t n = 1; n <= 256; n += n < 40 ? 1 : 7)
		set(p + (n & 31) * 256, (int)n, n);
	set(p + 0x3001, 0x77, 700);
	set(p + 0x4000, 0, 2048);
	end();
	return 0;
}

struct small {
	unsigned char b[24];
};
struct line {
	unsigned long q[8];
};
struct odd {
	unsigned char b[99];
};
struct large {
	unsigned long q[64];
};

PROGRAM(structs, P_TRUTH | P_CHOICE, "structures assigned: what the compiler makes of it")
{
	fill();
	begin();
	*(volatile struct small *)p = *(struct small *)from;
	*(struct line *)(p + 0x40) = *(struct line *)from;
	*(struct odd *)(p + 0x80) = *(struct odd *)(from + 3);
	*(struct large *)(p + 0x400) = *(struct large *)from;
	*(struct large *)(p + 0x1000) = (struct large){ { 1, 2, 3 } };
	__asm__ volatile("" ::: "memory");
	end();
	return 0;
}
