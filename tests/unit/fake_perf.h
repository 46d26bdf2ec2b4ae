/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_perf.h - a stand-in for perf, for tests of counters: it opens what it is told to, counts what a test lets
 * happen, lets time pass only when told, and refuses on demand. Included by one test program each, after cmocka.h.
 */
#ifndef WCDIAG_FAKE_PERF_H
#define WCDIAG_FAKE_PERF_H

#include "probe/cpu.h"
#include "probe/pmu.h"
#include "probe/pmu_int.h"
#include "probe/src.h"

enum { FDS = 64, US = 1000, MS = 1000 * 1000 };

static struct {
	struct fd {
		bool open, on;
		struct perf_event_attr attr;
		pid_t tid;
		int cpu;
		struct pmu_reading r;
		double share; /* of the time on the hardware */
	} fd[FDS];
	int nfd, nopen;
	int refuse;		 /* a negative errno for opens ... */
	uint64_t refuse_config1; /* ... with one of these bits in config1, when it is not 0 */
	int refuse_at;		 /* ... of this descriptor, when it is not -1 */
	int read_err;
} fake;

static inline int fake_open(struct perf_event_attr *attr, pid_t tid, int cpu)
{
	if (fake.refuse && (!fake.refuse_config1 || (fake.refuse_config1 & attr->config1)) &&
	    (fake.refuse_at < 0 || fake.refuse_at == fake.nfd))
		return fake.refuse;
	assert_true(fake.nfd < FDS);
	assert_int_equal(attr->size, sizeof(*attr));
	assert_int_equal(attr->disabled, 1);
	assert_int_equal(attr->sample_period, 0);
	assert_int_equal(attr->read_format, PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
	fake.fd[fake.nfd] = (struct fd){ .open = true, .attr = *attr, .tid = tid, .cpu = cpu, .share = 1 };
	fake.nopen++;
	return fake.nfd++;
}

static inline int fake_run(int fd, bool on)
{
	assert_true(fake.fd[fd].open);
	fake.fd[fd].on = on;
	return 0;
}

static inline int fake_read(int fd, struct pmu_reading *r)
{
	assert_true(fake.fd[fd].open);
	*r = fake.fd[fd].r;
	return fake.read_err;
}

static inline void fake_close(int fd)
{
	assert_true(fake.fd[fd].open);
	fake.fd[fd].open = false;
	fake.nopen--;
}

/* What counts per ns all the time, by event and filter. */
static double (*background)(const struct perf_event_attr *attr);

static inline void pass(uint64_t ns)
{
	for (int i = 0; i < fake.nfd; i++) {
		struct fd *f = &fake.fd[i];
		double run = (double)ns * f->share;

		if (!f->on)
			continue;
		f->r.enabled += ns;
		f->r.running += (uint64_t)run;
		if (background)
			f->r.value += (uint64_t)(background(&f->attr) * run);
	}
}

static inline void fake_wait(unsigned int ms)
{
	pass((uint64_t)ms * MS);
}

static const struct pmu_ops stand_in = { false, fake_open, fake_run, fake_read, fake_close, fake_wait };

/* n of what config and config1 count happen, at the first box that counts it now. */
static inline void happen(uint64_t config, uint64_t config1, uint64_t n)
{
	for (int i = 0; i < fake.nfd; i++) {
		struct fd *f = &fake.fd[i];

		if (f->on && f->attr.config == config && f->attr.config1 == config1) {
			f->r.value += (uint64_t)((double)n * f->share);
			return;
		}
	}
}

#define CHA	    0x2135, 0x0004183300000000
#define CHA_PARTIAL 0x2135, 0x00041a3300000000
#define IIO_BYTES   0x000070f0000001c0, 0
#define IIO_TXNS    0x000070f0000001c1, 0

static const struct cpu skx = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x55, .stepping = 4, .name = "Xeon" };
static const struct pmu_where here = { .tid = 0, .cpu = 3 };

static struct pmu *p;
static struct fact f, partly;

/* 3 lines a microsecond and box, whatever we do */
static inline double busy(const struct perf_event_attr *attr)
{
	return attr->config == 0x2135 ? 0.003 : 0;
}

static inline int start(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.refuse_at = -1;
	background = NULL;
	pmu_ops = &stand_in;
	return 0;
}

static inline struct src *tree(const char *name)
{
	char path[100], why[200];
	struct src *out;

	snprintf(path, sizeof(path), "tests/pmu/%s", name);
	if (src_open_root(&out, path, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
	return out;
}

static inline int open_on(const char *name, const struct cpu *cpu, const struct pmu_where *w)
{
	struct src *s = tree(name);
	int err = pmu_open(s, cpu, w, &p, &f, &partly);

	src_close(s);
	return err;
}

static inline void finish(void)
{
	pmu_close(p);
	p = NULL;
	assert_int_equal(fake.nopen, 0);
}

#endif
