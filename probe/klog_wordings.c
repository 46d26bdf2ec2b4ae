/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog_wordings.c - what the kernel says about memory types, as data: one row a wording.
 *
 * A message is known by its anchor, wherever in the line that stands; what follows is taken apart by the row's pattern:
 *     %R range   %T %Q %E kernel's word for track, req, ret   %t %q %e the same as numbers   %S eight slots
 *     %P MSR value with the slots   %d %x a number that nobody needs
 * Text between the fields is looked for, not demanded in place: a field that cannot be read stays unknown and the next
 * is found all the same. The order of the rows matters where one anchor is part of another.
 */
#include <limits.h>

#include "klog_int.h"

enum {
	COMM = 1,	/* "comm:pid" stands before the anchor */
	START = 2,	/* too plain a phrase: only at the start of the message, or behind "x86/PAT: " */
	RESTRICTED = 4,	/* "Lockdown: comm: what is restricted" */
};

#define MEMTYPE "arch/x86/mm/pat/memtype.c"
#define PAT_C "arch/x86/mm/pat.c"

static const struct wording {
	enum klog_kind kind;
	const char *anchor, *pattern;
	unsigned int flags;
	const char *source;
} wordings[] = {
	{ KLOG_PAT_CONFIG, "PAT: Configuration [0-7]: ", "%S", 0, MEMTYPE " __init_cache_modes, as in 5.4 to 6.18" },
	{ KLOG_PAT_CONFIG, "PAT configuration [0-7]: ", "%S", START, PAT_C " of about 4.0, from logs" },
	{ KLOG_PAT_CONFIG, "x86 PAT enabled: cpu ", "%d, old %x, new %P", START,
	  PAT_C " pat_init, as in 2.6.28 to 3.6" },

	{ KLOG_PAT_OFF_CONFIG, "PAT support disabled because CONFIG_", "", 0, MEMTYPE " pat_init; asm/mtrr.h" },
	{ KLOG_PAT_OFF_BOOT, "PAT support disabled via boot option", "", 0, MEMTYPE " nopat, since 5.6" },
	{ KLOG_PAT_OFF_FIRMWARE, "PAT support disabled by the firmware", "", 0, MEMTYPE " pat_bp_init, since 5.6" },
	{ KLOG_PAT_OFF_BOOT, "PAT support disabled.", "", 0, PAT_C " nopat, as in 2.6.28 to 5.4" },
	{ KLOG_PAT_OFF_FIRMWARE, "PAT MSR is 0, disabled", "", 0, PAT_C " pat_bsp_init, as in 5.4" },
	{ KLOG_PAT_OFF_FIRMWARE, "PAT read returns always zero, disabled", "", 0, PAT_C " of about 4.0" },
	{ KLOG_PAT_OFF_CPU, "PAT not supported by the CPU", "", 0, MEMTYPE " pat_bp_init, since 5.6" },
	{ KLOG_PAT_OFF_CPU, "PAT not supported by CPU", "", 0, PAT_C " pat_init, as in 2.6.32 to 5.4" },
	{ KLOG_PAT_OFF_MTRR, "MTRRs disabled, skipping PAT initialization too", "", 0,
	  "arch/x86/kernel/cpu/mtrr/mtrr.c, up to 6.1" },

	/* With a comm in front: before the plain phrases, which a comm may contain. */
	{ KLOG_CONFLICT, " conflicting memory types ", "%R %T<->%E", COMM,
	  "arch/x86/mm/pat/memtype_interval.c memtype_check_conflict; pat.c, pat_rbtree.c" },
	{ KLOG_EXPECTED, " map pfn expected mapping type ", "%Q for %R, got %E", COMM, MEMTYPE " reserve_pfn_range" },
	{ KLOG_EXPECTED, " /dev/mem expected mapping type ", "%Q for %R, got %E", COMM,
	  PAT_C " map_devmem, as in 2.6.28" },
	{ KLOG_RAM_RANGE, " map pfn RAM range req ", "%Q for %R, got %E", COMM, MEMTYPE " reserve_pfn_range" },
	{ KLOG_FREE_INVALID, " freeing invalid memtype ", "%R", COMM, MEMTYPE " memtype_free" },
	{ KLOG_CHANGE_FAILED, " /dev/mem ioremap_change_attr failed ", "%Q for %R", COMM,
	  PAT_C " phys_mem_access_prot_allowed, as in 2.6.28" },
	{ KLOG_CHANGE_FAILED, " ioremap_change_attr failed ", "%Q for %R", COMM, MEMTYPE " memtype_kernel_map_sync" },

	{ KLOG_IOREMAP_FAILED, "ioremap memtype_reserve failed ", "%d", 0, "arch/x86/mm/ioremap.c, since 5.6" },
	{ KLOG_IOREMAP_FAILED, "ioremap reserve_memtype failed ", "%d", 0, "arch/x86/mm/ioremap.c, up to 5.5" },
	{ KLOG_RESERVED, "memtype_reserve added ", "%R, track %T, req %Q, ret %E", 0,
	  MEMTYPE " memtype_reserve, debugpat, since 5.6" },
	{ KLOG_RESERVED, "reserve_memtype added ", "%R, track %T, req %Q, ret %E", 0,
	  PAT_C " reserve_memtype, debugpat, up to 5.5; without [mem ] in 2.6.32" },
	{ KLOG_RESERVE_FAILED, "memtype_reserve failed ", "%R, track %T, req %Q", 0,
	  MEMTYPE " memtype_reserve, since 5.6" },
	{ KLOG_RESERVE_FAILED, "reserve_memtype failed ", "%R, track %T, req %Q", 0,
	  PAT_C " reserve_memtype, up to 5.5" },
	{ KLOG_FREED, "memtype_free request ", "%R", 0, MEMTYPE " memtype_free, debugpat, since 5.6" },
	{ KLOG_FREED, "free_memtype request ", "%R", 0, PAT_C " free_memtype, debugpat, up to 5.5" },
	{ KLOG_RAM_FAILED, "reserve_ram_pages_type failed ", "%R, track %t, req %q", 0,
	  MEMTYPE " reserve_ram_pages_type, as in 3.6 to 6.18" },
	{ KLOG_OVERLAP, "Overlap at ", "%R", START,
	  "arch/x86/mm/pat/memtype_interval.c, debugpat; pat.c, pat_rbtree.c" },

	{ KLOG_IOREMAP_REFUSED, "ioremap error for ", "%R, requested %q, got %e", 0,
	  "arch/x86/mm/ioremap.c __ioremap_caller" },
	{ KLOG_MULTI_BAR, "mapping multiple BARs", "", 0, "arch/x86/mm/ioremap.c __ioremap_caller" },
	{ KLOG_MTRR_WC_FAILED, "Failed to add WC MTRR for [", "", 0,
	  "arch/x86/kernel/cpu/mtrr/mtrr.c arch_phys_wc_add" },
	{ KLOG_MTRR_READONLY, "MTRRs set to read-only", "", START,
	  "arch/x86/kernel/cpu/mtrr/mtrr.c mtrr_bp_init, since 6.6" },
	{ KLOG_MTRR_READONLY, "MTRRs disabled by BIOS", "", START, "arch/x86/kernel/cpu/mtrr/mtrr.c, generic.c" },
	{ KLOG_MTRR_READONLY, "MTRR: Disabled", "", START, "arch/x86/kernel/cpu/mtrr/main.c mtrr_bp_init, as in 4.x" },
	{ KLOG_COCO, "Memory Encryption Features active:", "", 0, "arch/x86/mm/mem_encrypt.c" },
	{ KLOG_COCO, "AMD Secure Encrypted Virtualization (SEV) active", "", START,
	  "arch/x86/mm/mem_encrypt.c, as in 4.19" },
	{ KLOG_COCO, "AMD Secure Memory Encryption (SME) active", "", START, "arch/x86/mm/mem_encrypt.c, as in 4.19" },
	{ KLOG_COCO, "tdx: Guest detected", "", START, "arch/x86/coco/tdx/tdx.c" },
	{ KLOG_LOCKDOWN, "Kernel is locked down from ", "", START, "security/lockdown/lockdown.c lock_kernel_down" },
	{ KLOG_LOCKDOWN, "Lockdown: ", "", START | RESTRICTED, "security/lockdown/lockdown.c lockdown_is_locked_down" },
};

