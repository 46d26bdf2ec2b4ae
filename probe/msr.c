/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msr.c - which registers matter, and their recorded form. Pure; msr_read.c asks the machine.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "msr.h"
#include "msr_int.h"
#include "mtrr.h"
#include "scan.h"

#define CPU_MAX 65535
/* Linux runs 8192 CPUs at most on x86-64 (NR_CPUS), with about 50 of these registers each. */
#define ROWS_MAX ((size_t)1 << 20)

#define SDM_CAP	  "Intel SDM vol 3 section 11.11.1"
#define SDM_DEF	  "Intel SDM vol 3 section 11.11.2.1"
#define SDM_FIXED "Intel SDM vol 3 section 11.11.2.2, table 11-9"
#define SDM_VAR	  "Intel SDM vol 3 section 11.11.2.3"
#define LX_MSR	  "Linux arch/x86/include/asm/msr-index.h "

const struct msr_want msr_wants[] = {
	{ .msr = MSR_MTRRCAP, .name = "IA32_MTRRCAP", .source = SDM_CAP },
	{ .msr = MSR_PAT, .name = "IA32_PAT", .source = "Intel SDM vol 3 section 11.12.2", .needed = true },
	{ .msr = MSR_MTRR_DEF_TYPE, .name = "IA32_MTRR_DEF_TYPE", .source = SDM_DEF },
	{ .msr = MSR_MTRR_PHYSBASE0, .name = "IA32_MTRR_PHYSBASE", .source = SDM_VAR, .per_range = true },
	{ .msr = MSR_MTRR_PHYSBASE0 + 1, .name = "IA32_MTRR_PHYSMASK", .source = SDM_VAR, .per_range = true },
	{ .msr = MSR_MTRR_FIX64K_00000, .name = "IA32_MTRR_FIX64K_00000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX16K_80000, .name = "IA32_MTRR_FIX16K_80000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX16K_A0000, .name = "IA32_MTRR_FIX16K_A0000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000, .name = "IA32_MTRR_FIX4K_C0000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 1, .name = "IA32_MTRR_FIX4K_C8000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 2, .name = "IA32_MTRR_FIX4K_D0000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 3, .name = "IA32_MTRR_FIX4K_D8000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 4, .name = "IA32_MTRR_FIX4K_E0000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 5, .name = "IA32_MTRR_FIX4K_E8000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 6, .name = "IA32_MTRR_FIX4K_F0000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_MTRR_FIX4K_C0000 + 7, .name = "IA32_MTRR_FIX4K_F8000", .source = SDM_FIXED, .fixed = true },
	{ .msr = MSR_AMD_SYSCFG, .name = "SYSCFG", .source = LX_MSR "MSR_AMD64_SYSCFG", .vendor = 'A' },
	{ .msr = MSR_AMD_TOP_MEM, .name = "TOP_MEM", .source = LX_MSR "MSR_K8_TOP_MEM1", .vendor = 'A' },
	{ .msr = MSR_AMD_TOP_MEM2, .name = "TOP_MEM2", .source = LX_MSR "MSR_K8_TOP_MEM2", .vendor = 'A' },
	{ .msr = MSR_AMD_SEV_STATUS, .name = "SEV_STATUS", .source = LX_MSR "MSR_AMD64_SEV", .vendor = 'A' },
	{ .name = NULL },
};

void msr_name(uint32_t msr, char *buf, size_t len)
{
	for (const struct msr_want *w = msr_wants; w->name; w++) {
		uint32_t n = msr - w->msr;

		if (w->per_range && msr >= w->msr && n % 2 == 0 && n / 2 < MTRR_MAX_VAR) {
			snprintf(buf, len, "%s%" PRIu32, w->name, n / 2);
			return;
		}
		if (!w->per_range && !n) {
			snprintf(buf, len, "%s", w->name);
			return;
		}
	}
	snprintf(buf, len, "MSR 0x%" PRIx32, msr);
}

int msrs_add(struct msrs *m, size_t *room, unsigned int cpu, uint32_t msr, uint64_t value)
{
	if (m->n == *room) {
		size_t more = *room ? *room * 2 : 256;
		struct msr_row *row = realloc(m->row, more * sizeof(*row));

		if (!row)
			return -ENOMEM;
		m->row = row;
		*room = more;
	}
	m->row[m->n++] = (struct msr_row){ .cpu = cpu, .msr = msr, .value = value };
	return 0;
}

static uint64_t key(const struct msr_row *r)
{
	return (uint64_t)r->cpu << 32 | r->msr;
}

/* End of the ascending run that starts at from. */
static size_t run_end(const struct msr_row *r, size_t from, size_t n)
{
	size_t i = from + 1;

	while (i < n && key(&r[i - 1]) <= key(&r[i]))
		i++;
	return i < n ? i : n;
}

/*
 * Merge sort over the runs that are there: a file is in the order of CPUs, or in the order of registers with a few
 * dozen of them, so this takes no pass, or five or six over it. Stable, because the last row for a register counts.
 */
