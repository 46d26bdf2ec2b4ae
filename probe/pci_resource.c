/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_resource.c - the sysfs file "resource" of a device. Pure. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "pci_int.h"

/* One number in the kernel's form, 0x and up to 16 hex digits; NULL when there is none. */
static const char *hex_number(const char *p, const char *end, unsigned int *digits, uint64_t *value)
{
	*digits = 0;
	*value = 0;
	if (end - p < 3 || p[0] != '0' || p[1] != 'x')
		return NULL;
	for (p += 2; p < end && isxdigit((unsigned char)*p); p++) {
		unsigned int c = (unsigned char)*p;

		*value = *value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
		(*digits)++;
	}
	return *digits >= 1 && *digits <= 16 ? p : NULL;
}

static bool resource_line(const char *p, const char *end, bool cut, uint64_t value[3])
{
	unsigned int digits = 0;

	for (int i = 0; i < 3; i++) {
		if (i && (p == end || *p++ != ' '))
			return false;
		p = hex_number(p, end, &digits, &value[i]);
		if (!p)
			return false;
	}
	/* Without its newline a line may have been cut: only the kernel's full width proves it whole. */
	return p == end && (!cut || digits == 16);
}

int pci_resource_parse(const char *text, size_t len, struct pci_resource r[PCI_RESOURCE_LINES], unsigned int *line,
		       const char **what)
{
	/* 6 BARs and the ROM; 6 more with CONFIG_PCI_IOV; 4 more windows on a bridge (drivers/pci/pci-sysfs.c). */
	enum { LEAST = 7, MOST = PCI_RESOURCE_LINES };
	const char *p = text, *end = text + len;

	for (*line = 1; p < end; (*line)++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (*line > MOST) {
			*what = "more lines than a device has resources";
			return -EBADMSG;
		}
		uint64_t value[3];

		if (!resource_line(p, nl ? nl : end, !nl, value)) {
			*what = "not \"START END FLAGS\" in hexadecimal";
			return -EBADMSG;
		}
		/* libpci would silently drop it; only a bridge's closed window may run backwards. */
		if (*line <= 6 && (value[2] & RES_MEM) && value[1] < value[0]) {
			*what = "the end is below the start";
			return -EBADMSG;
		}
		r[*line - 1] = (struct pci_resource){ value[0], value[1], value[2] };
		p = nl ? nl + 1 : end;
	}
	if (--*line < LEAST) {
		*what = "the file ends before the seventh line";
		return -EBADMSG;
	}
	return 0;
}

void pci_window_set(struct pci_window *w, unsigned int i, uint64_t start, uint64_t size, uint64_t flags)
{
	*w = (struct pci_window){ .start = start, .end = start + size, .io = i == 0, .prefetch = i == 2 };
	if (!size || w->end < w->start || (flags & (RES_UNSET | RES_DISABLED)))
		w->start = w->end = 0;
}