static const char *const kind_names[KLOG_KINDS] = {
	[KLOG_PAT_CONFIG] = "pat-configuration",
	[KLOG_PAT_OFF_BOOT] = "pat-off-boot",
	[KLOG_PAT_OFF_MTRR] = "pat-off-mtrr",
	[KLOG_PAT_OFF_CPU] = "pat-off-cpu",
	[KLOG_PAT_OFF_FIRMWARE] = "pat-off-firmware",
	[KLOG_PAT_OFF_CONFIG] = "pat-off-config",
	[KLOG_OVERLAP] = "overlap",
	[KLOG_RESERVED] = "reserved",
	[KLOG_FREED] = "freed",
	[KLOG_RESERVE_FAILED] = "reserve-failed",
	[KLOG_CONFLICT] = "conflict",
	[KLOG_EXPECTED] = "expected",
	[KLOG_RAM_RANGE] = "ram-range",
	[KLOG_FREE_INVALID] = "free-invalid",
	[KLOG_CHANGE_FAILED] = "change-failed",
	[KLOG_RAM_FAILED] = "ram-failed",
	[KLOG_IOREMAP_REFUSED] = "ioremap-refused",
	[KLOG_IOREMAP_FAILED] = "ioremap-failed",
	[KLOG_MULTI_BAR] = "multiple-bars",
	[KLOG_MTRR_WC_FAILED] = "mtrr-wc-failed",
	[KLOG_MTRR_READONLY] = "mtrr-read-only",
	[KLOG_COCO] = "memory-encryption",
	[KLOG_LOCKDOWN] = "lockdown",
};

