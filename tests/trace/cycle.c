// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cycle.c - attaches to a process and leaves it again, many times, each time in another way; after each: is it as it was?
 *
 *   cycle PID FILE TIMES
 *   cycle PID FILE look      prints what may not change
 *
 * The process must go on: each of the counters at 0x7000 + 64 * i of FILE (busy.c) must have grown when looked at. Prints
 * what was wrong; ends with 1 then.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "probe/trace.h"

#define COUNTERS 7

static struct stat file;
static bool through;
static uint64_t stores, lost;
static unsigned int stop_after;
static int failures;

static void choose(const struct trace_mapping *m, struct trace_choice *c, void *ctx)
{
	(void)ctx;
	c->trace = m->dev == file.st_dev && m->ino == file.st_ino;
	c->type = MT_WC;
	c->through = through;
}

static int event(const struct trace_event *e, void *ctx)
{
	unsigned int *left = ctx;

	stores += e->e.kind == ME_STORE;
	return stop_after && !--*left ? 1 : 0;
}

static int note(const struct trace_note *n, void *ctx)
{
	(void)ctx;
	lost += n->kind == TRACE_LOST;
	return 0;
}

/* A machine that stands still, as a paused VM does: the clock goes on by three seconds between two looks. */
static bool jumps;

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static unsigned int looks;
	static time_t ahead;
	long rc = syscall(SYS_clock_gettime, clock, t);

	if (jumps && ++looks % 61 == 0)
		ahead += 3;
	t->tv_sec += ahead;
	return (int)rc;
}

static void wrong(int i, const char *what, const char *was, const char *is)
{
	printf("# cycle %d: %s: was %s, is %s\n", i, what, was, is);
	failures++;
}

/* What may not change: of each thread the masks, the tracer; the mappings of the file. */
static void look(pid_t pid, char *to, size_t n)
{
	static const char *const words[] = { "TracerPid:", "SigBlk:", "SigIgn:", "SigCgt:" };
	char path[80], line[512];
	size_t at = 0;
	struct dirent *d;
	DIR *dir;
	FILE *f;

	to[0] = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/status", pid, d->d_name);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			for (size_t k = 0; k < 4; k++)
				if (!strncmp(line, words[k], strlen(words[k])) && at + 60 < n)
					at += (size_t)snprintf(to + at, n - at, "%.16s %s", d->d_name, line);
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long ino = 0;

		if (sscanf(line, "%*s %*s %*s %*s %lu", &ino) == 1 && ino == file.st_ino && at + 300 < n)
			at += (size_t)snprintf(to + at, n - at, "%.200s\n", line);
	}
	if (f)
		fclose(f);
}

/* A signal's handler is on its way, or a system call that changes masks: looked at a few times. */
static bool same(pid_t pid, const char *was, char *is, size_t n)
{
	for (int i = 0; i < 400; i++) {
		look(pid, is, n);
		if (!strcmp(was, is))
			return true;
		usleep(500);
	}
	return false;
}

static uint64_t ms(void)
{
	struct timespec t;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void goes_on(const unsigned char *p, int i)
{
	uint64_t was[COUNTERS];
	int k = 0;

	for (k = 0; k < COUNTERS; k++)
		was[k] = *(const volatile uint64_t *)(p + 0x7000 + 64 * k);
	for (int t = 0; t < 5000; t++) {
		for (k = 0; k < COUNTERS; k++)
			if (*(const volatile uint64_t *)(p + 0x7000 + 64 * k) == was[k])
				break;
		if (k == COUNTERS)
			return;
		usleep(1000);
	}
	printf("# cycle %d: thread %d does not go on\n", i, k);
	failures++;
}

static void first_difference(const char *a, const char *b, int i)
{
	size_t k = 0, from;
	char was[120], is[120];

	while (a[k] && a[k] == b[k])
		k++;
	for (from = k; from && a[from - 1] != '\n'; from--)
		;
	snprintf(was, sizeof(was), "%.*s", (int)strcspn(a + from, "\n"), a + from);
	snprintf(is, sizeof(is), "%.*s", (int)strcspn(b + from, "\n"), b + from);
	wrong(i, "after leaving", was, is);
}

int main(int argc, char **argv)
{
	static const struct trace_calls calls = { .choose = choose, .event = event, .note = note };
	static char was[1 << 16], is[1 << 16];
	uint64_t begin = ms(), longest = 0;
	const unsigned char *p;
	int fd, times, i;
	unsigned int seed = 1;
	bool looking;
	pid_t pid;

	if (argc != 4 || stat(argv[2], &file))
		return 3;
	pid = atoi(argv[1]);
	times = atoi(argv[3]);
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	looking = !strcmp(argv[3], "look");
	p = mmap(NULL, 0x8000, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 3;
	/* A handler has more signals blocked: with no thread in one, the text is the least of all. */
	look(pid, was, sizeof(was));
	for (i = 0; i < 60; i++) {
		usleep(700);
		look(pid, is, sizeof(is));
		if (strcmp(is, was) < 0)
			memcpy(was, is, sizeof(was));
	}
	if (looking) {
		goes_on(p, 0);
		fputs(was, stdout);
		return failures != 0;
	}
	alarm((unsigned int)(60 + times));
	for (i = 0; i < times && failures < 5; i++) {
		struct trace_params params = { 0 };
		unsigned int left;
		uint64_t at = ms();
		struct trace *t;
		int err;

		seed = seed * 1103515245 + 12345;
		through = seed >> 16 & 1;
		jumps = (seed >> 18 & 7) == 0;
		params.no_syscalls = (seed >> 17 & 7) == 0;
		params.limit = (seed >> 20 & 3) == 0 ? 1 + (seed >> 22) % 100 : 0;
		params.duration_ms = 1 + (seed >> 24) % 8;
		stop_after = left = (seed >> 28 & 3) == 0 ? 1 + (seed >> 10) % 50 : 0;
		err = trace_new(&params, &calls, &left, &t);
		if (!err)
			err = trace_attach(t, pid);
		if (err) {
			wrong(i, "attaching", "0", strerror(-err));
			trace_free(t);
			break;
		}
		err = trace_run(t, NULL);
		if (err && err != 1)
			wrong(i, "running", "0", strerror(-err));
		trace_free(t);
		if (kill(pid, 0)) {
			wrong(i, "the process", "there", "gone");
			break;
		}
		if (!same(pid, was, is, sizeof(is)))
			first_difference(was, is, i);
		if (i % 16 == 15)
			goes_on(p, i);
		at = ms() - at;
		longest = at > longest ? at : longest;
	}
	printf("%d cycles in %" PRIu64 " ms, the longest %" PRIu64 "; %" PRIu64 " stores, %" PRIu64 " notes that some are lost\n", i,
	       ms() - begin, longest, stores, lost);
	return failures != 0;
}