static int sort_rows(struct msrs *m)
{
	struct msr_row *tmp;

	if (m->n < 2 || run_end(m->row, 0, m->n) == m->n)
		return 0;
	tmp = malloc(m->n * sizeof(*tmp));
	if (!tmp)
		return -ENOMEM;
	do {
		struct msr_row *r = m->row;

		for (size_t at = 0; at < m->n;) {
			size_t mid = run_end(r, at, m->n);
			size_t end = mid < m->n ? run_end(r, mid, m->n) : mid;
			size_t a = at, b = mid, o = at;

			while (o < end)
				tmp[o++] = b == end || (a < mid && key(&r[a]) <= key(&r[b])) ? r[a++] : r[b++];
			at = end;
		}
		m->row = tmp;
		tmp = r;
	} while (run_end(m->row, 0, m->n) != m->n);
	free(tmp);
	return 0;
}

int msrs_finish(struct msrs *m)
{
	size_t n = 0;
	int err = sort_rows(m);

	if (err)
		return err;
	for (size_t i = 0; i < m->n; i++) {
		if (n && key(&m->row[n - 1]) == key(&m->row[i]))
			n--;
		m->row[n++] = m->row[i];
	}
	m->n = n;
	return 0;
}

/* The CPUs that occur in the table. */
static int list_cpus(struct msrs *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += !i || m->row[i].cpu != m->row[i - 1].cpu;
	if (!n)
		return 0;
	m->cpu = malloc(n * sizeof(*m->cpu));
	if (!m->cpu)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		if (!i || m->row[i].cpu != m->row[i - 1].cpu)
			m->cpu[m->ncpu++] = m->row[i].cpu;
	return 0;
}

/* Decimal or 0x. A leading 0 before other digits would be octal to some readers and decimal to others: refused. */
static bool number(struct scan *s, uint64_t max, uint64_t *v)
{
	struct scan t = *s;

	if (scan_lit(&t, "0x"))
		return scan_0x(s, v) && *v <= max;
	if (scan_char(&t, '0') && !scan_done(&t) && *t.p >= '0' && *t.p <= '9')
		return false;
	return scan_dec(s, max, v);
}

struct record {
	uint64_t from, to, msr, value;
};

/* One line without its comment: NULL, or what is wrong with it. */
static const char *parse_line(struct scan s, struct record *r)
{
	if (!number(&s, CPU_MAX, &r->from))
		return "no such CPU";
	r->to = r->from;
	if (scan_char(&s, '-') && (!number(&s, CPU_MAX, &r->to) || r->to < r->from))
		return "no such CPU range";
	if (!scan_blanks(&s) || !number(&s, UINT32_MAX, &r->msr))
		return "no register number";
	if (!scan_blanks(&s) || !number(&s, UINT64_MAX, &r->value))
		return "no value";
	return scan_rest_blank(&s) ? NULL : "more than CPUS MSR VALUE";
}

static int parse(struct scan s, struct msrs *out, unsigned int *line, const char **what)
{
	struct scan l;
	size_t room = 0;
	bool whole;

	while (scan_line(&s, &l, &whole)) {
		const char *comment = memchr(l.p, '#', scan_left(&l));
		struct record r;
		int err = 0;

		++*line;
		if (comment)
			l.end = comment;
		scan_blanks(&l);
		if (scan_rest_blank(&l))
			continue;
		*what = whole ? parse_line(l, &r) : "the last line has no end: it may be cut";
		if (!*what && r.to - r.from >= ROWS_MAX - out->n)
			*what = "more registers than any machine has";
		if (*what)
			return -EBADMSG;
		for (uint64_t cpu = r.from; cpu <= r.to && !err; cpu++)
			err = msrs_add(out, &room, (unsigned int)cpu, (uint32_t)r.msr, r.value);
		if (err)
			return err;
	}
	return 0;
}

int msrs_parse(const char *text, size_t len, struct msrs *out, unsigned int *line, const char **what)
{
	int err = 0;

	*out = (struct msrs){ 0 };
	*line = 0;
	*what = NULL;
	if (len)
		err = parse(scan_of(text, len), out, line, what);
	if (!err)
		err = msrs_finish(out);
	if (!err)
		err = list_cpus(out);
	if (err)
		msrs_free(out);
	return err;
}

bool msrs_get(const struct msrs *m, unsigned int cpu, uint32_t msr, uint64_t *value)
{
	const struct msr_row want = { .cpu = cpu, .msr = msr };
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (key(&m->row[mid]) < key(&want))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == m->n || key(&m->row[lo]) != key(&want))
		return false;
	*value = m->row[lo].value;
	return true;
}

void msrs_free(struct msrs *m)
{
	free(m->row);
	free(m->cpu);
	m->row = NULL;
	m->cpu = NULL;
	m->n = m->ncpu = 0;
}
