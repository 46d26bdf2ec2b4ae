// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmstore.c - stores by the helper module: kmstore patterns SLOT BAR | vector SLOT BAR | refuse SLOT BAR OTHER-SLOT
 * BRIDGE-SLOT | not-allowed SLOT BAR | busy SLOT BAR TYPE TYPE-THAT-IT-GETS | many SLOT BAR | long SLOT BAR | random
 * SLOT BAR | together SLOT BAR | signal SLOT BAR | run SLOT BAR (until the device is gone, or has a driver) | locked
 * SLOT BAR.
 *
 * What a pattern covers is told here once more, by hand: the table of the module is what is tried.
 */
#include "kmtest.h"

#include <signal.h>
#include <sys/wait.h>

#include "km/wcdiag_stores.h"

#define BLANK 0xa5

static struct wcdiag_km_store good; /* 64 messages from byte 0x3040 of the BAR on, in 0x2000 bytes */
static char resource[128];
static uint64_t phys, size;
static unsigned int pat[8];

static struct { /* bytes of the line, and of the next, that a message of one line covers */
	unsigned int first, end;
	bool lines; /* takes them */
} const covers[WCDIAG_STORE_COUNT] = {
	[WCDIAG_STORE_MOV8] = { 0, 64, false },	      [WCDIAG_STORE_MOV4] = { 0, 64, false },
	[WCDIAG_STORE_SSE] = { 0, 64, false },	      [WCDIAG_STORE_AVX] = { 0, 64, false },
	[WCDIAG_STORE_AVX512] = { 0, 64, false },     [WCDIAG_STORE_MOVNTI] = { 0, 64, false },
	[WCDIAG_STORE_MOVNTDQ] = { 0, 64, false },    [WCDIAG_STORE_VMOVNTDQ] = { 0, 64, false },
	[WCDIAG_STORE_REP_MOVSQ] = { 0, 64, true },   [WCDIAG_STORE_REP_MOVSB] = { 0, 64, true },
	[WCDIAG_STORE_MEMCPY_TOIO] = { 0, 64, true }, [WCDIAG_STORE_IOWRITE64_COPY] = { 0, 64, true },
	[WCDIAG_STORE_MOVDIRI] = { 0, 64, false },    [WCDIAG_STORE_MOVDIR64B] = { 0, 64, false },
	[WCDIAG_STORE_MISALIGNED] = { 8, 72, false }, [WCDIAG_STORE_PARTIAL] = { 0, 56, false },
	[WCDIAG_STORE_FENCED] = { 0, 64, false },     [WCDIAG_STORE_INTERLEAVED] = { 0, 64, true },
	[WCDIAG_STORE_GAP] = { 0, 64, false },	      [WCDIAG_STORE_DESCENDING] = { 0, 64, false },
	[WCDIAG_STORE_OVERLAP] = { 0, 64, false },
};

static void set_slot(struct wcdiag_km_store *s, const char *slot)
{
	unsigned int domain, bus, dev, fn;

	if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("slot %s", slot);
	s->domain = domain;
	s->bus = (uint8_t)bus;
	s->devfn = (uint8_t)(dev << 3 | fn);
}

static void find_bar(const char *slot, int n)
{
	uint64_t start = 0, end = 0, flags;
	FILE *f;

	snprintf(resource, sizeof(resource), "/sys/bus/pci/devices/%s/resource", slot);
	f = fopen(resource, "r");
	for (int i = 0; f && i <= n; i++)
		if (fscanf(f, "%lx %lx %lx", &start, &end, &flags) != 3)
			die("%s", resource);
	if (!f)
		die("%s", resource);
	fclose(f);
	snprintf(resource, sizeof(resource), "/sys/bus/pci/devices/%s/resource%d", slot, n);
	phys = start;
	size = end - start + 1;
	good = (struct wcdiag_km_store){
		.bar = (uint8_t)n, .type = WCDIAG_KM_WC, .offset = 0x3040, .length = 0x2000, .messages = 64
	};
	set_slot(&good, slot);
	for (int i = 0; i < 64; i++)
		good.data[i] = (uint8_t)(i + 1);
}

