/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.c - kernel version, boot options, lockdown.
 */
#include <errno.h>
#include <stdio.h>

#include "host.h"
#include "scan.h"
#include "src.h"

#define RELEASE_PATH "/proc/sys/kernel/osrelease"
#define CMDLINE_PATH "/proc/cmdline"
#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"

enum group { MEMORY_TYPE, OTHER };

/*
 * The options worth keeping. A name that ends in '*' is the beginning of several. Other options may hold what is
 * nobody's business (ids, keys, host names), so this is a list of what is kept and not of what is dropped.
 */
static const struct option {
	const char *name;
	enum group group;
	const char *source;
} options[] = {
	{ "nopat", MEMORY_TYPE, "arch/x86/mm/pat/memtype.c" },
	{ "debugpat", MEMORY_TYPE, "arch/x86/mm/pat/memtype.c" },
	{ "mtrr*", MEMORY_TYPE, "arch/x86/kernel/cpu/mtrr/cleanup.c: mtrr_chunk_size and others; mtrr=" },
	{ "disable_mtrr_cleanup", MEMORY_TYPE, "arch/x86/kernel/cpu/mtrr/cleanup.c" },
	{ "disable_mtrr_trim", MEMORY_TYPE, "arch/x86/kernel/cpu/mtrr/cleanup.c" },
	{ "enable_mtrr_cleanup", MEMORY_TYPE, "arch/x86/kernel/cpu/mtrr/cleanup.c" },
	{ "clearcpuid", MEMORY_TYPE, "arch/x86/kernel/cpu/common.c: may name pat or mtrr" },
	{ "iomem", MEMORY_TYPE, "kernel/resource.c: strict, relaxed" },
	{ "nohugeiomap", MEMORY_TYPE, "mm/vmalloc.c: ioremap with 4 KiB pages only" },
	{ "mem_encrypt", MEMORY_TYPE, "arch/x86/mm/mem_encrypt_identity.c" },
	{ "pci", OTHER, "drivers/pci/pci.c" },
	{ "pcie_*", OTHER, "drivers/pci/pcie/: pcie_aspm, pcie_ports, pcie_port_pm" },
	{ "lockdown", OTHER, "security/lockdown/lockdown.c" },
};

/* arch/x86/include/asm/cpufeatures.h: word * 32 + bit, as older kernels want it, or the flag of /proc/cpuinfo */
static const char *const clears_mtrr[] = { "mtrr", "12" };

unsigned int host_parse_release(const char *release)
{
	struct scan s = scan_of(release, strlen(release));
	uint64_t major, minor;

	if (!scan_dec(&s, UINT16_MAX, &major) || !scan_char(&s, '.') || !scan_dec(&s, UINT8_MAX, &minor))
		return 0;
	return KVER(major, minor);
}

/*
 * The next parameter as the kernel cuts them (lib/cmdline.c next_arg): at blanks outside double quotes. "--" ends the
 * kernel's part, what follows is init's.
 */
static bool next_param(struct scan *s, struct scan *param)
{
	bool quoted = false;
	const char *p;

	while (!scan_done(s) && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n'))
		s->p++;
	for (p = s->p; p != s->end && *p; p++) {
		if (!quoted && (*p == ' ' || *p == '\t' || *p == '\n'))
			break;
		quoted = quoted != (*p == '"');
	}
	*param = scan_of(s->p, (size_t)(p - s->p));
	s->p = p;
	return !scan_done(param) && !(scan_left(param) == 2 && !memcmp(param->p, "--", 2));
}

/* The value behind "name", "name=value" or "name=\"value\""; the kernel takes '-' and '_' in names for the same. */
static bool param_is(struct scan param, const char *name, struct scan *value)
{
	scan_char(&param, '"');
	for (; *name && *name != '*'; name++, param.p++)
		if (scan_done(&param) || (*param.p == '-' ? '_' : *param.p) != *name)
			return false;
	if (*name == '*') {
		const char *eq = memchr(param.p, '=', scan_left(&param));

		param.p = eq ? eq : param.end;
	}
	scan_char(&param, '=');
	if (!scan_done(&param) && param.p[-1] != '=' && !(scan_left(&param) == 1 && *param.p == '"'))
		return false;
	scan_char(&param, '"');
	if (!scan_done(&param) && param.end[-1] == '"')
		param.end--;
	*value = param;
	return true;
}

static bool contains(const struct scan *s, const char *what)
{
	return memmem(s->p, scan_left(s), what, strlen(what)) != NULL;
}

static const struct option *find_option(struct scan param)
{
	struct scan value;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (param_is(param, options[i].name, &value))
			return &options[i];
	return NULL;
}

/* Does a comma-separated list hold one of these words? */
static bool lists(struct scan value, const char *const *word, size_t n)
{
	while (!scan_done(&value)) {
		const char *comma = memchr(value.p, ',', scan_left(&value));
		size_t len = comma ? (size_t)(comma - value.p) : scan_left(&value), i;

		for (i = 0; i < n; i++)
			if (strlen(word[i]) == len && !memcmp(word[i], value.p, len))
				return true;
		value.p += len + (comma != NULL);
	}
	return false;
}

/* The last iomem= counts, and "strict" over "relaxed" within one (kernel/resource.c strict_iomem). */
static bool relaxed(bool before, const struct scan *value)
{
	return (before || contains(value, "relaxed")) && !contains(value, "strict");
}

/* Appends a parameter as typed, after a blank; one that does not fit whole is left out. */
static void append(char *out, size_t outlen, struct scan param)
{
	size_t have = strlen(out), len = scan_left(&param), blank = have > 0;

	if (have + blank + len >= outlen)
		return;
	if (blank)
		out[have] = ' ';
	scan_copy(out + have + blank, outlen - have - blank, param.p, len);
}

void host_parse_cmdline(const char *text, size_t len, struct host *out)
{
	struct scan s = scan_of(text, len), param, value;

	out->nopat = out->debugpat = out->iomem_relaxed = out->disable_mtrr = false;
	out->options[0] = '\0';
	while (next_param(&s, &param)) {
		const struct option *o = find_option(param);

		if (!o || o->group != MEMORY_TYPE)
			continue;
		append(out->options, sizeof(out->options), param);
		if (param_is(param, "nopat", &value))
			out->nopat = true;
		else if (param_is(param, "debugpat", &value))
			out->debugpat = true;
		else if (param_is(param, "clearcpuid", &value))
			out->disable_mtrr = out->disable_mtrr || lists(value, clears_mtrr, 2);
		else if (param_is(param, "iomem", &value))
			out->iomem_relaxed = relaxed(out->iomem_relaxed, &value);
	}
}

void host_filter_cmdline(const char *text, size_t len, char *out, size_t outlen)
{
	struct scan s = scan_of(text, len), param;

	if (!outlen)
		return;
	out[0] = '\0';
	while (next_param(&s, &param))
		if (find_option(param))
			append(out, outlen, param);
}

/* "none [integrity] confidentiality" (security/lockdown/lockdown.c): the one in brackets is in force. */
enum lockdown host_parse_lockdown(const char *text, size_t len)
{
	static const struct {
		const char *word;
		enum lockdown level;
	} levels[] = {
		{ "[none]", LOCKDOWN_NONE },
		{ "[integrity]", LOCKDOWN_INTEGRITY },
		{ "[confidentiality]", LOCKDOWN_CONFIDENTIALITY },
	};
	enum lockdown found = LOCKDOWN_UNKNOWN;
	struct scan s = scan_of(text, len);
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!contains(&s, levels[i].word))
			continue;
		if (found != LOCKDOWN_UNKNOWN)
			return LOCKDOWN_UNKNOWN;
		found = levels[i].level;
	}
	return found;
}

