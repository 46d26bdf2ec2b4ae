// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_opts.c - the options of "wcdiag drive", most of which "wcdiag check" takes, too. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/drive.h"
#include "cmd/drive_opts.h"

const struct opt drive_opts[] = {
	DRIVE_OPT_SCRATCH("the bytes of the BAR that may be overwritten: without it nothing runs"),
	{ VAL_SIDE, "side", "SIDE", "user, kernel, or both (default)" },
	DRIVE_OPT_BY,
	DRIVE_OPT_PATTERN("these patterns; reference (default, with the control), spoilers, all"),
	{ VAL_LIST, "list-patterns", NULL, "which there are, and whether this CPU has them" },
	DRIVE_OPTS_SHARED,
	DRIVE_OPT_WITNESS("who counts: reg:BAR+OFFSET:WIDTH, cmd:PROGRAM, pmu, timing; several may be given"),
	{ VAL_IRQS, "interrupts-off", NULL, "kernel: interrupts off during each batch" },
	{ VAL_WITNESSES, "list-witnesses", NULL, "which this machine offers, or why not" },
	{ VAL_PREDICTED, "predicted", "FILE", "write the predicted TLPs: tlp ADDR DWS FBE LBE" },
	{ 0, NULL, NULL, NULL },
};

static bool number(const char *s, uint64_t max, uint64_t *v, const char **end)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	const char *digits = hex ? s + 2 : s;
	char *e;

	if (!isxdigit((unsigned char)*digits) || (!hex && !isdigit((unsigned char)*digits)))
		return false;
	errno = 0;
	*v = strtoull(digits, &e, hex ? 16 : 10);
	if (errno)
		return false;
	if ((*e == 'K' || *e == 'M') && *v <= UINT64_MAX >> 20)
		*v <<= *e++ == 'K' ? 10 : 20;
	*end = e;
	return *v <= max;
}

static int count(struct drive_args *a, const char *name, const char *arg, uint64_t min, uint64_t max, uint64_t *v)
{
	const char *end;
	char limits[64];

	if (number(arg, max, v, &end) && !*end && *v >= min)
		return 0;
	snprintf(limits, sizeof(limits), "%" PRIu64 " to %" PRIu64, min, max);
	return cmd_fail(a->c, name, "not a number in its limits", limits);
}

static int small(struct drive_args *a, const char *name, const char *arg, uint64_t min, uint64_t max, unsigned int *v)
{
	uint64_t wide;
	int rc = count(a, name, arg, min, max, &wide);

	if (!rc)
		*v = (unsigned int)wide;
	return rc;
}

static int set_scratch(struct drive_args *a, const char *arg)
{
	const char *end;

	if (a->plan.have_scratch)
		return cmd_fail(a->c, "--scratch", "given twice", "one range");
	if (!number(arg, UINT64_MAX, &a->plan.offset, &end) || *end != '+' ||
	    !number(end + 1, UINT64_MAX, &a->plan.length, &end) || *end)
		return cmd_fail(a->c, arg, "not OFFSET+LENGTH",
				"as 0x1000+4K: from byte 0x1000 of the BAR, 4096 bytes");
	a->plan.have_scratch = true;
	return 0;
}

static int set_side(struct drive_args *a, const char *arg)
{
	bool both = !strcmp(arg, "both");

	a->plan.side[DRIVE_USER] = both || !strcmp(arg, "user");
	a->plan.side[DRIVE_KERNEL] = both || !strcmp(arg, "kernel");
	if (!a->plan.side[DRIVE_USER] && !a->plan.side[DRIVE_KERNEL])
		return cmd_fail(a->c, arg, "no such side", "user, kernel or both");
	return 0;
}

static int set_by(struct drive_args *a, const char *arg)
{
	static const char *const words[] = { "wc", "uc", "module", "module-uc" };

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(arg, words[i])) {
			a->plan.by = (enum drive_by)i;
			return 0;
		}
	return cmd_fail(a->c, arg, "no such way to map", "wc, uc, module or module-uc");
}

/* The last @ with a number behind it; a name may hold others. -1: where the scratch range's page is in the BAR. */
static int set_map(struct drive_args *a, const char *arg)
{
	static char file[512];
	const char *at = strrchr(arg, '@'), *end;
	size_t n = at ? (size_t)(at - arg) : strlen(arg);

	a->plan.file_offset = UINT64_MAX;
	if (at && (!number(at + 1, INT64_MAX, &a->plan.file_offset, &end) || *end))
		return cmd_fail(a->c, arg, "no offset behind the @", "as /dev/mydev0@0x1000");
	if (!n || n >= sizeof(file))
		return cmd_fail(a->c, arg, "not a file's name", "as /dev/mydev0@0x1000");
	memcpy(file, arg, n);
	file[n] = '\0';
	a->plan.file = file;
	return 0;
}

static void add_pattern(struct drive_args *a, unsigned int id)
{
	for (size_t i = 0; i < a->plan.npattern; i++)
		if (a->pattern[i] == id)
			return;
	a->pattern[a->plan.npattern++] = id;
}

static bool add_role(struct drive_args *a, bool good, bool spoilers)
{
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++)
		if (wcdiag_store_patterns[i].role == WCDIAG_STORE_SPOILER ? spoilers : good)
			add_pattern(a, i);
	return true;
}

