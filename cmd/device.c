/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.c - DEVICE[:BAR], -s and -d. */
#include "cmd/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/machine.h"

/* "01:00.0:2" and "0000:01:00.0:2": a BAR follows the colon after the function, so after the last dot. */
int device_arg_parse(const struct cmd *c, const char *arg, struct device_arg *out)
{
	const char *dot = strrchr(arg, '.'), *colon = dot ? strchr(dot, ':') : NULL;
	size_t n = colon ? (size_t)(colon - arg) : strlen(arg);

	if (*out->slot)
		return cmd_fail(c, arg, "a second device", "name one DEVICE, or a filter: -s, -d");
	if (!n || n >= sizeof(out->slot))
		return cmd_fail(c, arg, "not a PCI slot",
				"write it as lspci does: 01:00.0 or 0000:01:00.0, with :BAR behind if you like");
	memcpy(out->slot, arg, n);
	out->slot[n] = '\0';
	out->typed = arg;
	if (!colon)
		return 0;
	if (colon[1] < '0' || colon[1] > '5' || colon[2])
		return cmd_fail(c, arg, "no such BAR", "BARs are numbered 0 to 5");
	out->bar = colon[1] - '0';
	return 0;
}

int device_parse(const struct cmd *c, int argc, char **argv, struct common *o,
		 int (*own)(int val, const char *arg, void *ctx), void *ctx, struct device_arg *dev)
{
	int at, rc = common_parse(c, argc, argv, o, own, ctx, &at);

	if (rc >= 0)
		return rc;
	for (; at < argc; at++)
		if (device_arg_parse(c, argv[at], dev)) {
			common_free(o);
			return EXIT_FAILED;
		}
	return -1;
}

int device_arg_opt(const struct cmd *c, int val, const char *arg, struct device_arg *out)
{
	if (val == 's')
		return device_arg_parse(c, arg, out);
	out->id = arg;
	if (!out->typed)
		out->typed = arg;
	return 0;
}

bool device_arg_given(const struct device_arg *d)
{
	return *d->slot || d->id;
}

static int fail(const struct cmd *c, const char *what, const char *why, const char *todo, char *buf, size_t len)
{
	if (buf) {
		snprintf(buf, len, "%s: %s", what, why);
		return EXIT_FAILED;
	}
	return cmd_fail(c, what, why, todo);
}

static int check_bar(const struct cmd *c, const struct machine *m, const struct device_arg *d, const bool *sel,
		     char *why, size_t whylen)
{
	for (size_t i = 0; i < m->pci.n; i++) {
		const struct pci_bar *b = &m->pci.dev[i].bar[d->bar];

		if (!sel[i])
			continue;
		if (!b->size && !pci_bar_unplaced(b))
			return fail(c, d->typed, "the device has no such BAR", "see which it has: wcdiag bars", why,
				    whylen);
		if (!(b->flags & RES_MEM))
			return fail(c, d->typed, "that BAR is I/O, not memory: nothing to combine", "see: wcdiag bars",
				    why, whylen);
	}
	return 0;
}

int device_select(const struct cmd *c, const struct machine *m, const struct device_arg *d, bool **selected, char *why,
		  size_t whylen)
{
	char what[200] = "";
	int n;

	*selected = NULL;
	if (!device_arg_given(d))
		return 0;
	if (m->pci.fact.state != FACT_KNOWN)
		return fail(c, m->pci.fact.where,
			    m->pci.fact.state == FACT_ABSENT ? "this machine has no PCI" : m->pci.fact.why,
			    m->pci.fact.remedy, why, whylen);
	*selected = calloc(m->pci.n ? m->pci.n : 1, sizeof(**selected));
	if (!*selected)
		return fail(c, d->typed, strerror(ENOMEM), NULL, why, whylen);
	n = pci_select(&m->pci, *d->slot ? d->slot : NULL, d->id, *selected, what, sizeof(what));
	if (n < 0)
		n = fail(c, d->typed, *what ? what : strerror(-n), "write it as lspci does", why, whylen);
	else if (!n)
		n = fail(c, d->typed, "no such device", "see which there are: wcdiag bars", why, whylen);
	else
		n = d->bar >= 0 ? check_bar(c, m, d, *selected, why, whylen) : 0;
	if (n) {
		free(*selected);
		*selected = NULL;
	}
	return n;
}
