/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msr_read.c - registers of every online CPU, from /dev/cpu/N/msr, else from the helper module, or from a snapshot.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "km.h"
#include "msr.h"
#include "msr_int.h"
#include "mtrr.h"
#include "src.h"

#define ONLINE	"/sys/devices/system/cpu/online"
#define RECORD	"/wcdiag/msr.txt"

/* What the user can do about it. Linux arch/x86/kernel/msr.c: msr_open() */
static const char *remedy_of(int err)
{
	switch (err) {
	case ENOENT:
		return "load the msr module: modprobe msr (as root); the helper module wcdiag_km serves as well";
	case EACCES:
	case EPERM:
		return "run as root (CAP_SYS_RAWIO)";
	default:
		return NULL;
	}
}

static bool cpu_gone(int err)
{
	return err == ENOENT || err == ENXIO || err == ENODEV;
}

/* 1 when read, 0 when this CPU refuses this register, else negative errno. */
typedef int reader(const void *from, unsigned int cpu, uint32_t msr, uint64_t *value);

static int by_device(const void *from, unsigned int cpu, uint32_t msr, uint64_t *value)
{
	const int *fd = from;
	ssize_t n;

	(void)cpu;
	do {
		n = pread(*fd, value, sizeof(*value), msr);
	} while (n < 0 && errno == EINTR);
	if (n == sizeof(*value))
		return 1;
	/* A #GP of the instruction comes back as EIO (Linux arch/x86/lib/msr-smp.c, rdmsr_safe_on_cpu). */
	return n >= 0 || errno == EIO ? 0 : -errno;
}

static int by_module(const void *from, unsigned int cpu, uint32_t msr, uint64_t *value)
{
	int err = km_msr(from, cpu, msr, value);

	if (!err)
		return 1;
	/* EACCES: a register that this module does not give out. */
	return err == -EIO || err == -EACCES ? 0 : err;
}

static int read_cpu(reader *rd, const void *from, unsigned int cpu, bool amd, struct msrs *out)
{
	size_t room = out->n;
	uint64_t cap = 0;

	for (const struct msr_want *w = msr_wants; w->name; w++) {
		uint32_t count = 1;

		if ((w->vendor == 'A' && !amd) || (w->fixed && !(cap & MTRRCAP_FIX)))
			continue;
		if (w->per_range)
			count = mtrr_var_count(cap);
		for (uint32_t i = 0; i < count; i++) {
			uint32_t msr = w->msr + 2 * i;
			uint64_t value = 0;
			int err = rd(from, cpu, msr, &value);

			if (err > 0 && msr == MSR_MTRRCAP)
				cap = value;
			if (err > 0)
				err = msrs_add(out, &room, cpu, msr, value);
			if (err < 0)
				return err;
		}
	}
	return 0;
}

int msrs_read_cpu(int fd, unsigned int cpu, bool amd, struct msrs *out)
{
	return read_cpu(by_device, &fd, cpu, amd, out);
}

static int read_online(const struct src *s, struct msrs *out)
{
	struct blob b;
	int err = src_read(s, ONLINE, &b);

	if (err) {
		fact_missing(&out->fact, s, ONLINE, -err, NULL);
		return err;
	}
	err = cpulist_parse(b.data, b.len, &out->cpu, &out->ncpu);
	blob_free(&b);
	if (!err && !out->ncpu)
		err = -EBADMSG;
	if (err == -EBADMSG)
		fact_garbled(&out->fact, ONLINE, "no list of CPUs");
	else if (err)
		fact_missing(&out->fact, s, ONLINE, -err, NULL);
	return err;
}

static bool still_online(const struct src *s, unsigned int cpu)
{
	struct msrs now = { 0 };
	bool found = false;

	/* Cannot tell: then it counts as online, and its registers as missing. */
	if (read_online(s, &now))
		return true;
	for (size_t i = 0; i < now.ncpu; i++)
		found |= now.cpu[i] == cpu;
	msrs_free(&now);
	return found;
}

/* Whom to ask where there is no msr device; opened when it is first needed. */
struct fallback {
	struct km km;
	bool tried, open, served;
};

/* A CPU whose device is not there or refused; err is what the device answered, and stays so when the module has none. */
static int read_by_module(struct fallback *fb, unsigned int cpu, bool amd, struct msrs *out, int err)
{
	size_t before = out->n;
	struct fact f;

	if (!fb->tried)
		fb->open = !km_open(&fb->km, &f);
	fb->tried = true;
	if (!fb->open || read_cpu(by_module, &fb->km, cpu, amd, out)) {
		out->n = before;
		return err;
	}
	fb->served = true;
	return 0;
}