const char *klog_kind_name(enum klog_kind k)
{
	return (unsigned int)k < KLOG_KINDS ? kind_names[k] : "unknown";
}

/*
 * "[mem 0xA-0xB]" is a resource range, its end inclusive; "0xA-0xB" and "A-B" are the kernel's own variables, their end
 * exclusive. A range that runs backwards or has no exclusive end is not one.
 */
static void range(struct scan *s, struct klog_event *ev)
{
	struct scan t = *s;
	bool inclusive = scan_lit(&t, "[mem ");
	uint64_t start, end;

	scan_lit(&t, "0x");
	if (!scan_hex(&t, &start) || !scan_char(&t, '-'))
		return;
	scan_lit(&t, "0x");
	if (!scan_hex(&t, &end))
		return;
	if (inclusive && (!scan_char(&t, ']') || end++ == UINT64_MAX))
		return;
	if (start >= end)
		return;
	ev->start = start;
	ev->end = end;
	*s = t;
}

static enum mtype word(struct scan *s)
{
	const char *from = s->p;

	while (!scan_done(s) && ((*s->p >= 'a' && *s->p <= 'z') || *s->p == '-'))
		s->p++;
	return mtype_from_kernel(from, (size_t)(s->p - from));
}

/*
 * enum page_cache_mode since 3.19. Before, the bits of the entry, PWT 0x8 and PCD 0x10, which meant WB, WC, UC- and UC;
 * only 0 is common to both, and means WB in both.
 */
static enum mtype number(struct scan *s)
{
	static const enum mtype bits[] = { MT_WB, MT_WC, MT_UCMINUS, MT_UC };
	uint64_t n;

	scan_lit(s, "0x");
	if (!scan_hex(s, &n))
		return MT_UNKNOWN;
	if (n == 0x8 || n == 0x10 || n == 0x18)
		return bits[n >> 3];
	return mtype_from_pcm(n);
}

/* "WB  WC  UC- UC  WB  WP  UC- WT  "; three fields of an unknown kernel may not fit the three-letter scheme. */
static void slots(struct scan *s, enum mtype *slot)
{
	static const struct {
		const char *name;
		enum mtype type;
	} names[] = {
		{ "UC", MT_UC }, { "UC-", MT_UCMINUS }, { "WC", MT_WC },
		{ "WT", MT_WT }, { "WP", MT_WP }, { "WB", MT_WB },
	};
	const char *w;
	size_t len, i, n;

	for (i = 0; i < 8; i++) {
		scan_blanks(s);
		if (!scan_word(s, &w, &len))
			return;
		for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (strlen(names[n].name) == len && !memcmp(names[n].name, w, len))
				slot[i] = names[n].type;
	}
}

/* The value written to the MSR: a byte a slot, of which three bits count and the others are zero. */
static void msr_slots(struct scan *s, enum mtype *slot)
{
	uint64_t v;
	int i;

	if (!scan_0x(s, &v))
		return;
	for (i = 0; i < 8; i++, v >>= 8)
		slot[i] = (v & 0xff) <= 7 ? (enum mtype)(v & 7) : MT_UNKNOWN;
}

