// SPDX-License-Identifier: GPL-2.0-or-later
/* lib.c - the library that dl.c loads. */
void library_stores(unsigned char *p, unsigned long v);

void library_stores(unsigned char *p, unsigned long v)
{
	for (int i = 0; i < 10; i++) {
		*(volatile unsigned long *)(p + 16 * i) = v + (unsigned long)i;
		*(volatile unsigned int *)(p + 16 * i + 8) = (unsigned int)v;
	}
}