static bool add_named(struct drive_args *a, const char *name)
{
	int id;

	if (!strcmp(name, "reference"))
		return add_role(a, true, false);
	if (!strcmp(name, "spoilers"))
		return add_role(a, false, true);
	if (!strcmp(name, "all"))
		return add_role(a, true, true);
	id = stores_find(name);
	if (id >= 0)
		add_pattern(a, (unsigned int)id);
	return id >= 0;
}

static int set_patterns(struct drive_args *a, const char *list)
{
	char name[64];

	for (;;) {
		size_t n = strcspn(list, ",");

		if (n >= sizeof(name))
			return cmd_fail(a->c, list, "no such pattern", "see wcdiag drive --list-patterns");
		memcpy(name, list, n);
		name[n] = '\0';
		if (!add_named(a, name))
			return cmd_fail(a->c, *name ? name : "--pattern", *name ? "no such pattern" : "an empty name",
					"see wcdiag drive --list-patterns");
		if (!list[n])
			return 0;
		list += n + 1;
	}
}

static int set_fill(struct drive_args *a, const char *arg)
{
	size_t n = strlen(arg) / 2;

	if (!n || n > WCDIAG_STORE_LINE || strlen(arg) % 2 || strspn(arg, "0123456789abcdefABCDEF") != 2 * n)
		return cmd_fail(a->c, arg, "not 1 to 64 bytes in hex", "two digits a byte, as 00ff");
	for (size_t i = 0; i < WCDIAG_STORE_LINE; i++) {
		char digits[3] = { arg[2 * (i % n)], arg[2 * (i % n) + 1], '\0' };

		a->plan.data[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static int add_witness(struct drive_args *a, const char *arg)
{
	const char *what = NULL;
	int err = drive_witness_add(a->witness, arg, &what);

	if (err == -E2BIG)
		return cmd_fail(a->c, arg, "a witness too many", "4 at most");
	if (err)
		return cmd_fail(a->c, arg, what ? what : "not a witness", "see wcdiag-witness(7)");
	return 0;
}

int drive_option(int val, const char *arg, void *ctx)
{
	struct drive_args *a = ctx;
	unsigned int v;
	int rc;

	switch (val) {
	case VAL_SCRATCH:
		return set_scratch(a, arg);
	case VAL_SIDE:
		return set_side(a, arg);
	case VAL_BY:
		return set_by(a, arg);
	case VAL_MAP:
		return set_map(a, arg);
	case 'p':
		return set_patterns(a, arg);
	case VAL_LIST:
		a->list_patterns = true;
		return 0;
	case VAL_LINES:
		return small(a, "--lines", arg, 1, WCDIAG_STORE_MAX_LINES, &a->plan.lines);
	case VAL_GAP:
		return small(a, "--gap", arg, 1, WCDIAG_STORE_MAX_GAP, &a->plan.gap);
	case VAL_MESSAGES:
		/* The module takes at most 2^24 lines a call, and a message may have 64. */
		return count(a, "--messages", arg, 1, 1U << 18, &a->plan.messages);
	case VAL_REPEAT:
		return small(a, "--repeat", arg, 1, 10000, &a->plan.repeat);
	case VAL_WARM:
		return count(a, "--warm-up", arg, 0, 1U << 18, &a->plan.warm_up);
	case VAL_CPU:
		rc = small(a, "--cpu", arg, 0, 1023, &v);
		a->plan.cpu = rc ? -1 : (int)v;
		return rc;
	case VAL_IRQS:
		a->plan.irqs_off = true;
		return 0;
	case VAL_FILL:
		return set_fill(a, arg);
	case VAL_FORCE:
		a->plan.force = true;
		return 0;
	case VAL_WITNESS:
		return add_witness(a, arg);
	case VAL_WITNESSES:
		a->list_witnesses = true;
		return 0;
	case VAL_PREDICTED:
		a->predicted = arg;
		return 0;
	default:
		return EXIT_FAILED;
	}
}

int drive_positional(struct drive_args *a, const char *arg)
{
	return device_arg_parse(a->c, arg, &a->dev);
}

int drive_args_check(struct drive_args *a)
{
	struct drive_plan *p = &a->plan;

	if (a->list_patterns || a->list_witnesses)
		return 0;
	if (!device_arg_given(&a->dev))
		return cmd_fail(a->c, "DEVICE:BAR", "which device?", "as 01:00.0:2; see: wcdiag bars");
	if (a->dev.bar < 0)
		return cmd_fail(a->c, a->dev.typed, "which BAR of it?", "write it as 01:00.0:2; see: wcdiag bars");
	if (!p->have_scratch)
		return cmd_fail(a->c, a->dev.typed, "nothing may be written without a scratch range",
				"--scratch OFFSET+LENGTH names the bytes of the BAR that may be overwritten");
	if (p->irqs_off && !p->side[DRIVE_KERNEL])
		return cmd_fail(a->c, "--interrupts-off", "only the kernel can", "--side kernel or both");
	if (p->file && !p->side[DRIVE_USER])
		return cmd_fail(a->c, "--map", "is the user's way to map", "--side user or both");
	if (p->file && p->by >= DRIVE_BY_MODULE)
		return cmd_fail(a->c, "--map", "goes not with --by module", "the kernel's side is --by wc or --by uc");
	if (p->file && p->file_offset == UINT64_MAX)
		p->file_offset = p->offset & ~4095ULL;
	if (!p->npattern)
		add_role(a, true, false);
	p->pattern = a->pattern;
	p->keep = a->keep;
	p->nkeep = drive_witness_keeps(a->witness, a->dev.bar, a->keep);
	return 0;
}
