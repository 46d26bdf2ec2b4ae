/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpu_profile.c - the rows, and which CPU has which. */
#include "cpu_profile.h"

#include <string.h>

#include "cpu.h"

static const struct profile_events events_intel = {
	.sfence = CLOSES_YES,
	.mfence = CLOSES_YES,
	.locked = CLOSES_YES,
	.serial = CLOSES_YES,
	.uc = CLOSES_YES,
	.port = CLOSES_YES,
	.interrupt = CLOSES_YES,
	/* SYSCALL itself closes nothing; the kernel's way in often does (CR3, WRMSR, SWAPGS and fences). */
	.syscall = CLOSES_MAYBE,
	.source = "Intel SDM vol 3, 11.3, 11.10",
};

static const struct profile_events events_k8 = {
	.sfence = CLOSES_YES,
	.mfence = CLOSES_YES,
	.locked = CLOSES_YES,
	.serial = CLOSES_YES,
	/* An uncached read closes them; of an uncached write the table says nothing. */
	.uc = CLOSES_MAYBE,
	.port = CLOSES_YES,
	/* The handler ends in IRET, which is on the list. */
	.interrupt = CLOSES_YES,
	.syscall = CLOSES_MAYBE,
	.source = "AMD 25112 rev 3.06, table 12",
};

static const struct profile_events events_amd = {
	.sfence = CLOSES_YES,
	.mfence = CLOSES_YES,
	.locked = CLOSES_YES,
	.serial = CLOSES_YES,
	.uc = CLOSES_YES,
	.port = CLOSES_YES,
	.interrupt = CLOSES_YES,
	.syscall = CLOSES_MAYBE,
	.source = "AMD 24593 (APM vol 2), 7.4.1, from citations of it; AMD 25112 table 12 for IRET",
};

/* Where all vendors agree it is certain, else open. */
static const struct profile_events events_generic = {
	.sfence = CLOSES_YES,
	.mfence = CLOSES_YES,
	.locked = CLOSES_YES,
	.serial = CLOSES_YES,
	.uc = CLOSES_MAYBE,
	.port = CLOSES_MAYBE,
	.interrupt = CLOSES_MAYBE,
	.syscall = CLOSES_MAYBE,
	.source = "what the manuals of Intel and AMD agree on",
};

static const struct profile_events events_reference = {
	.sfence = CLOSES_YES,
	.mfence = CLOSES_YES,
	.locked = CLOSES_YES,
	.serial = CLOSES_YES,
	.uc = CLOSES_YES,
	.port = CLOSES_YES,
	.interrupt = CLOSES_YES,
	.syscall = CLOSES_YES,
	.source = "Intel SDM vol 3, 11.3, 11.10; a system call taken as closing",
};

#define INTEL_RULES                                                                                                    \
	.partial = PARTIAL_CHUNK8, .partial_conf = CONF_HIGH, .partial_source = "Intel SDM vol 3, 11.3.1",             \
	.events = &events_intel
#define AMD_RULES                                                                                                      \
	.partial = PARTIAL_UNKNOWN, .partial_source = "not found in AMD's manuals for family 10h and later",           \
	.events = &events_amd
/* Line fill buffers serve as write-combining buffers on these cores: commonly accepted, said by Intel for few. */
#define LFB(n, from) .buffers = (n), .buffers_conf = CONF_MEDIUM, .buffers_source = "line fill buffers: " from
#define NOT_KNOWN(n) .assumed = (n), .buffers_source = "not known"

