/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * genevents.c - random streams of events for two models of write-combining buffers; the same numbers give the same.
 *
 *   genevents FIRST COUNT       streams FIRST to FIRST + COUNT - 1, each ended by a fence
 *
 * A stream has a manner (how wide, how aligned, over how many lines, how often interrupted), so that full lines,
 * partial ones, lines over capacity and each kind of event all occur often, and not only their average.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t any(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(any() % n);
}

static const char *const types[] = { "wc", "uc", "uc-", "wb" };

struct manner {
	uint64_t base, at;
	unsigned int lines;	/* the window */
	unsigned int size;	/* of most stores */
	unsigned int wander;	/* of 16: not behind the last one but anywhere */
	unsigned int odd;	/* of 16: misaligned, of another size, masked, direct, of another type */
	unsigned int events;	/* of 16: no store */
};

static void other_event(const struct manner *w)
{
	static const char *const plain[] = {
		"f sfence", "f mfence", "f lfence", "f lfence", "l", "c", "c cpuid", "u", "p", "i", "i fault", "y", "g 1", "g 100",
	};
	unsigned int n = below(sizeof(plain) / sizeof(plain[0]) + 4);

	if (n < sizeof(plain) / sizeof(plain[0]))
		printf("%s\n", plain[n]);
	else
		printf("r 0x%" PRIx64 " %u type=%s\n", w->base + below(w->lines * 64), 1u << below(7), types[n % 3 ? 0 : below(4)]);
}

static void odd_store(const struct manner *w)
{
	unsigned int size = below(3) ? 1u << below(7) : 1 + below(64);
	uint64_t at = w->base + below(w->lines * 64);

	switch (below(4)) {
	case 0:
		printf("s 0x%" PRIx64 " %u\n", at, size);
		break;
	case 1:
		printf("s 0x%" PRIx64 " %u type=%s\n", at, size, types[below(4)]);
		break;
	case 2:
		/* Few bits or many, and sometimes none. */
		size = 16u << below(3);
		printf("s 0x%" PRIx64 " %u mask=0x%" PRIx64 " type=%s\n", below(3) ? at & ~(uint64_t)(size - 1) : at, size,
		       any() & (below(2) ? any() : below(8) ? ~UINT64_C(0) : 0) & ~UINT64_C(0) >> (64 - size),
		       types[below(3)]);
		break;
	default:
		size = 4u << below(2);
		if (below(2))
			size = 64;
		printf("s 0x%" PRIx64 " %u direct type=%s\n", size == 64 || below(4) ? at & ~(uint64_t)(size - 1) : at, size,
		       types[below(3)]);
	}
}

static void stream(uint64_t number)
{
	static const unsigned int windows[] = { 1, 2, 4, 12, 40 };
	struct manner w = { 0 };
	unsigned int n;

	state = number * UINT64_C(0xd1342543de82ef95) + 1;
	w.base = (below(2) ? UINT64_C(0xd4000000) : UINT64_C(0x380000000000)) + below(64) * 64;
	w.lines = windows[below(5)];
	w.size = below(2) ? 8 : 1u << below(7);
	w.wander = below(3) * 5;
	w.odd = below(3) * 3;
	w.events = below(3) * 2;
	w.at = w.base;
	n = 8 + below(56);
	printf("# stream %" PRIu64 "\n", number);
	while (n--) {
		if (below(16) < w.events) {
			other_event(&w);
		} else if (below(16) < w.odd) {
			odd_store(&w);
		} else {
			if (below(16) < w.wander)
				w.at = w.base + below(w.lines * 64 / w.size + 1) * w.size;
			printf("s 0x%" PRIx64 " %u%s\n", w.at, w.size, w.size <= 8 && !below(8) ? " rep" : "");
			w.at += w.size;
			if (w.at >= w.base + w.lines * 64)
				w.at = w.base;
		}
	}
	printf("f mfence\n");
}

int main(int argc, char **argv)
{
	uint64_t first, count;

	if (argc != 3) {
		fprintf(stderr, "usage: genevents FIRST COUNT\n");
		return 2;
	}
	first = strtoull(argv[1], NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	for (uint64_t i = 0; i < count; i++)
		stream(first + i);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
