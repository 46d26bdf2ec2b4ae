// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * version.c - this program's version, and those of the libraries that answer now: not always those that it was built
 * with.
 *
 * The first line is the program's alone, "wcdiag VERSION", for scripts.
 */
#include "cmd/version.h"

#include <Zydis/Zydis.h>
#include <gnu/libc-version.h>
#include <json-c/json_c_version.h>
#include <libcpuid/libcpuid.h>
#include <libsmartcols.h>
#include <pci/pci.h>
#include <stdio.h>
#include <string.h>

#include "probe/archive_lib.h"
#include "probe/dw_lib.h"
#include "probe/kcore.h"
#include "probe/pcap_lib.h"
#include "probe/watch_bpf.h"

#ifdef WCDIAG_NCURSES
#define NCURSES_WIDECHAR 1
#include <curses.h>
#endif

struct library {
	const char *name;
	/* The version of what is loaded; NULL: it cannot be had, and *why. buf is room for it. */
	const char *(*version)(char *buf, size_t len, const char **why);
	const char *purpose; /* of one that is loaded late; NULL: always loaded */
};

static const char *libc_version(char *buf, size_t len, const char **why)
{
	(void)buf, (void)len, (void)why;
	return gnu_get_libc_version();
}

/* libpci alone does not tell: what it was built with, and that has to do. */
static const char *libpci_version(char *buf, size_t len, const char **why)
{
	(void)why;
	snprintf(buf, len, "%d.%d.%d (built with)", PCI_LIB_VERSION >> 16, PCI_LIB_VERSION >> 8 & 0xff,
		 PCI_LIB_VERSION & 0xff);
	return buf;
}

static const char *libcpuid_version(char *buf, size_t len, const char **why)
{
	(void)buf, (void)len, (void)why;
	return cpuid_lib_version();
}

static const char *smartcols_version(char *buf, size_t len, const char **why)
{
	const char *v = NULL;

	(void)buf, (void)len, (void)why;
	scols_get_library_version(&v);
	return v;
}

static const char *jsonc_version(char *buf, size_t len, const char **why)
{
	(void)buf, (void)len, (void)why;
	return json_c_version();
}

static const char *zydis_version(char *buf, size_t len, const char **why)
{
	ZyanU64 v = ZydisGetVersion();

	(void)why;
	snprintf(buf, len, "%u.%u.%u", ZYDIS_VERSION_MAJOR(v), ZYDIS_VERSION_MINOR(v), ZYDIS_VERSION_PATCH(v));
	return buf;
}

static const char *ncurses_version(char *buf, size_t len, const char **why)
{
	(void)buf, (void)len, (void)why;
#ifdef WCDIAG_NCURSES
	const char *v = curses_version(); /* "ncurses 6.4.20221231" */

	return strncmp(v, "ncurses ", 8) ? v : v + 8;
#else
	*why = "this wcdiag was built without ncurses";
	return NULL;
#endif
}

/* The number in "libarchive 3.6.2", "libpcap version 1.10.3 (with ...)". */
static const char *number(const char *s, char *buf, size_t len)
{
	s += strcspn(s, "0123456789");
	snprintf(buf, len, "%.*s", (int)strcspn(s, " "), s);
	return buf;
}

static const char *libarchive_version(char *buf, size_t len, const char **why)
{
	const struct archive_lib *a = archive_lib(why);

	return a ? number(a->archive_version_string(), buf, len) : NULL;
}

static const char *libdw_version(char *buf, size_t len, const char **why)
{
	const struct dw_lib *d = dw_lib(why);

	(void)buf, (void)len;
	return d ? d->dwfl_version(NULL) : NULL;
}

static const char *libpcap_version(char *buf, size_t len, const char **why)
{
	const struct pcap_lib *p = pcap_lib(why);

	return p ? number(p->pcap_lib_version(), buf, len) : NULL;
}

static const char *libbpf_version(char *buf, size_t len, const char **why)
{
	const char *v = kcore_libbpf(why);

	return v ? number(v, buf, len) : NULL;
}

/* No library: a program of our own, for the kernel. */
static const char *bpf_built(char *buf, size_t len, const char **why)
{
	(void)buf, (void)len;
	*why = "this wcdiag was built without (clang, bpftool)";
	return watch_has_bpf() ? "built in" : NULL;
}

static const struct library libraries[] = {
	{ .name = "libc", .version = libc_version },
	{ .name = "libpci", .version = libpci_version },
	{ .name = "libcpuid", .version = libcpuid_version },
	{ .name = "libsmartcols", .version = smartcols_version },
	{ .name = "json-c", .version = jsonc_version },
	{ .name = "Zydis", .version = zydis_version },
	{ .name = "ncurses", .version = ncurses_version },
	{ .name = "libarchive", .version = libarchive_version, .purpose = "snapshots in one file" },
	{ .name = "libdw", .version = libdw_version, .purpose = "source lines of wcdiag trace" },
	{ .name = "libpcap", .version = libpcap_version, .purpose = "captures of wcdiag compare and model" },
	{ .name = "libbpf", .version = libbpf_version, .purpose = "page table entries without the module, and wcdiag watch" },
	{ .name = "BPF", .version = bpf_built, .purpose = "wcdiag watch" },
};

void version_print(void)
{
	printf("wcdiag %s\n", WCDIAG_FULL_VERSION);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		const struct library *l = &libraries[i];
		const char *why = NULL;
		char buf[80];
		const char *v = l->version(buf, sizeof(buf), &why);

		printf("  %-13s %s", l->name, v ? v : why ? why : "of no known version");
		if (l->purpose)
			printf("%s%s", v ? ", loaded for " : "; needed only for ", l->purpose);
		putchar('\n');
	}
}
