/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story.c - stores that are the same whatever compiler and C library there are: each is one instruction of this file.
 *
 *   story FILE MODE COUNT    maps FILE, 64 KiB, and sends COUNT messages; exit status 0, or what the mode says
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOT 64
#define SIZE 65536

static uint8_t *map;

#define MOV16(off) __asm__ volatile("movups %%xmm0, %c1(%0)" : : "r"(p), "i"(off) : "memory")
#define MOV4(off)  __asm__ volatile("movl %1, %c2(%0)" : : "r"(p), "r"(7), "i"(off) : "memory")
#define SFENCE()   __asm__ volatile("sfence" : : : "memory")

/* Whatever this C library's memcpy() does. */
__attribute__((noinline)) static void library(uint8_t *p)
{
	static const uint8_t from[SLOT] = { 1 };
	volatile size_t len = 63;

	memcpy(p, from, len);
	SFENCE();
}

__attribute__((noinline)) static void other(uint8_t *p)
{
	static const uint8_t from[SLOT] = { 2 };
	volatile size_t len = 63;

	memcpy(p, from, len);
	SFENCE();
}

/* As memcpy() copies 63 bytes, with 16 at once: byte 47 twice. */
__attribute__((noinline)) static void copy63(uint8_t *p)
{
	MOV16(0);
	MOV16(16);
	MOV16(32);
	MOV16(47);
	SFENCE();
}

__attribute__((noinline)) static void whole(uint8_t *p)
{
	MOV16(0);
	MOV16(16);
	MOV16(32);
	MOV16(48);
	SFENCE();
}

__attribute__((noinline)) static void fenced(uint8_t *p)
{
	MOV16(0);
	MOV16(16);
	SFENCE();
	MOV16(32);
	MOV16(48);
	SFENCE();
}

__attribute__((noinline)) static void misaligned(uint8_t *p)
{
	MOV16(8);
	MOV16(24);
	MOV16(40);
	MOV16(56);
	SFENCE();
}

/* 16 lines, a quarter of each after the other: more than there are buffers. */
__attribute__((noinline)) static void turns(uint8_t *at)
{
	for (int part = 0; part < 4; part++)
		for (int line = 0; line < 16; line++) {
			uint8_t *p = at + SLOT * line + 16 * part;

			MOV16(0);
		}
	SFENCE();
}

__attribute__((noinline)) static void doorbell(uint8_t *p)
{
	MOV4(0);
	SFENCE();
}

/* One of twelve, each at other places of its line. */
static void many_kinds(uint8_t *p, int i)
{
#define KIND(n)                                                                                                        \
	case n:                                                                                                        \
		MOV4(4 * n);                                                                                           \
		MOV4(4 * n + 8);                                                                                       \
		SFENCE();                                                                                              \
		break;
	switch (i % 12) {
		KIND(0)
		KIND(1)
		KIND(2)
		KIND(3)
		KIND(4)
		KIND(5)
		KIND(6)
		KIND(7)
		KIND(8)
		KIND(9)
		KIND(10)
		KIND(11)
	}
}

/* Each tenth one has a fence in its middle. */
__attribute__((noinline)) static void tenth(uint8_t *p, int i)
{
	for (int part = 0; part < 4; part++) {
		uint8_t *at = p + 16 * part;

		__asm__ volatile("movups %%xmm0,(%0)" : : "r"(at) : "memory");
		if (part == 1 && i % 10 == 9)
			SFENCE();
	}
	SFENCE();
}

/* The kernel writes the second half. */
__attribute__((noinline)) static void half_read(uint8_t *p)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	__asm__ volatile("movups %%xmm0,(%0); movups %%xmm0,16(%0)" : : "r"(p) : "memory");
	if (read(fd, p + 32, 32) != 32)
		exit(9);
	SFENCE();
}

static uint8_t *slot(int i)
{
	return map + (size_t)(i % 256) * SLOT;
}

static void *worker(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		whole(slot(i));
	return NULL;
}

static void forks(int n)
{
	pid_t pid = fork();

	if (!pid) {
		for (int i = 0; i < n; i++)
			copy63(slot(i));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	for (int i = 0; i < n; i++)
		whole(slot(i));
}

int main(int argc, char **argv)
{
	const char *mode = argc == 4 ? argv[2] : "";
	int fd, n = argc == 4 ? atoi(argv[3]) : 0;
	pthread_t t[2];

	if (argc != 4)
		return 99;
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, SIZE))
		return 98;
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, strcmp(mode, "private") ? MAP_SHARED : MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 97;
	puts("begins");
	fflush(stdout);
	if (!strcmp(mode, "threads")) {
		for (int i = 0; i < 2; i++)
			pthread_create(&t[i], NULL, worker, &n);
		for (int i = 0; i < 2; i++)
			pthread_join(t[i], NULL);
	} else if (!strcmp(mode, "forks")) {
		forks(n);
	} else if (!strcmp(mode, "goes-on")) {
		/* Some COUNT seconds. */
		for (int i = 0; i < 500 * n; i++, usleep(2000))
			whole(slot(i));
	} else if (!strcmp(mode, "again")) {
		/* Itself, anew, elsewhere. */
		copy63(slot(0));
		if (n)
			execl("/proc/self/exe", argv[0], argv[1], mode, "0", NULL);
	} else {
		for (int i = 0; i < n; i++) {
			uint8_t *p = slot(i);

			if (!strcmp(mode, "sites"))
				(i % 2 ? library : other)(p);
			else if (!strcmp(mode, "copy63"))
				copy63(p);
			else if (!strcmp(mode, "library"))
				library(p);
			else if (!strcmp(mode, "fenced"))
				fenced(p);
			else if (!strcmp(mode, "misaligned"))
				misaligned(map + 128 * (i % 100));
			else if (!strcmp(mode, "doorbell"))
				doorbell(map);
			else if (!strcmp(mode, "many"))
				many_kinds(p, i);
			else if (!strcmp(mode, "turns"))
				turns(map);
			else if (!strcmp(mode, "tenth"))
				tenth(p, i);
			else if (!strcmp(mode, "half-read"))
				half_read(p);
			else
				whole(p);
		}
	}
	puts("ends");
	fflush(stdout);
	if (!strcmp(mode, "fails"))
		return 7;
	if (!strcmp(mode, "dies"))
		raise(SIGKILL);
	return 0;
}
