/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_km.c - the module's client, against a module that answers as rows say: in pieces, short, impossible. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "km/wcdiag_km.h"
#include "probe/km.h"
#include "probe/km_int.h"

#define P(n) ((uint64_t)(n) * 4096)

/* What the stand-in answers: to INFO, and to each WALK in turn. */
struct reply {
	int rc;
	uint64_t next;
	uint32_t nruns;
	struct wcdiag_km_run run[4];
};

static struct {
	int open_err, info_err, msr_err;
	struct wcdiag_km_info info;
	const struct reply *reply;
	size_t replies, calls;
	struct wcdiag_km_walk last;
} fake;

static int fake_open(const char *path)
{
	assert_string_equal(path, "/dev/wcdiag");
	return fake.open_err ? fake.open_err : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int answer_walk(struct wcdiag_km_walk *w)
{
	const struct reply *r;

	assert_true(fake.calls < fake.replies);
	assert_true(w->max_runs >= 1 && w->max_runs <= fake.info.max_runs && !w->zero);
	fake.last = *w;
	r = &fake.reply[fake.calls++];
	if (r->rc)
		return r->rc;
	w->next = r->next;
	w->nruns = r->nruns;
	memcpy((void *)(uintptr_t)w->runs, r->run, (r->nruns < 4 ? r->nruns : 4) * sizeof(r->run[0]));
	if (w->upper)
		for (uint32_t i = 0; i < r->nruns && i < 4; i++)
			((struct wcdiag_km_upper *)(uintptr_t)w->upper)[i].entry[3] = 0x1000 + i;
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	assert_true(fd >= 0);
	switch (request) {
	case WCDIAG_KM_INFO:
		if (!fake.info_err)
			memcpy(arg, &fake.info, sizeof(fake.info));
		return fake.info_err;
	case WCDIAG_KM_WALK:
		return answer_walk(arg);
	case WCDIAG_KM_MSR:
		((struct wcdiag_km_msr *)arg)->value = 0x0407050600070106ULL;
		return fake.msr_err;
	default:
		fail();
		return -ENOTTY;
	}
}

static const struct km_ops fake_ops = { fake_open, fake_ioctl };

static int start(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.info = (struct wcdiag_km_info){ .abi = WCDIAG_KM_ABI,
					     .caps = WCDIAG_KM_CAP_WALK | WCDIAG_KM_CAP_MSR,
					     .levels = 5,
					     .user_end = 0x00fffffffffff000ULL,
					     .kernel_start = 0xff00000000000000ULL,
					     .vmalloc_start = 0xffa0000000000000ULL,
					     .vmalloc_end = 0xffd2000000000000ULL,
					     .max_runs = 4,
					     .version = "0.1.0" };
	km_ops = &fake_ops;
	return 0;
}

static struct km opened(void)
{
	struct fact f;
	struct km k;

	assert_int_equal(km_open(&k, &f), 0);
	assert_int_equal(f.state, FACT_KNOWN);
	return k;
}

static void opening_asks_what_it_can_do(void **state)
{
	struct km k = opened();

	(void)state;
	assert_true(k.fd >= 0 && k.levels == 5 && k.max_runs == 4 && k.caps == fake.info.caps);
	assert_string_equal(k.version, "0.1.0");
	km_close(&k);
	assert_int_equal(k.fd, -1);
	km_close(&k);	/* twice is harmless */
	fake.info.max_runs = UINT32_MAX;	/* nobody asks for 200 GiB of answers */
	k = opened();
	assert_true(k.max_runs >= 1024 && k.max_runs <= 65536);
	km_close(&k);
}

static void not_opened(int want, const char *why, const char *remedy)
{
	struct fact f;
	struct km k;

	assert_int_equal(km_open(&k, &f), want);
	assert_int_equal(k.fd, -1);
	assert_int_equal(f.state, FACT_MISSING);
	assert_string_equal(f.where, "/dev/wcdiag");
	if (!strstr(f.why, why) || (remedy && !strstr(f.remedy, remedy)))
		fail_msg("'%s' (%s)", f.why, f.remedy);
}

static void each_refusal_has_its_reason_and_remedy(void **state)
{
	(void)state;
	fake.open_err = -ENOENT;
	not_opened(-ENOENT, "not loaded", "modprobe wcdiag_km");
	fake.open_err = -EACCES;
	not_opened(-EACCES, "Permission denied", "root");
	fake.open_err = -EMFILE;
	not_opened(-EMFILE, "Too many open files", NULL);
	fake.open_err = 0;
	fake.info_err = -EPERM;
	not_opened(-EPERM, "Operation not permitted", "CAP_SYS_RAWIO");
	fake.info_err = -ENOTTY;	/* a structure of another size has another number */
	not_opened(-EPROTO, "no helper module of this version", "make install-km");
	fake.info_err = 0;
	fake.info.abi = 2;
	not_opened(-EPROTO, "another version of wcdiag (ABI 2, wanted 1)", "make install-km");
}

static void a_module_that_says_impossible_things_is_not_used(void **state)
{
	struct wcdiag_km_info good = fake.info;

	(void)state;
#define SPOILT(change) (fake.info = good, change, not_opened(-EPROTO, "impossible", "report"))
	SPOILT(fake.info.max_runs = 0);
	SPOILT(fake.info.levels = 3);
	SPOILT(fake.info.user_end = 0);
	SPOILT(fake.info.user_end = 0x1001);
	SPOILT(fake.info.kernel_start = 0);
	SPOILT(fake.info.vmalloc_end = fake.info.vmalloc_start);
	SPOILT(fake.info.vmalloc_start = 0x1000);
	SPOILT(memset(fake.info.version, 'x', sizeof(fake.info.version)));
}

static struct wcdiag_km_run present(uint64_t from, uint64_t pages, uint64_t phys)
{
	return (struct wcdiag_km_run){ .start = P(from), .end = P(from + pages), .entry = 0x8000000000000027ULL | phys,
				       .phys = phys, .level = 1, .kind = WCDIAG_KM_PRESENT,
				       .rights = WCDIAG_KM_WRITE | WCDIAG_KM_USER | WCDIAG_KM_NX, .vma = WCDIAG_KM_VMA };
}

static int walk(const struct reply *r, size_t n, unsigned int flags, uint64_t from, uint64_t to, struct runs *out)
{
	struct km k = opened();
	int rc;

	*out = (struct runs){ 0 };
	fake.reply = r;
	fake.replies = n;
	fake.calls = 0;
	rc = km_walk(&k, 7, P(from), P(to), flags, out);
	km_close(&k);
	return rc;
}

static void a_walk_goes_on_where_the_answer_ended(void **state)
{
	const struct reply r[] = {
		{ .next = P(4), .nruns = 2, .run = { present(0, 2, 0x10000), present(3, 1, 0x90000) } },
		{ .next = P(6), .nruns = 1, .run = { present(4, 2, 0x91000) } },	/* what was cut */
		{ .next = P(7) },	/* nothing there, and yet it goes on */
		{ .next = P(9), .nruns = 2, .run = { present(7, 1, 0x95000), present(8, 1, 0x96000) } },
	};
	struct runs l;

	(void)state;
	assert_int_equal(walk(r, 4, 0, 0, 9, &l), 0);
	assert_int_equal(fake.calls, 4);
	assert_true(fake.last.start == P(7) && fake.last.end == P(9) && fake.last.pid == 7 &&
		    fake.last.target == WCDIAG_KM_PROCESS && !fake.last.flags && !fake.last.upper &&
		    fake.last.ignore == WCDIAG_KM_MAY_IGNORE);
	assert_int_equal(l.n, 4);
	assert_true(l.r[0].start == P(0) && l.r[0].end == P(2) && l.r[0].pid == 7);
	/* the cut run is one again; inside an answer neighbours stay two: they are of two VMAs */
	assert_true(l.r[1].start == P(3) && l.r[1].end == P(6) && l.r[1].phys == 0x90000);
	assert_true(l.r[2].end == P(8) && l.r[3].start == P(8));
	assert_true(l.r[1].rights == (PTE_CAN_WRITE | PTE_CAN_USER | PTE_CANNOT_EXEC) && l.r[1].vma == PTE_VMA);
	runs_free(&l);
}

static void a_cut_run_may_differ_in_ignored_bits(void **state)
{
	struct reply r[] = {
		{ .next = P(1), .nruns = 1, .run = { present(0, 1, 0x10000) } },
		{ .next = P(2), .nruns = 1, .run = { present(1, 1, 0x11000) } },
	};
	struct runs l;

	(void)state;
	r[1].run[0].entry |= PTE_D;
	assert_int_equal(walk(r, 2, 0, 0, 2, &l), 0);
	assert_true(l.n == 1 && l.r[0].differ == PTE_D);
	runs_free(&l);
	assert_int_equal(walk(r, 2, KM_EVERY, 0, 2, &l), 0);
	assert_true(l.n == 2 && !l.r[0].differ && !fake.last.ignore);
	runs_free(&l);
}

static void flags_reach_the_module(void **state)
{
	const struct reply r = { .next = P(1), .nruns = 1, .run = { present(0, 1, 0x10000) } };
	struct runs l;

	(void)state;
	assert_int_equal(walk(&r, 1, KM_DEVICE | KM_SKIP_NONE | KM_UPPER, 0, 1, &l), 0);
	assert_int_equal(fake.last.flags, WCDIAG_KM_DEVICE | WCDIAG_KM_SKIP_NONE);
	assert_true(fake.last.upper && l.r[0].upper[3] == 0x1000);
	runs_free(&l);
}

static void the_kernel_has_no_process(void **state)
{
	const struct reply r = { .next = 0xffa0000000001000ULL };
	struct km k = opened();
	struct runs l = { 0 };

	(void)state;
	fake.reply = &r;
	fake.replies = 1;
	assert_int_equal(km_walk(&k, 0, 0xffa0000000000000ULL, 0xffa0000000001000ULL, 0, &l), 0);
	assert_true(fake.last.target == WCDIAG_KM_KERNEL && !fake.last.pid);
	km_close(&k);
}

static void impossible_answers_end_the_walk(void **state)
{
	const struct reply good = { .next = P(4), .nruns = 2, .run = { present(0, 2, 0x10000), present(2, 2, 0x90000) } };
	struct reply r;
	struct runs l;

	(void)state;
	assert_int_equal(walk(&good, 1, 0, 0, 4, &l), 0);
	runs_free(&l);
#define BAD(change) (r = good, change, assert_int_equal(walk(&r, 1, 0, 0, 4, &l), -EPROTO), runs_free(&l))
	BAD(r.nruns = 5);			/* more than there is room for */
	BAD(r.nruns = UINT32_MAX);
	BAD(r.next = P(5));			/* beyond the end */
	BAD(r.next = P(4) - 1);
	BAD(r.next = P(3));			/* a run behind where it goes on */
	BAD(r.run[1].start = P(1));		/* overlaps the run before */
	BAD(r.run[1].end = r.run[1].start);
	BAD(r.run[1].end = P(5));
	BAD(r.run[0].start = 1);
	BAD(r.run[0].kind = 4);
	BAD(r.run[0].level = 0);
	BAD(r.run[0].level = 4);
	BAD(r.run[0].phys = WCDIAG_KM_NO_PHYS);
	BAD(r.run[0].phys = 0x10001);
	BAD(r.run[0].phys = UINT64_MAX - 4095);
	BAD(r.run[0].kind = WCDIAG_KM_NONE);	/* and yet a physical address */
	BAD(r.rc = 1);				/* what no answer is */
}

static void a_walk_that_turns_back_ends(void **state)
{
	const struct reply r[] = { { .next = P(3) }, { .next = P(2) } };
	struct runs l;

	(void)state;
	assert_int_equal(walk(r, 2, 0, 0, 9, &l), -EPROTO);
	assert_int_equal(fake.calls, 2);
	runs_free(&l);
}

static void a_walk_that_stands_still_is_given_up(void **state)
{
	static struct reply r[64];
	struct runs l;

	(void)state;
	for (size_t i = 0; i < 64; i++)
		r[i].next = P(3);
	assert_int_equal(walk(r, 64, 0, 0, 9, &l), -EAGAIN);
	assert_true(fake.calls < 20);
	runs_free(&l);
}

static void a_process_that_ends_leaves_what_was_read(void **state)
{
	const struct reply r[] = { { .next = P(2), .nruns = 1, .run = { present(0, 2, 0x10000) } }, { .rc = -ESRCH } };
	struct runs l;

	(void)state;
	assert_int_equal(walk(r, 2, 0, 0, 9, &l), -ESRCH);
	assert_int_equal(l.n, 1);
	runs_free(&l);
}

static void what_cannot_be_asked_is_not_asked(void **state)
{
	struct km k = opened();
	struct runs l = { 0 };
	uint64_t v;

	(void)state;
	assert_int_equal(km_walk(&k, 7, P(2), P(2), 0, &l), -EINVAL);
	assert_int_equal(km_walk(&k, 7, P(2), P(1), 0, &l), -EINVAL);
	assert_int_equal(km_walk(&k, 7, 1, P(1), 0, &l), -EINVAL);
	assert_int_equal(km_walk(&k, -1, 0, P(1), 0, &l), -EINVAL);
	k.caps = 0;
	assert_int_equal(km_walk(&k, 7, 0, P(1), 0, &l), -EOPNOTSUPP);
	assert_int_equal(km_msr(&k, 0, 0x277, &v), -EOPNOTSUPP);
	km_close(&k);
}

static void registers_are_read(void **state)
{
	struct km k = opened();
	uint64_t v = 0;

	(void)state;
	assert_int_equal(km_msr(&k, 3, 0x277, &v), 0);
	assert_true(v == 0x0407050600070106ULL);
	fake.msr_err = -EACCES;
	v = 5;
	assert_int_equal(km_msr(&k, 3, 0x10, &v), -EACCES);
	assert_int_equal(v, 5);
	km_close(&k);
}

static void a_failed_walk_has_its_sentence(void **state)
{
	struct km k = opened();
	const char *remedy;

	(void)state;
	assert_non_null(strstr(km_walk_why(&k, EPERM, &remedy), "not permitted"));
	assert_non_null(strstr(remedy, "root"));
	fake.info.locked = WCDIAG_KM_LOCKED_WALK;	/* raised after it was opened */
	assert_non_null(strstr(km_walk_why(&k, EPERM, &remedy), "lockdown"));
	assert_non_null(strstr(remedy, "confidentiality"));
	assert_non_null(strstr(km_walk_why(&k, ESRCH, &remedy), "ended"));
	assert_null(remedy);
	assert_non_null(strstr(km_walk_why(&k, EPROTO, &remedy), "impossible"));
	assert_string_equal(km_walk_why(&k, EFAULT, &remedy), "Bad address");
	assert_non_null(km_walk_why(&k, 99999, &remedy));
	km_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(opening_asks_what_it_can_do, start),
		cmocka_unit_test_setup(each_refusal_has_its_reason_and_remedy, start),
		cmocka_unit_test_setup(a_module_that_says_impossible_things_is_not_used, start),
		cmocka_unit_test_setup(a_walk_goes_on_where_the_answer_ended, start),
		cmocka_unit_test_setup(a_cut_run_may_differ_in_ignored_bits, start),
		cmocka_unit_test_setup(flags_reach_the_module, start),
		cmocka_unit_test_setup(the_kernel_has_no_process, start),
		cmocka_unit_test_setup(impossible_answers_end_the_walk, start),
		cmocka_unit_test_setup(a_walk_that_turns_back_ends, start),
		cmocka_unit_test_setup(a_walk_that_stands_still_is_given_up, start),
		cmocka_unit_test_setup(a_process_that_ends_leaves_what_was_read, start),
		cmocka_unit_test_setup(what_cannot_be_asked_is_not_asked, start),
		cmocka_unit_test_setup(registers_are_read, start),
		cmocka_unit_test_setup(a_failed_walk_has_its_sentence, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