static int read_all(const struct src *s, bool amd, struct msrs *out, struct fallback *fb)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < out->ncpu; i++) {
		unsigned int cpu = out->cpu[i];
		size_t before = out->n;
		char path[40];
		int fd;

		snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
		fd = src_open(s, path);
		err = fd < 0 ? fd : msrs_read_cpu(fd, cpu, amd, out);
		if (fd >= 0)
			close(fd);
		if (err && err != -ENOMEM) {
			out->n = before;
			err = read_by_module(fb, cpu, amd, out, err);
		}
		/* One that was taken offline since the list was read is no gap. */
		if (err && cpu_gone(-err) && !still_online(s, cpu)) {
			out->n = before;
			err = 0;
			continue;
		}
		out->cpu[kept++] = cpu;
		if (err) {
			fact_missing(&out->fact, s, path, -err, remedy_of(-err));
			/* The rest should have been read too, and was not. */
			memmove(&out->cpu[kept], &out->cpu[i + 1], (out->ncpu - i - 1) * sizeof(*out->cpu));
			kept += out->ncpu - i - 1;
			break;
		}
	}
	out->ncpu = kept;
	return err;
}

/* *where: who gave the registers. */
static int read_live(const struct src *s, bool amd, struct msrs *out, const char **where)
{
	struct fallback fb = { .km = { .fd = -1 } };
	int err = read_all(s, amd, out, &fb);

	*where = fb.served ? KM_PATH : "/dev/cpu/*/msr";
	if (fb.open)
		km_close(&fb.km);
	return err;
}

static int read_record(const struct src *s, struct msrs *out)
{
	struct msrs m;
	struct blob b;
	const char *what;
	unsigned int line;
	int err = src_read(s, RECORD, &b);

	if (err) {
		/* A recorded refusal was met at the device: that is the name the user knows. */
		fact_missing(&out->fact, s, RECORD, -err, NULL);
		if (err != -ENODATA)
			snprintf(out->fact.where, sizeof(out->fact.where), "/dev/cpu/N/msr");
		return err;
	}
	err = msrs_parse(b.data, b.len, &m, &line, &what);
	blob_free(&b);
	if (err == -EBADMSG)
		fact_garbled(&out->fact, RECORD, "line %u: %s", line, what);
	else if (err)
		fact_missing(&out->fact, s, RECORD, -err, NULL);
	if (err)
		return err;
	out->row = m.row;
	out->n = m.n;
	if (out->ncpu) {
		free(m.cpu);
	} else {
		out->cpu = m.cpu;
		out->ncpu = m.ncpu;
	}
	return 0;
}

/* Every needed register of every online CPU is there, or the fact says which is not. */
static int check_needed(const struct src *s, struct msrs *m)
{
	bool live = src_is_live(s);
	int err = live ? EIO : ENODATA;

	for (const struct msr_want *w = msr_wants; w->name; w++)
		for (size_t i = 0; w->needed && i < m->ncpu; i++) {
			char where[40];
			uint64_t value;

			if (msrs_get(m, m->cpu[i], w->msr, &value))
				continue;
			snprintf(where, sizeof(where), "/dev/cpu/%u/msr", m->cpu[i]);
			fact_missing(&m->fact, s, live ? where : RECORD, err, NULL);
			snprintf(m->fact.why, sizeof(m->fact.why), "%s of CPU %u %s", w->name, m->cpu[i],
				 live ? "cannot be read" : "is not in the snapshot");
			return -err;
		}
	return 0;
}

int msrs_read(const struct src *s, bool amd, struct msrs *out)
{
	bool live = src_is_live(s);
	const char *where = RECORD;
	int err, sorted;

	*out = (struct msrs){ 0 };
	err = read_online(s, out);
	if (err && live)
		return err;
	if (live) {
		err = read_live(s, amd, out, &where);
		sorted = msrs_finish(out);
		if (sorted)
			fact_missing(&out->fact, s, "/dev/cpu", -sorted, NULL);
	} else {
		/* Without the list nobody knows whether the record is complete; what it holds can still be shown. */
		struct fact online = out->fact;

		sorted = read_record(s, out);
		if (!sorted && err)
			out->fact = online;
	}
	if (err || sorted)
		return sorted ? sorted : err;
	if (!out->ncpu) {
		fact_missing(&out->fact, s, ONLINE, ENODEV, NULL);
		return -ENODEV;
	}
	err = check_needed(s, out);
	if (!err)
		fact_known(&out->fact, where);
	return err;
}
