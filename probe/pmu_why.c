/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_why.c - why a counter could not be had, in words, and what would make it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "pmu_int.h"
#include "scan.h"
#include "src.h"

#define PARANOID "/proc/sys/kernel/perf_event_paranoid"
#define LOCKDOWN "/sys/kernel/security/lockdown"

static const char other_witness[] = "use a counter in the device (--witness reg:BAR+OFFSET:WIDTH), or cmd: or timing";

void pmu_limits_read(const struct src *s, const struct cpu *cpu, struct pmu_limits *out)
{
	struct blob text;
	struct scan in;
	uint64_t n;
	bool minus;

	*out = (struct pmu_limits){ .paranoid = -2, .lockdown = LOCKDOWN_UNKNOWN, .guest = cpu->hypervisor_bit };
	if (!src_read(s, PARANOID, &text)) {
		in = scan_of(text.data, text.len);
		minus = scan_char(&in, '-');
		if (scan_dec(&in, 100, &n))
			out->paranoid = minus ? -(int)n : (int)n;
		blob_free(&text);
	}
	if (!src_read(s, LOCKDOWN, &text)) {
		out->lockdown = host_parse_lockdown(text.data, text.len);
		blob_free(&text);
	}
}

static void missing(struct fact *f, const char *where, int err, const char *why, const char *remedy)
{
	fact_missing(f, NULL, where, err, remedy);
	if (why)
		snprintf(f->why, sizeof(f->why), "%s", why);
}

static void not_permitted(struct fact *f, const char *where, int err, const struct pmu_limits *l)
{
	char why[sizeof(f->why)];

	if (l->lockdown == LOCKDOWN_CONFIDENTIALITY) {
		missing(f, where, err, "the kernel's lockdown (confidentiality) forbids perf events",
			"boot without lockdown=confidentiality; until the next boot nothing lifts it");
		return;
	}
	if (l->paranoid == -2)
		snprintf(why, sizeof(why), "perf events are not permitted here");
	else
		snprintf(why, sizeof(why), "not permitted, kernel.perf_event_paranoid is %d", l->paranoid);
	/* Above 2 is a patch of Debian and Android: there CAP_PERFMON is not enough for some of their kernels. */
	missing(f, where, err, why,
		l->paranoid > 2
			? "run as root, outside of containers (CAP_SYS_ADMIN: this kernel is patched to ask for it)"
			: "run as root, outside of containers (CAP_PERFMON), or lower kernel.perf_event_paranoid");
}

static bool has_offcore(const struct pmu_event *e)
{
	for (unsigned int i = 0; i < PMU_TERMS && e->term[i].name; i++)
		if (!strcmp(e->term[i].name, "offcore_rsp"))
			return true;
	return false;
}

void pmu_open_why(struct fact *f, const struct pmu_event *e, const char *pmu, int err, const struct pmu_limits *l)
{
	char where[sizeof(f->where)];

	snprintf(where, sizeof(where), "perf event %s (%s)", e->name, pmu);
	switch (err) {
	case EACCES:
	case EPERM:
		not_permitted(f, where, err, l);
		return;
	case EINVAL:
		/*
		 * The kernel knows which bits of the off-core registers are valid: of Gracemont (Alder Lake's small
		 * cores) only the lowest 38 (intel_grt_extra_regs), so the split of full and partial is refused.
		 */
		missing(f, where, err,
			has_offcore(e) ? "this kernel refuses that request of the off-core register on this CPU"
				       : "this kernel refuses the event",
			other_witness);
		return;
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		missing(f, where, err,
			l->guest ? "this virtual machine was given no such counter"
				 : "the kernel has no such counter here",
			other_witness);
		return;
	case EBUSY:
		missing(f, where, err, "another user holds the counters (the NMI watchdog, or an exclusive event)",
			"stop it, for example sysctl kernel.nmi_watchdog=0");
		return;
	case EMFILE:
		missing(f, where, err, "more counters than this process may have open files", "raise ulimit -n");
		return;
	case ENOSYS:
		missing(f, where, err, "this kernel is built without perf events", other_witness);
		return;
	default:
		missing(f, where, err, NULL, NULL);
	}
}

void pmu_encode_why(struct fact *f, const struct pmu_event *e, const char *pmu, int err, const char *at)
{
	char where[sizeof(f->where)], why[sizeof(f->why)];

	snprintf(where, sizeof(where), PMU_DEVICES "/%s/format/%s", pmu, at);
	snprintf(why, sizeof(why), "%s for %s",
		 err == ENOENT	 ? "there is no such field"
		 : err == ERANGE ? "the field is too narrow"
				 : "the field overlaps another one",
		 e->name);
	missing(f, where, err, why, "a kernel whose perf knows this CPU");
}

void pmu_absent_why(struct fact *f, const struct pmu_event *e, const struct pmu_limits *l)
{
	char where[sizeof(f->where)];

	snprintf(where, sizeof(where), PMU_DEVICES "/%s", e->pmu);
	if (l->guest)
		missing(f, where, ENOENT, "this virtual machine was given no such counters",
			"count on the host, or in the device (--witness reg:BAR+OFFSET:WIDTH)");
	else
		missing(f, where, ENOENT, "the kernel offers no such counters",
			"modprobe intel_uncore (or amd_uncore), or a kernel whose perf knows this CPU");
}
