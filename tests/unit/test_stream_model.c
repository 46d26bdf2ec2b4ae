/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the judge says of a stream against what the model makes of it, over random streams: where a line leaves as more
 * TLPs than its bytes need, the layer is not fine; where none does, nothing is broken.
 *
 * Streams that leave no room for taste: plain stores, each byte once, SFENCE; CPUs of which it is known how a partial
 * line is cut. The departures are taken from the model's TLPs, so nothing of the story is asked about itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_world.h"
#include "probe/experiment.h"
#include "probe/model_int.h"

#define STREAMS 1000
#define EVENTS	240
#define LINES	20
#define LEFT	(2 * EVENTS)

/* A line as it left. */
struct left {
	uint64_t line, mask, first;
	unsigned int tlps;
	bool fenced;
};

struct tried {
	struct world *w;
	struct model_event ev[EVENTS];
	unsigned int n;
	struct left left[LEFT];
	size_t nleft;
};

static uint64_t seed = 88172645463325252ULL;

static unsigned int rnd(unsigned int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 20) % below;
}

static void store(struct tried *t, uint64_t *written, unsigned int line, unsigned int off, unsigned int size)
{
	uint64_t mask = (UINT64_MAX >> (64 - size)) << off;

	if (t->n == EVENTS || written[line] & mask)
		return;
	written[line] |= mask;
	t->ev[t->n++] =
		(struct model_event){ .kind = ME_STORE, .addr = 64ULL * line + off, .size = (uint8_t)size, .type = MT_WC };
}

/*
 * Every second line only: what goes on over a boundary is a question of its own. Whole lines, halves of which others
 * come between, and single stores, with a fence now and then.
 */
static void any_stream(struct tried *t)
{
	unsigned int lines = 1 + rnd(LINES / 2), fences = rnd(12);
	uint64_t written[LINES] = { 0 };

	t->n = 0;
	for (unsigned int i = 1 + rnd(50); i > 0; i--) {
		unsigned int line = 2 * rnd(lines), size = 1U << rnd(7), off = rnd(64) & ~(size - 1);

		if (rnd(3)) {
			store(t, written, line, off, size);
		} else {
			size = size < 4 ? 8 : size;
			for (off = 0; off < 64; off += size)
				store(t, written, line, off, size);
		}
		if (fences > rnd(24) && t->n < EVENTS)
			t->ev[t->n++] = (struct model_event){ .kind = ME_SFENCE };
	}
}

static void heard(const struct model_tlp *tlp, void *ctx)
{
	struct tried *t = ctx;

	if (!tlp->piece) {
		assert_true(t->nleft < LEFT);
		t->left[t->nleft++] = (struct left){
			.line = tlp->line, .first = tlp->first, .tlps = tlp->pieces, .fenced = tlp->reason == MR_SFENCE
		};
	}
	t->left[t->nleft - 1].mask |= model_tlp_mask(tlp->addr, tlp->ndw, tlp->fbe, tlp->lbe);
}

/* Did a whole line leave between this part and the first store to the next one? Then they may be two messages. */
static bool parted_by_a_message(const struct tried *t, size_t from, size_t to)
{
	for (size_t i = from + 1; t->left[from].fenced && i < to; i++)
		if (t->left[i].mask == FULL_MASK && t->left[i].first < t->left[to].first)
			return true;
	return false;
}

/* Any line that left in more TLPs than it needs, counting as one what is surely one message: 1; maybe one message: 2. */
static void costs(const struct tried *t, bool *surely, bool *maybe)
{
	*surely = *maybe = false;
	for (size_t i = 0; i < t->nleft; i++) {
		uint64_t all = t->left[i].mask;
		unsigned int tlps = t->left[i].tlps;
		bool sure = true;

		*surely |= tlps > cut_fewest(all);
		for (size_t k = i + 1, last = i; k < t->nleft; k++) {
			if (t->left[k].line != t->left[i].line)
				continue;
			sure = sure && !parted_by_a_message(t, last, k);
			all |= t->left[k].mask;
			tlps += t->left[k].tlps;
			last = k;
			if (tlps > cut_fewest(all))
				*(sure ? surely : maybe) = true;
		}
	}
}

static const struct bar_judgement *judged(struct tried *t, const struct cpu_profile *cpu)
{
	const struct model_params p = { .cpu = cpu };
	struct experiment x = { .message = "the stream", .given = true };
	const struct bar_judgement *b;
	struct stream *s;

	t->nleft = 0;
	assert_int_equal(stream_new(&p, heard, t, &s), 0);
	for (unsigned int i = 0; i < t->n; i++)
		assert_int_equal(stream_feed(s, &t->ev[i]), 0);
	x.story = stream_end(s);
	t->w->exp = &x;
	b = judge_world(t->w, LAYER_STORES);
	t->w->exp = NULL;
	stream_free(s);
	return b;
}

static void refuse(const struct tried *t, const struct cpu_profile *cpu, const char *why)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (t->ev[i].kind == ME_STORE)
			print_message("s 0x%llx %u\n", (unsigned long long)t->ev[i].addr, t->ev[i].size);
		else
			print_message("f sfence\n");
	fail_msg("%s: %s", cpu->name, why);
}

static void test_right_or_not_known(void **state)
{
	size_t fine = 0, broken = 0;
	struct tried t = { .w = *state };

	for (int i = 0; i < STREAMS; i++) {
		any_stream(&t);
		for (size_t c = 0; cpu_profile_at(c); c++) {
			const struct cpu_profile *cpu = cpu_profile_at(c);
			enum layer_state st;
			bool surely, maybe;

			if (cpu->partial != PARTIAL_CHUNK8)
				continue;
			st = judged(&t, cpu)->state[LAYER_STORES];
			costs(&t, &surely, &maybe);
			if (surely && (st == STATE_OK || st == STATE_SUSPECT))
				refuse(&t, cpu, "a line leaves in more TLPs than it needs, and the layer is fine");
			if (!surely && !maybe && st == STATE_BROKEN)
				refuse(&t, cpu, "no line leaves in more TLPs than it needs, and the layer is broken");
			fine += !surely && st == STATE_OK;
			broken += st == STATE_BROKEN;
		}
	}
	/* Both happen, often. */
	assert_true(fine > STREAMS / 2);
	assert_true(broken > STREAMS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_right_or_not_known, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