static void field(char code, struct scan *s, struct klog_event *ev)
{
	uint64_t n;

	switch (code) {
	case 'R': range(s, ev); break;
	case 'T': ev->track = word(s); break;
	case 'Q': ev->req = word(s); break;
	case 'E': ev->ret = word(s); break;
	case 't': ev->track = number(s); break;
	case 'q': ev->req = number(s); break;
	case 'e': ev->ret = number(s); break;
	case 'S': slots(s, ev->slot); break;
	case 'P': msr_slots(s, ev->slot); break;
	case 'd': scan_dec(s, UINT64_MAX, &n); break;
	case 'x': scan_0x(s, &n); break;
	}
}

static void take_apart(struct scan s, const char *pattern, struct klog_event *ev)
{
	while (*pattern) {
		const char *pct = strchrnul(pattern, '%'), *at;
		size_t len = (size_t)(pct - pattern);

		at = memmem(s.p, scan_left(&s), pattern, len);
		if (!at || !*pct)
			return;
		s.p = at + len;
		field(pct[1], &s, ev);
		pattern = pct + 2;
	}
}

/* In a /dev/kmsg record bytes that do not print, and the backslash, stand as \xNN; a comm may hold any byte. */
static void copy_comm(char *out, size_t outlen, struct scan s, bool escaped)
{
	size_t n = 0;

	while (!scan_done(&s) && n < outlen - 1) {
		unsigned int c = (unsigned char)*s.p++;

		if (escaped && c == '\\' && scan_left(&s) >= 3 && s.p[0] == 'x' && scan_xdigit(s.p[1]) < 16 &&
		    scan_xdigit(s.p[2]) < 16) {
			c = scan_xdigit(s.p[1]) << 4 | scan_xdigit(s.p[2]);
			s.p += 3;
		}
		out[n++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	out[n] = '\0';
}

/* "comm:pid", from the right: the comm may hold blanks, colons and digits. */
static void comm_pid(struct scan s, bool escaped, struct klog_event *ev)
{
	const char *digits = s.end;
	uint64_t pid;

	while (digits > s.p && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (digits == s.end || digits == s.p || digits[-1] != ':')
		return;
	if (!scan_dec(&(struct scan){ digits, s.end }, INT_MAX, &pid))
		return;
	s.end = digits - 1;
	copy_comm(ev->comm, sizeof(ev->comm), s, escaped);
	ev->pid = (int)pid;
}

/* "comm: what is restricted", and before 5.4 "what is restricted"; the reasons hold no ": ". */
static bool restricted(struct scan s, bool escaped, struct klog_event *ev)
{
	const char *end = memmem(s.p, scan_left(&s), " is restricted", 14), *p;

	if (!end)
		return false;
	for (p = end; p - s.p > 1; p--) {
		if (p[-1] == ' ' && p[-2] == ':') {
			s.end = p - 2;
			copy_comm(ev->comm, sizeof(ev->comm), s, escaped);
			break;
		}
	}
	return true;
}

bool klog_match(const struct klog_line *l, struct klog_event *ev)
{
	static const char tag[] = "x86/PAT: ";
	struct scan msg = l->msg, body;
	const char *at = memmem(msg.p, scan_left(&msg), tag, sizeof(tag) - 1);
	size_t i;

	/* The kernel's own tag says where its message begins, even behind a prefix that nobody has seen yet. */
	body = msg;
	if (at) {
		msg.p = at;
		body.p = at + sizeof(tag) - 1;
	}
	for (i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		const struct wording *w = &wordings[i];
		size_t len = strlen(w->anchor);
		struct scan rest = body;

		at = memmem(msg.p, scan_left(&msg), w->anchor, len);
		if (!at || ((w->flags & START) && at != body.p))
			continue;
		rest.p = at + len;
		*ev = (struct klog_event){
			.kind = w->kind, .track = MT_UNKNOWN, .req = MT_UNKNOWN, .ret = MT_UNKNOWN,
			.usec = l->usec, .text = msg.p, .textlen = scan_left(&msg),
		};
		for (int k = 0; k < 8; k++)
			ev->slot[k] = MT_UNKNOWN;
		if ((w->flags & RESTRICTED) && !restricted(rest, l->kmsg, ev))
			continue;
		if ((w->flags & COMM) && at >= body.p)
			comm_pid((struct scan){ body.p, at }, l->kmsg, ev);
		take_apart(rest, w->pattern, ev);
		return true;
	}
	return false;
}
