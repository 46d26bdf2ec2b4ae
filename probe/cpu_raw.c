/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_raw.c - libcpuid's raw form (libcpuid cpuid_main.c cpuid_serialize_raw_data_internal()). Pure.
 *     version=0.6.2
 *     _________________ Logical CPU #0 _________________     absent in the form for one CPU
 *     basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69
 *     ext_cpuid[0]=..., intel_fn4[0]=..., more by later versions
 *     ------...                                              test results of libcpuid's own follow
 */
#include <errno.h>

#include "cpu_raw.h"
#include "scan.h"

unsigned int cpu_raw_basic(const struct cpu_raw *r)
{
	uint32_t max = r->basic[0][CPU_EAX];

	return max < CPU_RAW_LEAVES ? max + 1 : CPU_RAW_LEAVES;
}

unsigned int cpu_raw_ext(const struct cpu_raw *r)
{
	uint32_t max = r->ext[0][CPU_EAX];

	/* A CPU without extended leaves answers with something else. */
	if (max >> 16 != 0x8000)
		return 0;
	max &= 0xffff;
	return max < CPU_RAW_LEAVES ? max + 1 : CPU_RAW_LEAVES;
}

/* "name[3]=": the array's name and the index. */
static bool array_of(struct scan *s, const char **name, size_t *len, uint64_t *index)
{
	const char *from = s->p;

	while (s->p != s->end && *s->p != '[' && *s->p != ' ')
		s->p++;
	*name = from;
	*len = (size_t)(s->p - from);
	return *len && scan_char(s, '[') && scan_dec(s, 4096, index) && scan_lit(s, "]=");
}

/* Four words of exactly eight digits each: a cut line is never taken for a smaller number. */
static bool registers(struct scan *s, uint32_t reg[4])
{
	for (int i = 0; i < 4; i++) {
		const char *from;
		uint64_t v;

		if (i && !scan_char(s, ' '))
			return false;
		from = s->p;
		if (!scan_hex(s, &v) || s->p - from != 8)
			return false;
		reg[i] = (uint32_t)v;
	}
	return scan_rest_blank(s);
}

static bool named(const char *name, size_t len, const char *want)
{
	return len == strlen(want) && !memcmp(name, want, len);
}

struct seen {
	uint32_t basic, ext;	/* bit n: leaf n */
};

/* false: the line is not of the form. A well-formed line of another array or beyond ours is passed over. */
static bool take(struct scan s, struct cpu_raw *out, struct seen *seen)
{
	const char *name;
	size_t len;
	uint64_t i;
	uint32_t reg[4];

	if (!array_of(&s, &name, &len, &i) || !registers(&s, reg))
		return false;
	if (i >= CPU_RAW_LEAVES)
		return true;
	if (named(name, len, "basic_cpuid")) {
		memcpy(out->basic[i], reg, sizeof(reg));
		seen->basic |= 1U << i;
	} else if (named(name, len, "ext_cpuid")) {
		memcpy(out->ext[i], reg, sizeof(reg));
		seen->ext |= 1U << i;
	}
	return true;
}

/* All n lowest bits. */
static bool all_seen(uint32_t seen, unsigned int n)
{
	uint32_t want = n < 32 ? (1U << n) - 1 : UINT32_MAX;

	return (seen & want) == want;
}

int cpu_raw_parse(const char *text, size_t len, struct cpu_raw *out, unsigned int *line, const char **what)
{
	struct scan s, l;
	struct seen seen = { 0 };
	unsigned int cpus = 0;
	bool whole;

	memset(out, 0, sizeof(*out));
	*line = 0;
	*what = NULL;
	s = scan_of(len ? text : "", len);
	while (scan_line(&s, &l, &whole)) {
		struct scan t = l;

		++*line;
		if (scan_rest_blank(&l) || scan_lit(&t, "version=") || scan_lit(&t, "build_date="))
			continue;
		if (scan_lit(&t, "----------"))
			break;
		/* The second CPU: the first is complete. */
		if (scan_lit(&t, "_________________ Logical CPU #")) {
			if (cpus++)
				break;
			continue;
		}
		if (take(l, out, &seen))
			continue;
		*what = "not libcpuid's raw form";
		return -EBADMSG;
	}
	if (!(seen.basic & 1) || !(seen.ext & 1))
		*what = "basic_cpuid[0] or ext_cpuid[0] is missing";
	else if (!all_seen(seen.basic, cpu_raw_basic(out)) || !all_seen(seen.ext, cpu_raw_ext(out)))
		*what = "a leaf is missing that the CPU has";
	return *what ? -EBADMSG : 0;
}