static void read_pat(int fd)
{
	struct wcdiag_km_msr m = { .msr = 0x277 };

	if (try(fd, WCDIAG_KM_MSR, &m))
		die("PAT");
	for (int i = 0; i < 8; i++)
		pat[i] = m.value >> 8 * i & 7;
}

/* The device's memory through its sysfs file, mapped only for this moment: its reservation would decide the types. */
static void whole_bar(uint8_t *copy, bool write)
{
	int fd = open(resource, O_RDWR | O_CLOEXEC);
	uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd < 0 || at == MAP_FAILED)
		die("%s", resource);
	if (write)
		memcpy(at, copy, size);
	else
		memcpy(copy, at, size);
	munmap(at, size);
	close(fd);
}

/* What the BAR holds after the run, byte for byte. */
static void expect(uint8_t *want, const struct wcdiag_km_store *s, uint32_t lines)
{
	uint32_t span = s->pattern == WCDIAG_STORE_MISALIGNED ? 128 : 64;
	uint64_t room = s->length / (span * lines), n = s->messages < room ? s->messages : room;

	memset(want, BLANK, size);
	for (uint64_t line = 0; line < n * lines; line++)
		for (unsigned int i = covers[s->pattern].first; i < covers[s->pattern].end; i++)
			want[s->offset + line * span + i] = s->data[i - covers[s->pattern].first];
}

static void one(int fd, struct wcdiag_km_store s, uint32_t lines, uint8_t *want, uint8_t *got)
{
	const char *name = wcdiag_store_patterns[s.pattern].name;
	uint32_t samples[64] = { 0 };
	unsigned int n = 0;
	bool same;
	int err;

	s.samples = (uintptr_t)samples;
	s.max_samples = 64;
	memset(got, BLANK, size);
	whole_bar(got, true);
	err = try(fd, WCDIAG_KM_STORE, &s);
	whole_bar(got, false);
	if (err) {
		memset(want, BLANK, size);
		ok(err == EOPNOTSUPP && wcdiag_store_patterns[s.pattern].cpu != WCDIAG_STORE_ANY &&
			   !memcmp(want, got, size),
		   "%s: this CPU does not have it (%s), and nothing was stored", name, strerrorname_np(err));
		return;
	}
	expect(want, &s, lines);
	same = !memcmp(want, got, size);
	for (uint64_t i = 0, shown = 0; !same && i < size && shown < 4; i++)
		if (want[i] != got[i])
			printf("# byte %#lx is %#x, not %#x\n", i, got[i], want[i]), shown++;
	while (n < s.nsamples && samples[n] > 0)
		n++;
	ok(same && s.done == s.messages, "%s %s%s, %u lines a message: its bytes, and no other of the BAR", name,
	   s.type == WCDIAG_KM_WC ? "WC" : "UC-", s.flags & WCDIAG_KM_IRQS_OFF ? " irqs off" : "", lines);
	ok(s.phys == phys + (s.offset & ~(PAGE - 1)) && s.level == 1 && s.other == 0 && pat[s.slot] == s.type &&
		   (s.entry >> 3 & 3) == (s.slot & 3U) && (s.entry >> 7 & 1) == s.slot >> 2,
	   "%s: entry %llx, slot %u", name, s.entry, s.slot);
	ok(n && n == s.nsamples && s.cycles && s.cpu < 2 && !s.zero[0] && !s.zero[1], "%s: %u samples, %llu cycles",
	   name, s.nsamples, s.cycles);
}

