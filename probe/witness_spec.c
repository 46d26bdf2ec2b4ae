/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_spec.c - the argument of --witness. Pure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scan.h"
#include "witness.h"

static int reg(struct scan *s, struct witness_spec *w, const char **what)
{
	uint64_t bar, width;

	if (!scan_dec(s, 5, &bar)) {
		*what = "BAR is a number from 0 to 5";
		return -EINVAL;
	}
	if (!scan_char(s, '+') || (!scan_0x(s, &w->offset) && !scan_dec(s, UINT64_MAX, &w->offset))) {
		*what = "OFFSET is a number, 0x for hex";
		return -EINVAL;
	}
	if (!scan_char(s, ':') || !scan_dec(s, 64, &width) || !scan_done(s) ||
	    (width != 4 && width != 8 && width != 32 && width != 64)) {
		*what = "WIDTH is 4 or 8 bytes (or 32 or 64 bits)";
		return -EINVAL;
	}
	w->bar = (unsigned int)bar;
	w->width = (unsigned int)(width > 8 ? width / 8 : width);
	if (w->offset % w->width) {
		*what = "OFFSET is no multiple of the register's width";
		return -EINVAL;
	}
	return 0;
}

int witness_parse(const char *text, struct witness_spec *out, const char **what)
{
	struct witness_spec w = { .kind = WITNESS_KINDS };
	struct scan s = scan_of(text, strlen(text));
	int err = 0;

	*what = "it is reg:BAR+OFFSET:WIDTH, cmd:PROGRAM, pmu or timing";
	if (scan_lit(&s, "reg:")) {
		w.kind = WITNESS_REG;
		err = reg(&s, &w, what);
	} else if (scan_lit(&s, "cmd:")) {
		w.kind = WITNESS_CMD;
		if (scan_done(&s) || scan_left(&s) >= sizeof(w.program)) {
			*what = scan_done(&s) ? "PROGRAM is missing" : "PROGRAM is too long";
			return -EINVAL;
		}
		memcpy(w.program, s.p, scan_left(&s));
	} else if (!strcmp(text, "pmu")) {
		w.kind = WITNESS_PMU;
	} else if (!strcmp(text, "timing")) {
		w.kind = WITNESS_TIMING;
	} else {
		err = -EINVAL;
	}
	if (!err)
		*out = w;
	return err;
}

void witness_spec_name(const struct witness_spec *spec, char *buf, size_t len)
{
	switch (spec->kind) {
	case WITNESS_REG:
		snprintf(buf, len, "reg:%u+0x%" PRIx64 ":%u", spec->bar, spec->offset, spec->width);
		return;
	case WITNESS_CMD:
		snprintf(buf, len, "cmd:%s", spec->program);
		return;
	case WITNESS_PMU:
		snprintf(buf, len, "pmu");
		return;
	default:
		snprintf(buf, len, "timing");
	}
}
