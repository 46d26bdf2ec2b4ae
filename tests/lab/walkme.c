/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walkme.c - a process with an address space of many kinds, which then keeps still: every entry of it is compared.
 *
 *   walkme FILE:LENGTH...
 *
 * Each FILE (a resourceN or resourceN_wc) is mapped with LENGTH bytes from its start. Besides: RAM in small pages,
 * written, only read (the zero page) and never touched; in large pages; taken away by PROT_NONE, small and large;
 * read-only; private pages of a file, read and copied; shared memory; a hole cut into the middle of a mapping; frames
 * side by side over the end of a page table. At least 4000 entries.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stay.h"

#define PAGE  4096UL
#define LARGE (2UL << 20)

static void die(const char *what)
{
	printf("errno 0 %s (%s)\n", strerrorname_np(errno), what);
	exit(1);
}

static void *map(size_t length, int prot, int flags, int fd)
{
	void *p = mmap(NULL, length, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* Small pages only, so that nobody collapses them while two readers look. */
static char *ram(size_t length, int prot)
{
	char *p = map(length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (madvise(p, length, MADV_NOHUGEPAGE) < 0)
		die("madvise");
	return p;
}

static void touch(char *p, size_t length, size_t step, int write)
{
	for (size_t at = 0; at < length; at += step) {
		if (write)
			*(volatile char *)(p + at) = 1;
		else
			(void)*(volatile char *)(p + at);
	}
}

static void protect(char *p, size_t length, int prot)
{
	if (mprotect(p, length, prot) < 0)
		die("mprotect");
}

/* n large pages, aligned; the kernel gives them on the first touch, where it has any. */
static char *large(size_t n)
{
	char *p = map((n + 1) * LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p = (char *)(((uintptr_t)p + LARGE - 1) & ~(LARGE - 1));
	if (madvise(p, n * LARGE, MADV_HUGEPAGE) < 0)
		die("madvise");
	touch(p, n * LARGE, LARGE, 1);
	return p;
}

/*
 * The frames of a large page lie side by side; moved by half of it, as small pages, they do so over the end of a page
 * table. Of the next table only the first entry goes on so: those behind it are in no order, for they are touched from
 * behind.
 */
static void over_the_end(void)
{
	char *p = large(1), *q = map(4 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	q = (char *)(((uintptr_t)q + LARGE - 1) & ~(LARGE - 1)) + LARGE / 2;
	if (mremap(p, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) != q)
		die("mremap");
	p = q + LARGE / 2 + PAGE;
	if (madvise(p, LARGE / 2 - PAGE, MADV_DONTNEED) < 0)
		die("madvise");
	for (size_t at = LARGE / 2 - PAGE; at; at -= PAGE)
		touch(p + at - PAGE, PAGE, PAGE, 1);
}

static void bar(char *spec)
{
	char *colon = strrchr(spec, ':');
	size_t length;
	int fd;

	if (!colon)
		die(spec);
	*colon = '\0';
	length = strtoul(colon + 1, NULL, 0);
	fd = open(spec, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die(spec);
	map(length, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
}

int main(int argc, char **argv)
{
	char *p;
	int fd;

	for (int i = 1; i < argc; i++)
		bar(argv[i]);

	p = ram(600 * PAGE, PROT_READ | PROT_WRITE);
	touch(p, 600 * PAGE, PAGE, 1);
	protect(p + 100 * PAGE, 50 * PAGE, PROT_READ);
	protect(p + 200 * PAGE, 100 * PAGE, PROT_NONE);
	munmap(p + 400 * PAGE, 10 * PAGE);
	p = ram(300 * PAGE, PROT_READ | PROT_WRITE);
	touch(p, 100 * PAGE, PAGE, 0);
	touch(p + 150 * PAGE, 100 * PAGE, 2 * PAGE, 1);
	p = ram(64 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	touch(p, 64 * PAGE, PAGE, 1);

	large(2);
	p = large(2);
	protect(p, LARGE, PROT_NONE);
	protect(p + LARGE, LARGE, PROT_READ);

	over_the_end();

	fd = memfd_create("walkme", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 200 * PAGE) < 0)
		die("memfd");
	p = map(200 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	touch(p, 200 * PAGE, PAGE, 1);
	p = map(200 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	touch(p, 100 * PAGE, PAGE, 0);
	touch(p + 50 * PAGE, 100 * PAGE, PAGE, 1);

	printf("ok 0 %p\n", (void *)p);
	stay();
	return 0;
}