static void patterns(int fd)
{
	uint8_t *want = malloc(size), *got = malloc(size);

	for (uint32_t p = 0; p < WCDIAG_STORE_COUNT; p++) {
		bool lines = covers[p].lines;
		struct wcdiag_km_store s = good;

		s.pattern = p;
		if (wcdiag_store_patterns[p].flags & WCDIAG_STORE_USER_ONLY) {
			wants(try(fd, WCDIAG_KM_STORE, &s), EINVAL, wcdiag_store_patterns[p].name);
			continue;
		}
		s.lines = lines;
		one(fd, s, 1, want, got);
		s.type = WCDIAG_KM_UCMINUS;
		s.flags = WCDIAG_KM_IRQS_OFF;
		s.messages = 5;
		s.batch = 1;
		one(fd, s, 1, want, got);
		s.messages = 1000; /* around and around */
		s.batch = 0;
		s.lines = lines ? 16 : 0;
		one(fd, s, lines ? 16 : 1, want, got);
	}
	free(want);
	free(got);
}

static void vector_state(int fd)
{
	struct wcdiag_km_store s = good;
	uint64_t before = 0x123456789abcdef0, after = 0;

	s.pattern = WCDIAG_STORE_AVX;
	__asm__ volatile("movq %0, %%xmm0" : : "r"(before) : "xmm0");
	if (ioctl(fd, WCDIAG_KM_STORE, &s))
		die("avx");
	__asm__ volatile("movq %%xmm0, %0" : "=r"(after));
	ok(after == before, "the program's own vector registers are as before");
}

static void refuse(int fd, const char *edu, const char *bridge)
{
	struct wcdiag_km_store s;
	uint8_t *before = malloc(size), *after = malloc(size);

	whole_bar(before, false);
#define BAD(want, what, ...) (s = good, __VA_ARGS__, wants(try(fd, WCDIAG_KM_STORE, &s), want, what))
	BAD(EINVAL, "padding that is not zero", s.zero[1] = 1);
	BAD(EINVAL, "an unknown flag", s.flags = 1);
	BAD(EINVAL, "BAR 6", s.bar = 6);
	BAD(EINVAL, "type UC", s.type = WCDIAG_KM_UC);
	BAD(EINVAL, "type WB", s.type = WCDIAG_KM_WB);
	BAD(EINVAL, "type WT, forced", (s.type = WCDIAG_KM_WT, s.flags = WCDIAG_KM_FORCE_BUSY));
	BAD(EINVAL, "a pattern that is not", s.pattern = WCDIAG_STORE_COUNT);
	BAD(EINVAL, "a pattern far away", s.pattern = ~0U);
	BAD(EINVAL, "lines of a pattern that takes none", s.lines = 2);
	BAD(EINVAL, "a gap of a pattern that has none", s.gap = 2);
	BAD(EINVAL, "65 lines a message", (s.pattern = WCDIAG_STORE_REP_MOVSQ, s.lines = 65));
	BAD(EINVAL, "1001 no-ops", (s.pattern = WCDIAG_STORE_GAP, s.gap = 1001));
	BAD(EINVAL, "a batch of 65", s.batch = 65);
	BAD(EINVAL, "a batch of more than 64 lines", (s.pattern = WCDIAG_STORE_INTERLEAVED, s.batch = 5));
	BAD(EINVAL, "no message", s.messages = 0);
	BAD(E2BIG, "more lines than one call may", s.messages = (1 << 24) + 1);
	BAD(E2BIG, "more messages than there are numbers", s.messages = ~0ULL);
	BAD(EINVAL, "no length", s.length = 0);
	BAD(EINVAL, "a length within a line", s.length = 0x1ff8);
	BAD(EINVAL, "an offset within a line", s.offset = 0x3048);
	BAD(EINVAL, "a range too short for a message", (s.pattern = WCDIAG_STORE_MISALIGNED, s.length = 64));
	BAD(EINVAL, "an offset behind the BAR", s.offset = size);
	BAD(EINVAL, "a range beyond the BAR", s.offset = size - 0x1fc0);
	BAD(EINVAL, "an offset that wraps", s.offset = -0x1000ULL);
	BAD(EINVAL, "a range that reaches RAM", (s.offset = 0, s.length = 1 << 30));
	BAD(E2BIG, "a range beyond the limit", s.length = (1 << 30) + 64);
	BAD(E2BIG, "too many samples", (s.samples = (uintptr_t)before, s.max_samples = 65537));
	BAD(EINVAL, "samples to nowhere", s.max_samples = 1);
	BAD(EINVAL, "no samples to somewhere", s.samples = (uintptr_t)before);
	BAD(ENODEV, "a domain that is not", s.domain = 1);
	BAD(ENODEV, "a domain that is a negative number", s.domain = ~0U);
	BAD(ENODEV, "a slot with nothing in it", s.devfn = 0xef);
	BAD(ENXIO, "the upper half of a 64-bit BAR", s.bar = 3);
	BAD(EINVAL, "a BAR smaller than a page", (s.bar = 0, s.offset = 0, s.length = 64));
	BAD(ENXIO, "a BAR that is not there", (set_slot(&s, edu), s.bar = 5));
	BAD(EOPNOTSUPP, "a bridge", (set_slot(&s, bridge), s.bar = 0));
	BAD(EOPNOTSUPP, "a bridge, forced", (set_slot(&s, bridge), s.bar = 0, s.flags = WCDIAG_KM_FORCE_BUSY));
#undef BAD
	wants(try(fd, WCDIAG_KM_STORE, NULL), EFAULT, "from no memory");
	whole_bar(after, false);
	ok(!memcmp(before, after, size), "nothing was stored");
	s = good;
	s.offset = size - s.length;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "the end of the BAR");
	s = good;
	s.max_samples = 64;
	s.samples = 0x1000;
	wants(try(fd, WCDIAG_KM_STORE, &s), EFAULT, "samples to no memory, after the run");
	/* Nobody else but root. */
	fflush(stdout);
	if (!fork()) {
		if (setuid(65534))
			_exit(1);
		s = good;
		_exit(try(fd, WCDIAG_KM_STORE, &s) != EPERM);
	}
	int status = 1;

	wait(&status);
	ok(status == 0, "an ordinary user with root's descriptor: EPERM");
	free(before);
	free(after);
}

