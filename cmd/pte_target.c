/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_target.c - what "wcdiag pte" is to read: options, addresses, lengths. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/pte.h"

#define PAGE 4096ULL

enum { VAL_SELF = 1600, VAL_KERNEL, VAL_BAR, VAL_EVERY, VAL_PID, VAL_VERIFY };

const struct opt pte_opts[] = {
	{ VAL_PID, "pid", "PID", "of this process: all of it, or the range ADDR[+LEN]" },
	{ VAL_BAR, "bar", "SLOT:N",
	  "of this BAR: every process's and every kernel mapping of it; with --pid that process's" },
	{ VAL_KERNEL, "kernel", "ADDR[+LEN]", "of this range of the kernel's address space" },
	{ VAL_SELF, "self", NULL, "of wcdiag itself: also a test of the reader" },
	{ VAL_VERIFY, "verify", NULL, "read them by the helper module and by kcore, and show only where the two differ" },
	{ VAL_EVERY, "every", NULL, "do not fold pages that differ in accessed, dirty or software bits" },
	{ 'a', "all", NULL, "also where nothing is mapped" },
	TABLE_OPTS,
	{ 0, NULL, NULL, NULL },
};

/* A number as C has it, without octal: "0x7f00", "4096"; *end: behind it. */
static bool number(const char *s, uint64_t *v, const char **end)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	const char *digits = hex ? s + 2 : s;
	char *e;

	if (!strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", *digits) || !*digits)
		return false;
	errno = 0;
	*v = strtoull(digits, &e, hex ? 16 : 10);
	*end = e;
	return !errno;
}

static bool unit(const char **s, uint64_t *v)
{
	static const char units[] = "KMGT";
	const char *u = **s ? strchr(units, **s & ~0x20) : NULL;
	unsigned int shift = u ? 10 * (unsigned int)(u - units + 1) : 0;

	if (!u)
		return true;
	++*s;
	if (!strncmp(*s, "iB", 2))
		*s += 2;
	if (*v > UINT64_MAX >> shift)
		return false;
	*v <<= shift;
	return true;
}

const char *pte_range(const char *arg, uint64_t *start, uint64_t *end)
{
	static const char form[] = "not an address: 0x7f12345000, 0x7f12345000+64K, or decimal";
	uint64_t len = 1, last;
	const char *p;

	if (!number(arg, start, &p) || (*p && *p != '+'))
		return form;
	if (*p == '+' && (!number(p + 1, &len, &p) || !unit(&p, &len) || *p || !len))
		return "not a length: 4096, 64K, 2M, 1G";
	if (len - 1 > UINT64_MAX - *start)
		return "it goes beyond the end of the address space";
	last = *start + (len - 1);
	*start &= ~(PAGE - 1);
	/* The very last page of the address space has no end that 64 bits can hold. */
	*end = last >= UINT64_MAX - PAGE + 1 ? UINT64_MAX - PAGE + 1 : (last | (PAGE - 1)) + 1;
	return *start < *end ? NULL : "the last page of the address space cannot be asked for";
}

static int set_range(struct pte_target *t, const char *arg)
{
	const char *why;

	if (t->range)
		return cmd_fail(t->c, arg, "a second address", "name one range: ADDR[+LEN]");
	why = pte_range(arg, &t->start, &t->end);
	if (why)
		return cmd_fail(t->c, arg, why, "see --help");
	t->range = arg;
	return 0;
}

static int set_pid(struct pte_target *t, const char *arg)
{
	const char *end;
	uint64_t v;

	if (!number(arg, &v, &end) || *end || !v || v > INT32_MAX)
		return cmd_fail(t->c, arg, "not a process number", "see --help");
	t->pid = (int)v;
	return 0;
}

static int set_bar(struct pte_target *t, const char *arg)
{
	int rc = device_arg_parse(t->c, arg, &t->bar);

	if (!rc && t->bar.bar < 0)
		rc = cmd_fail(t->c, arg, "which BAR of it?", "write it as 01:00.0:2; see: wcdiag bars");
	return rc;
}

int pte_option(int val, const char *arg, void *ctx)
{
	struct pte_target *t = ctx;

	switch (val) {
	case VAL_PID:
		return set_pid(t, arg);
	case VAL_BAR:
		return set_bar(t, arg);
	case VAL_KERNEL:
		t->kernel = true;
		return set_range(t, arg);
	case VAL_SELF:
		t->self = true;
		return 0;
	case VAL_VERIFY:
		t->verify = true;
		return 0;
	case VAL_EVERY:
		t->every = true;
		return 0;
	case 'a':
		t->all = true;
		return 0;
	default:
		return table_opt(&t->table, val, arg) ? 0 : EXIT_FAILED;
	}
}

int pte_positional(struct pte_target *t, const char *arg)
{
	return set_range(t, arg);
}

int pte_target_check(struct pte_target *t, bool live)
{
	bool bar = device_arg_given(&t->bar);

	if (!t->pid && !t->self && !t->kernel && !bar)
		return cmd_fail(t->c, t->range ? t->range : "nothing to read", "of whom?",
				"name --pid PID, --bar SLOT:N, --kernel ADDR, or --self");
	if ((t->pid != 0) + t->self + t->kernel > 1)
		return cmd_fail(t->c, "--pid, --kernel, --self", "more than one of them", "read one at a time");
	if (bar && (t->kernel || t->self))
		return cmd_fail(t->c, "--bar", "goes alone, or with --pid",
				"--bar SLOT:N shows the kernel's mappings as well");
	if (bar && t->range)
		return cmd_fail(t->c, t->range, "an address besides --bar", "name one of them");
	if (t->self && !live)
		return cmd_fail(t->c, "--self", "reads this very program", "leave out --root");
	if (t->verify && !live)
		return cmd_fail(t->c, "--verify", "reads this machine twice", "leave out --root");
	if (t->self)
		t->pid = (int)getpid();
	return 0;
}