static void read_release(const struct src *s, struct host *out)
{
	struct blob text;
	int err = src_read(s, RELEASE_PATH, &text);

	if (err) {
		fact_missing(&out->kernel, s, RELEASE_PATH, -err, NULL);
		return;
	}
	scan_copy(out->release, sizeof(out->release), text.data, strcspn(text.data, " \t\r\n"));
	blob_free(&text);
	out->kver = host_parse_release(out->release);
	if (out->kver)
		fact_known(&out->kernel, RELEASE_PATH);
	else
		fact_garbled(&out->kernel, RELEASE_PATH, "\"%.60s\" begins with no version number", out->release);
}

static void read_cmdline(const struct src *s, struct host *out)
{
	struct blob text;
	int err = src_read(s, CMDLINE_PATH, &text);

	if (err) {
		fact_missing(&out->cmdline, s, CMDLINE_PATH, -err, NULL);
		return;
	}
	/* The kernel ends it with a newline even when it is empty. */
	if (!text.len || memchr(text.data, '\0', text.len)) {
		fact_garbled(&out->cmdline, CMDLINE_PATH, text.len ? "holds bytes that no command line has" : "empty");
	} else {
		host_parse_cmdline(text.data, text.len, out);
		fact_known(&out->cmdline, CMDLINE_PATH);
	}
	blob_free(&text);
}

/* An empty directory is where securityfs would be mounted: then nobody knows. A snapshot records ENODEV for that. */
static bool securityfs_missing(const struct src *s)
{
	char **names = NULL;
	size_t n = 0;
	int err;

	if (!src_is_live(s))
		return false;
	err = src_list(s, "/sys/kernel/security", &names, &n);
	src_list_free(names, n);
	return !err && !n;
}

static void read_lockdown(const struct src *s, struct host *out)
{
	struct blob text;
	int err = src_read(s, LOCKDOWN_PATH, &text);

	out->lockdown = LOCKDOWN_UNKNOWN;
	if (err == -ENODEV || (err == -ENOENT && securityfs_missing(s))) {
		fact_missing(&out->lock, s, LOCKDOWN_PATH, -err,
			     "mount securityfs: mount -t securityfs none /sys/kernel/security (as root)");
	} else if (err == -ENOENT) {
		out->lockdown = LOCKDOWN_NONE;
		fact_absent(&out->lock, LOCKDOWN_PATH);
	} else if (err) {
		fact_missing(&out->lock, s, LOCKDOWN_PATH, -err, "run as root");
	} else {
		out->lockdown = host_parse_lockdown(text.data, text.len);
		if (out->lockdown == LOCKDOWN_UNKNOWN)
			fact_garbled(&out->lock, LOCKDOWN_PATH, "no known level in brackets");
		else
			fact_known(&out->lock, LOCKDOWN_PATH);
		blob_free(&text);
	}
}

void host_read(const struct src *s, struct host *out)
{
	*out = (struct host){0};
	read_release(s, out);
	read_cmdline(s, out);
	read_lockdown(s, out);
}