static void not_allowed(int fd)
{
	struct wcdiag_km_info i;
	struct wcdiag_km_store s = good;

	wants(try(fd, WCDIAG_KM_INFO, &i), 0, "INFO");
	ok(!(i.caps & WCDIAG_KM_CAP_STORE), "not offered: it was loaded without stores=1");
	wants(try(fd, WCDIAG_KM_STORE, &s), EPERM, "STORE");
}

/* The driver's reservation is older: it decides, and the module says so. */
static void busy(int fd, unsigned int type, unsigned int want)
{
	struct wcdiag_km_store s = good;

	s.type = (uint8_t)type;
	wants(try(fd, WCDIAG_KM_STORE, &s), EBUSY, "a device with a driver");
	s.flags = WCDIAG_KM_FORCE_BUSY;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "a device with a driver, forced");
	ok(s.done == s.messages && pat[s.slot] == want && s.other == 0,
	   "all of it; type %u asked for, slot %u is type %u", type, s.slot, pat[s.slot]);
}

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

static uint64_t seed = 88172645463325252;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

/* Mostly what may be, now and then a little beyond. */
static struct wcdiag_km_store any_run(void)
{
	struct wcdiag_km_store s = good;
	bool wild = any(4) == 0;

	s.pattern = any(WCDIAG_STORE_COUNT + wild);
	s.type = any(2) ? WCDIAG_KM_WC : WCDIAG_KM_UCMINUS;
	s.flags = any(2) ? WCDIAG_KM_IRQS_OFF : 0;
	s.offset = any((uint32_t)size / 64 + 2 * wild) * 64 + wild * any(2) * 4;
	s.length = any(any(2) ? 8 : 1024) * 64 + wild * any(2) * 4;
	s.messages = any(any(2) ? 4 : 300);
	if (s.pattern < WCDIAG_STORE_COUNT && (wild || covers[s.pattern].lines))
		s.lines = any(covers[s.pattern].lines ? 65 + wild : 2);
	if (wild || s.pattern == WCDIAG_STORE_GAP)
		s.gap = any(s.pattern == WCDIAG_STORE_GAP ? 1001 + wild : 2);
	s.batch = any(3) ? 0 : any(8);
	for (int i = 0; i < 64; i++)
		s.data[i] = (uint8_t)any(BLANK);
	return s;
}