static const struct cpu_profile rows[] = {
	{ .name = "reference",
	  .title = "the plain rules, 10 buffers; what the lab's analyser counts by",
	  .buffers = 10,
	  .buffers_conf = CONF_NONE,
	  .buffers_source = "by definition",
	  .partial = PARTIAL_CHUNK8,
	  .partial_conf = CONF_HIGH,
	  .partial_source = "Intel SDM vol 3, 11.3.1",
	  .events = &events_reference },
	{ .name = "generic",
	  .title = "any x86-64 CPU",
	  NOT_KNOWN(8),
	  .partial = PARTIAL_UNKNOWN,
	  .partial_source = "nothing is known of this CPU",
	  .events = &events_generic },
	{ .name = "intel", .title = "Intel, no closer row", NOT_KNOWN(8), INTEL_RULES },
	{ .name = "netburst",
	  .title = "Intel Pentium 4, Pentium D, Xeon of family 15",
	  .buffers_source = "only four are promised (IA-32 Optimization manual 2-49); how many there are is not said",
	  .assumed = 4,
	  INTEL_RULES },
	{ .name = "core2", .title = "Intel Core, Core 2", LFB(8, "Stack Overflow 49959963"), INTEL_RULES },
	{ .name = "nehalem", .title = "Intel Nehalem, Westmere", LFB(10, "Intel forum 518062"), INTEL_RULES },
	{ .name = "sandybridge",
	  .title = "Intel Sandy Bridge, Ivy Bridge",
	  LFB(10, "Intel forum 518062"),
	  INTEL_RULES },
	{ .name = "haswell", .title = "Intel Haswell, Broadwell", LFB(10, "Intel forum 518062"), INTEL_RULES },
	{ .name = "skylake",
	  .title = "Intel Skylake to Comet Lake, Cascade Lake",
	  LFB(12, "Intel forum 518062"),
	  INTEL_RULES },
	{ .name = "icelake",
	  .title = "Intel Ice Lake, Tiger Lake, Rocket Lake",
	  LFB(12, "reports on Alder Lake"),
	  INTEL_RULES },
	{ .name = "sapphirerapids",
	  .title = "Intel Sapphire Rapids, Emerald Rapids",
	  LFB(16, "reports on Alder Lake"),
	  INTEL_RULES },
	{ .name = "granite", .title = "Intel Granite Rapids", NOT_KNOWN(16), INTEL_RULES },
	{ .name = "hybrid",
	  .title = "Intel with P and E cores, Alder Lake on: P cores 12 to 16, E cores not known",
	  NOT_KNOWN(8),
	  INTEL_RULES },
	{ .name = "atom", .title = "Intel Atom cores, Xeon Phi", NOT_KNOWN(8), INTEL_RULES },
	{ .name = "amd", .title = "AMD and Hygon, no closer row", NOT_KNOWN(8), AMD_RULES },
	{ .name = "k8",
	  .title = "AMD K8 up to revision C",
	  .buffers = 1,
	  .buffers_conf = CONF_HIGH,
	  .buffers_source = "AMD 25112 rev 3.06, appendix B",
	  .partial = PARTIAL_CHUNK8,
	  .partial_conf = CONF_HIGH,
	  .partial_source = "AMD 25112 rev 3.06, appendix B.4",
	  .events = &events_k8 },
	{ .name = "k8-rev-e",
	  .title = "AMD K8 revisions D and E",
	  .buffers = 4,
	  .buffers_conf = CONF_HIGH,
	  .buffers_source = "AMD 25112 rev 3.06, appendix B.5",
	  .partial = PARTIAL_CHUNK8,
	  .partial_conf = CONF_HIGH,
	  .partial_source = "AMD 25112 rev 3.06, appendix B.4",
	  .events = &events_k8 },
	{ .name = "zen4",
	  .title = "AMD Zen 4",
	  .buffers = 8,
	  .buffers_conf = CONF_MEDIUM,
	  .buffers_source = "measured on an EPYC: 8, at times 6 while a sibling thread takes some",
	  AMD_RULES },
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* Display family and models; the first row that holds counts. Linux arch/x86/include/asm/intel-family.h; AMD: WikiChip.
 */
static const struct {
	enum cpu_vendor vendor;
	unsigned int family, from, to;
	const char *profile;
} which[] = {
	{ VENDOR_INTEL, 15, 0, 255, "netburst" },
	{ VENDOR_INTEL, 6, 0x0e, 0x0f, "core2" }, /* Yonah, Merom */
	{ VENDOR_INTEL, 6, 0x16, 0x17, "core2" }, /* Merom-L, Penryn */
	{ VENDOR_INTEL, 6, 0x1d, 0x1d, "core2" }, /* Dunnington */
	{ VENDOR_INTEL, 6, 0x1a, 0x1a, "nehalem" },
	{ VENDOR_INTEL, 6, 0x1e, 0x1f, "nehalem" },
	{ VENDOR_INTEL, 6, 0x2e, 0x2f, "nehalem" }, /* Nehalem-EX, Westmere-EX */
	{ VENDOR_INTEL, 6, 0x25, 0x25, "nehalem" }, /* Westmere */
	{ VENDOR_INTEL, 6, 0x2c, 0x2c, "nehalem" },
	{ VENDOR_INTEL, 6, 0x2a, 0x2a, "sandybridge" },
	{ VENDOR_INTEL, 6, 0x2d, 0x2d, "sandybridge" },
	{ VENDOR_INTEL, 6, 0x3a, 0x3a, "sandybridge" }, /* Ivy Bridge */
	{ VENDOR_INTEL, 6, 0x3e, 0x3e, "sandybridge" },
	{ VENDOR_INTEL, 6, 0x3c, 0x3d, "haswell" }, /* Haswell, Broadwell */
	{ VENDOR_INTEL, 6, 0x3f, 0x3f, "haswell" },
	{ VENDOR_INTEL, 6, 0x45, 0x47, "haswell" },
	{ VENDOR_INTEL, 6, 0x4f, 0x4f, "haswell" }, /* Broadwell-X */
	{ VENDOR_INTEL, 6, 0x56, 0x56, "haswell" }, /* Broadwell-D */
	{ VENDOR_INTEL, 6, 0x4e, 0x4e, "skylake" },
	{ VENDOR_INTEL, 6, 0x55, 0x55, "skylake" }, /* Skylake-X, Cascade Lake, Cooper Lake */
	{ VENDOR_INTEL, 6, 0x5e, 0x5e, "skylake" },
	{ VENDOR_INTEL, 6, 0x8e, 0x8e, "skylake" }, /* Kaby Lake to Whiskey Lake */
	{ VENDOR_INTEL, 6, 0x9e, 0x9e, "skylake" },
	{ VENDOR_INTEL, 6, 0xa5, 0xa6, "skylake" }, /* Comet Lake */
	{ VENDOR_INTEL, 6, 0x6a, 0x6a, "icelake" },
	{ VENDOR_INTEL, 6, 0x6c, 0x6c, "icelake" },
	{ VENDOR_INTEL, 6, 0x7d, 0x7e, "icelake" },
	{ VENDOR_INTEL, 6, 0x8c, 0x8d, "icelake" }, /* Tiger Lake */
	{ VENDOR_INTEL, 6, 0xa7, 0xa7, "icelake" }, /* Rocket Lake */
	{ VENDOR_INTEL, 6, 0x8f, 0x8f, "sapphirerapids" },
	{ VENDOR_INTEL, 6, 0xcf, 0xcf, "sapphirerapids" }, /* Emerald Rapids */
	{ VENDOR_INTEL, 6, 0xad, 0xae, "granite" },
	{ VENDOR_INTEL, 6, 0x8a, 0x8a, "hybrid" }, /* Lakefield */
	{ VENDOR_INTEL, 6, 0x97, 0x97, "hybrid" }, /* Alder Lake */
	{ VENDOR_INTEL, 6, 0x9a, 0x9a, "hybrid" },
	{ VENDOR_INTEL, 6, 0xaa, 0xaa, "hybrid" }, /* Meteor Lake */
	{ VENDOR_INTEL, 6, 0xac, 0xac, "hybrid" },
	{ VENDOR_INTEL, 6, 0xb5, 0xb5, "hybrid" }, /* Arrow Lake */
	{ VENDOR_INTEL, 6, 0xc5, 0xc6, "hybrid" },
	{ VENDOR_INTEL, 6, 0xb7, 0xb7, "hybrid" }, /* Raptor Lake */
	{ VENDOR_INTEL, 6, 0xba, 0xba, "hybrid" },
	{ VENDOR_INTEL, 6, 0xbf, 0xbf, "hybrid" },
	{ VENDOR_INTEL, 6, 0xbd, 0xbd, "hybrid" }, /* Lunar Lake */
	{ VENDOR_INTEL, 6, 0x1c, 0x1c, "atom" },   /* Bonnell */
	{ VENDOR_INTEL, 6, 0x26, 0x27, "atom" },
	{ VENDOR_INTEL, 6, 0x35, 0x37, "atom" }, /* Saltwell, Silvermont */
	{ VENDOR_INTEL, 6, 0x4a, 0x4a, "atom" },
	{ VENDOR_INTEL, 6, 0x4c, 0x4d, "atom" },
	{ VENDOR_INTEL, 6, 0x5a, 0x5a, "atom" },
	{ VENDOR_INTEL, 6, 0x5c, 0x5d, "atom" }, /* Goldmont */
	{ VENDOR_INTEL, 6, 0x5f, 0x5f, "atom" },
	{ VENDOR_INTEL, 6, 0x7a, 0x7a, "atom" },
	{ VENDOR_INTEL, 6, 0x57, 0x57, "atom" }, /* Knights Landing */
	{ VENDOR_INTEL, 6, 0x85, 0x86, "atom" }, /* Knights Mill, Tremont */
	{ VENDOR_INTEL, 6, 0x96, 0x96, "atom" },
	{ VENDOR_INTEL, 6, 0x9c, 0x9c, "atom" },
	{ VENDOR_INTEL, 6, 0xaf, 0xaf, "atom" }, /* Sierra Forest */
	{ VENDOR_INTEL, 6, 0xb6, 0xb6, "atom" }, /* Grand Ridge */
	{ VENDOR_INTEL, 6, 0xbe, 0xbe, "atom" }, /* Gracemont */
	{ VENDOR_INTEL, 6, 0xdd, 0xdd, "atom" }, /* Clearwater Forest */
	{ VENDOR_INTEL, 6, 0x00, 0xff, "intel" },
	{ VENDOR_AMD, 15, 0x00, 0x0f, "k8" },
	{ VENDOR_AMD, 15, 0x10, 0x2f, "k8-rev-e" },
	{ VENDOR_AMD, 25, 0x10, 0x1f, "zen4" }, /* Genoa */
	{ VENDOR_AMD, 25, 0x60, 0x7f, "zen4" }, /* Raphael, Phoenix */
	{ VENDOR_AMD, 25, 0xa0, 0xaf, "zen4" }, /* Bergamo, Siena */
	{ VENDOR_AMD, 15, 0, ~0u, "amd" },
};

const struct cpu_profile *cpu_profile_find(const char *name)
{
	for (size_t i = 0; i < NROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

const struct cpu_profile *cpu_profile_at(size_t i)
{
	return i < NROWS ? &rows[i] : NULL;
}

const struct cpu_profile *cpu_profile_reference(void)
{
	return &rows[0];
}

const struct cpu_profile *cpu_profile_for(const struct cpu *c)
{
	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		if (c->vendor == which[i].vendor && c->family == which[i].family && c->model >= which[i].from &&
		    c->model <= which[i].to)
			return cpu_profile_find(which[i].profile);
	return cpu_profile_find(c->vendor == VENDOR_INTEL ? "intel" : c->vendor == VENDOR_AMD ? "amd" : "generic");
}

const char *confidence_name(enum confidence c)
{
	static const char *const name[] = {
		[CONF_NONE] = "none", [CONF_LOW] = "low", [CONF_MEDIUM] = "medium", [CONF_HIGH] = "high"
	};

	return (unsigned int)c < sizeof(name) / sizeof(name[0]) ? name[c] : "none";
}
