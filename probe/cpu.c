/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu.c - what the CPUID registers say: DECODE above, READ below.
 */
#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "cpu_raw.h"
#include "hyper_int.h"
#include "src.h"

#define RECORD	   "/wcdiag/cpuid.txt"
/* 256 CPUs of libcpuid's 4500 bytes each, three times over. Only the first CPU is looked at. */
#define RECORD_MAX ((size_t)4 << 20)

static const struct {
	const char *str;
	enum cpu_vendor vendor;
} vendors[] = {
	{ "GenuineIntel", VENDOR_INTEL },	/* Intel SDM vol 2 CPUID */
	{ "AuthenticAMD", VENDOR_AMD },		/* AMD64 APM vol 3 appendix E */
	{ "HygonGenuine", VENDOR_AMD },		/* Linux arch/x86/kernel/cpu/hygon.c */
};

/* One feature bit a row; every manual section is "CPUID" in Intel SDM vol 2 and AMD64 APM vol 3 appendix E. */
static const struct {
	bool ext;
	unsigned int leaf, reg, bit;
	size_t field;
} bits[] = {
	{ false, 0x1, CPU_EDX, 12, offsetof(struct cpu, mtrr) },
	{ false, 0x1, CPU_EDX, 16, offsetof(struct cpu, pat) },
	{ false, 0x1, CPU_ECX, 31, offsetof(struct cpu, hypervisor_bit) },
	{ false, 0x7, CPU_ECX, 27, offsetof(struct cpu, movdiri) },
	{ false, 0x7, CPU_ECX, 28, offsetof(struct cpu, movdir64b) },
	{ true, 0x1f, CPU_EAX, 1, offsetof(struct cpu, sev_capable) },
};

static char printable(uint32_t reg, unsigned int byte, char other)
{
	unsigned char c = reg >> (8 * byte) & 0xff;

	return c >= 0x20 && c < 0x7f ? (char)c : other;
}

static void decode_vendor(const struct cpu_raw *r, struct cpu *out)
{
	static const int order[3] = { CPU_EBX, CPU_EDX, CPU_ECX };

	for (unsigned int i = 0; i < 12; i++)
		out->vendor_str[i] = printable(r->basic[0][order[i / 4]], i % 4, '.');
	out->vendor_str[12] = '\0';
	out->vendor = VENDOR_OTHER;
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (!strcmp(out->vendor_str, vendors[i].str))
			out->vendor = vendors[i].vendor;
}

/* Leaves 0x80000002..4, 48 bytes, without leading, trailing and double blanks. */
static void decode_name(const struct cpu_raw *r, struct cpu *out)
{
	size_t n = 0;

	for (unsigned int i = 0; i < 48 && cpu_raw_ext(r) > 4; i++) {
		uint32_t reg = r->ext[2 + i / 16][i / 4 % 4];
		char c;

		if (!(reg >> (i % 4 * 8) & 0xff))
			break;
		c = printable(reg, i % 4, '?');
		if (c == ' ' && (!n || out->name[n - 1] == ' '))
			continue;
		out->name[n++] = c;
	}
	if (n && out->name[n - 1] == ' ')
		n--;
	out->name[n] = '\0';
}

/* Display family and model, Intel SDM vol 2 CPUID figure 3-6 and below. */
static void decode_model(uint32_t eax, struct cpu *out)
{
	unsigned int family = eax >> 8 & 0xf;

	out->family = family == 0xf ? family + (eax >> 20 & 0xff) : family;
	out->model = eax >> 4 & 0xf;
	if (family == 0x6 || family == 0xf)
		out->model |= (eax >> 16 & 0xf) << 4;
	out->stepping = eax & 0xf;
}

static void decode(const struct cpu_raw *r, struct cpu *out)
{
	memset(out, 0, sizeof(*out));
	decode_vendor(r, out);
	decode_name(r, out);
	if (cpu_raw_basic(r) > 1)
		decode_model(r->basic[1][CPU_EAX], out);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		const uint32_t(*leaf)[4] = bits[i].ext ? r->ext : r->basic;
		unsigned int n = bits[i].ext ? cpu_raw_ext(r) : cpu_raw_basic(r);
		bool *field = (bool *)((char *)out + bits[i].field);

		*field = bits[i].leaf < n && leaf[bits[i].leaf][bits[i].reg] >> bits[i].bit & 1;
	}
	/* What no CPU has (SDM vol 3, 4.1.4: at most 52) did not come from one. */
	out->phys_bits = cpu_raw_ext(r) > 8 ? r->ext[8][CPU_EAX] & 0xff : 36;
	if (out->phys_bits < 32 || out->phys_bits > 52)
		out->phys_bits = 52;
	cpu_raw_codename(r, out->codename, sizeof(out->codename));
}

int cpu_parse(const char *text, size_t len, struct cpu *out, unsigned int *line, const char **what)
{
	struct cpu_raw raw;
	int err = cpu_raw_parse(text, len, &raw, line, what);

	if (err)
		memset(out, 0, sizeof(*out));
	else
		decode(&raw, out);
	return err;
}

static int read_live(const struct src *s, struct cpu *out)
{
	struct cpu_raw raw = { 0 };
	uint32_t r[4];
	int err = cpu_raw_live(&raw);

	if (err) {
		fact_missing(&out->fact, s, "CPUID", -err, NULL);
		return err;
	}
	decode(&raw, out);
	/* Beyond libcpuid's raw form. */
	if (raw.basic[0][CPU_EAX] >= 0x21) {
		__cpuid_count(0x21, 0, r[CPU_EAX], r[CPU_EBX], r[CPU_ECX], r[CPU_EDX]);
		out->tdx_guest = hyper_leaf_is_tdx(r);
	}
	fact_known(&out->fact, "CPUID");
	return 0;
}

static bool recorded_tdx(const struct src *s)
{
	struct hyper h = { 0 };
	const char *what;
	unsigned int line;
	struct blob b;

	if (src_read(s, HYPER_RECORD, &b))
		return false;
	if (hyper_parse(b.data, b.len, &h, &line, &what))
		h.tdx_guest = false;
	blob_free(&b);
	return h.tdx_guest;
}

int cpu_read(const struct src *s, struct cpu *out)
{
	const char *what = NULL;
	unsigned int line = 0;
	struct blob b;
	int err;

	memset(out, 0, sizeof(*out));
	if (src_is_live(s))
		return read_live(s, out);
	err = src_read(s, RECORD, &b);
	if (err) {
		fact_missing(&out->fact, s, RECORD, -err, NULL);
		return err;
	}
	err = b.len > RECORD_MAX ? -EFBIG : cpu_parse(b.data, b.len, out, &line, &what);
	blob_free(&b);
	if (err == -EBADMSG) {
		fact_garbled(&out->fact, RECORD, "line %u: %s", line, what);
	} else if (err) {
		fact_missing(&out->fact, s, RECORD, -err, NULL);
	} else {
		out->tdx_guest = recorded_tdx(s);
		fact_known(&out->fact, RECORD);
	}
	return err;
}

int cpu_record(char **text, size_t *len)
{
	return cpu_raw_record(text, len);
}