/* What the header says of a run, once more. */
static bool may_be(const struct wcdiag_km_store *s, uint32_t *lines)
{
	uint32_t span = s->pattern == WCDIAG_STORE_MISALIGNED ? 128 : 64;

	if (s->pattern >= WCDIAG_STORE_COUNT || s->pattern == WCDIAG_STORE_MEMCPY)
		return false;
	*lines = s->lines ? s->lines : s->pattern == WCDIAG_STORE_INTERLEAVED ? 16 : 1;
	if ((s->lines && !covers[s->pattern].lines) || s->lines > 64)
		return false;
	if (s->gap && (s->pattern != WCDIAG_STORE_GAP || s->gap > 1000))
		return false;
	return s->messages && s->batch * span * *lines <= 4096 && s->offset % 64 == 0 && s->length % 64 == 0 &&
	       s->length >= span * *lines && s->offset + s->length <= size;
}

static void random_runs(int fd)
{
	uint8_t *want = malloc(size), *got = malloc(size);
	unsigned int good_ones = 0, bad_ones = 0, n;

	for (n = 0; n < 400; n++) {
		struct wcdiag_km_store s = any_run();
		uint32_t lines = 1;
		bool possible = may_be(&s, &lines), done, right;
		int err;

		memset(got, BLANK, size);
		whole_bar(got, true);
		err = try(fd, WCDIAG_KM_STORE, &s);
		whole_bar(got, false);
		done = !err;
		if (err)
			memset(want, BLANK, size);
		else
			expect(want, &s, lines);
		right = done ? possible && s.done == s.messages
			     : (err == EINVAL && !possible) ||
					(err == EOPNOTSUPP && wcdiag_store_patterns[s.pattern].cpu != WCDIAG_STORE_ANY);
		if (memcmp(want, got, size) || !right) {
			ok(false, "run %u: pattern %u lines %u gap %u batch %u messages %llu at %llx+%llx: error %d", n,
			   s.pattern, s.lines, s.gap, s.batch, s.messages, s.offset, s.length, err);
			break;
		}
		good_ones += done;
		bad_ones += !done;
	}
	ok(n == 400 && good_ones > 100 && bad_ones > 30, "%u random runs stored exactly their bytes, %u were refused",
	   good_ones, bad_ones);
	free(want);
	free(got);
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

static void locked(int fd)
{
	struct wcdiag_km_store s = good;
	struct wcdiag_km_info i;

	wants(try(fd, WCDIAG_KM_INFO, &i), 0, "INFO");
	ok(i.caps & WCDIAG_KM_CAP_STORE && i.locked & WCDIAG_KM_LOCKED_MAP, "loaded with stores=1, and locked");
	wants(try(fd, WCDIAG_KM_STORE, &s), EPERM, "STORE under lockdown");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*act)(int fd);
	} acts[] = {
		{ "patterns", patterns }, { "vector", vector_state }, { "not-allowed", not_allowed },
		{ "many", many },	  { "long", long_call },      { "random", random_runs },
		{ "together", together }, { "signal", signalled },    { "run", run },
		{ "locked", locked },
	};
	int fd = km_device();

	if (argc < 4)
		return 2;
	read_pat(fd);
	find_bar(argv[2], atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "refuse"))
		refuse(fd, argv[4], argv[5]);
	if (argc == 6 && !strcmp(argv[1], "busy"))
		busy(fd, (unsigned int)atoi(argv[4]), (unsigned int)atoi(argv[5]));
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (!strcmp(argv[1], acts[i].name))
			acts[i].act(fd);
	return failures != 0;
}
