// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmstorelong.c - stores by the helper module that take long, or end early: kmstorelong many SLOT BAR | long SLOT BAR |
 * together SLOT BAR | signal SLOT BAR | run SLOT BAR (until the device is gone, or has a driver).
 */
#include "kmstore.h"

#include <signal.h>
#include <sys/wait.h>

static void many_of(int fd, uint32_t pattern, uint64_t messages, uint32_t flags)
{
	static uint32_t samples[65536];
	struct wcdiag_km_store s = good;
	double start = now();

	s.pattern = pattern;
	s.messages = messages;
	s.flags = flags;
	s.samples = (uintptr_t)samples;
	s.max_samples = 65536;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, wcdiag_store_patterns[pattern].name);
	ok(s.done == messages && s.nsamples && s.nsamples <= 65536 && s.every == messages / 64 / 65536 + 1,
	   "%s: %llu lines in %.1f s, %u samples (every %u), %u moves", wcdiag_store_patterns[pattern].name, s.done,
	   now() - start, s.nsamples, s.every, s.moved);
}

static void many(int fd)
{
	many_of(fd, WCDIAG_STORE_MOV8, 10000000, 0);
	many_of(fd, WCDIAG_STORE_MOVNTI, 10000000, WCDIAG_KM_IRQS_OFF);
	many_of(fd, WCDIAG_STORE_SSE, 10000000, 0);
	many_of(fd, WCDIAG_STORE_IOWRITE64_COPY, 2000000, WCDIAG_KM_IRQS_OFF);
	many_of(fd, WCDIAG_STORE_AVX, 2000000, WCDIAG_KM_IRQS_OFF);
}

/*
 * Twelve seconds of work in one call, under a kernel that takes offence after three (RCU) and two (watchdog): on a real
 * device ten million uncached lines are as much.
 */
static void long_call(int fd)
{
	struct wcdiag_km_store s = good;
	double start = now(), per_line;

	s.pattern = WCDIAG_STORE_GAP;
	s.gap = 1000;
	s.messages = 6400;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "some");
	per_line = (now() - start) / 6400;
	s.messages = (uint64_t)(12 / per_line);
	start = now();
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "and so many that it takes long");
	ok(s.done == s.messages && now() - start > 6, "%llu lines in %.1f s", s.done, now() - start);
}

static int one_of_many(int fd, uint32_t pattern, uint64_t offset)
{
	struct wcdiag_km_store s = good;

	s.pattern = pattern;
	s.offset = offset;
	s.length = 0x4000;
	for (int i = 0; i < 150; i++) {
		s.type = i & 1 ? WCDIAG_KM_WC : WCDIAG_KM_UCMINUS;
		s.messages = 100 + (uint64_t)i;
		if (try(fd, WCDIAG_KM_STORE, &s) || s.done != s.messages || pat[s.slot] != s.type)
			return 1;
	}
	return 0;
}

/* Looks at all that the kernel has mapped while such mappings come and go. */
static int look_meanwhile(int fd)
{
	struct wcdiag_km_info i;

	if (try(fd, WCDIAG_KM_INFO, &i))
		return 1;
	for (int n = 0; n < 10; n++) {
		struct walked w =
			walk(fd, 0, i.vmalloc_start, i.vmalloc_start + (64ULL << 30), WCDIAG_KM_DEVICE, 0, 1024);
		int err = w.err;

		walked_free(&w);
		if (err)
			return 1;
	}
	return 0;
}

/* Four at once, each in pages of its own: none is refused, and each has the type that it asked for. */
static void together(int fd)
{
	static const uint32_t which[] = { WCDIAG_STORE_AVX, WCDIAG_STORE_MOV8, WCDIAG_STORE_REP_MOVSQ,
					  WCDIAG_STORE_MOVNTDQ };
	uint8_t *want = malloc(size), *got = malloc(size);
	int status, bad = 0;

	memset(got, BLANK, size);
	memset(want, BLANK, size);
	whole_bar(got, true);
	fflush(stdout);
	for (uint64_t i = 0; i <= 4; i++) {
		if (i < 4)
			for (int k = 0; k < 0x4000; k++)
				want[0x10000 * (i + 1) + (uint64_t)k] = good.data[k % 64];
		if (!fork()) {
			fd = km_device();
			_exit(i < 4 ? one_of_many(fd, which[i], 0x10000 * (i + 1)) : look_meanwhile(fd));
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	ok(!bad, "four programs that store and one that looks, at once: %d failed", bad);
	whole_bar(got, false);
	/* 249 messages in a range of 256: the last seven lines of each are blank. */
	for (uint64_t i = 1; i <= 4; i++)
		memset(want + 0x10000 * i + 249 * 64, BLANK, 7 * 64);
	ok(!memcmp(want, got, size), "each stored its bytes and no other");
	free(want);
	free(got);
}

static void nothing(int sig)
{
	(void)sig;
}

static void signalled(int fd)
{
	struct wcdiag_km_store s = good;
	double start;
	int status;
	pid_t child;

	s.pattern = WCDIAG_STORE_GAP;
	s.gap = 1000;
	s.messages = 1 << 24;
	signal(SIGALRM, nothing);
	alarm(1);
	start = now();
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "a signal with a handler");
	ok(s.done && s.done < s.messages && now() - start < 5, "ended early: %llu lines in %.1f s", s.done,
	   now() - start);

	fflush(stdout);
	child = fork();
	if (!child) {
		s.messages = 1 << 24;
		_exit(try(fd, WCDIAG_KM_STORE, &s));
	}
	sleep(1);
	start = now();
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && now() - start < 5, "killed: over after %.1f s",
	   now() - start);
	s = good;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "the next call");
}

/* Over and over, until it is refused. */
static void run(int fd)
{
	struct wcdiag_km_store s = good;
	bool early = false;
	int err;

	s.pattern = WCDIAG_STORE_GAP;
	s.gap = 1000;
	s.messages = 64;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "before");
	printf("ready\n");
	fflush(stdout);
	s.messages = 1 << 24;
	while (!(err = try(fd, WCDIAG_KM_STORE, &s)))
		early |= s.done < s.messages;
	ok(early, "the run was ended early");
	ok(err == ENODEV || err == EBUSY, "and is refused now: %s", strerrorname_np(err));
	printf("done\n");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "many", many },	 { "long", long_call }, { "together", together },
		{ "signal", signalled }, { "run", run },
	};
	int fd = km_device();

	if (argc != 4)
		return 2;
	read_pat(fd);
	find_bar(argv[2], atoi(argv[3]));
	act(acts, sizeof(acts) / sizeof(*acts), fd, argv[1]);
	return failures != 0;
}
