// SPDX-License-Identifier: GPL-2.0-or-later
/* drive.c - "wcdiag drive": stores into a part of a BAR that the user has named, from the kernel and from user space.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "cmd/view.h"
#include "probe/machine.h"
#include "probe/src.h"

static int verdict(const struct drive_out *o)
{
	int counted = drive_witness_verdict(o);

	if (counted == EXIT_BROKEN)
		return counted;
	for (size_t i = 0; i < o->nphase; i++)
		if (o->phase[i].state != DRIVE_DONE || !o->phase[i].list_known || !o->phase[i].list_same ||
		    o->phase[i].effective == MT_UNKNOWN)
			return EXIT_UNKNOWN;
	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			if (o->phase[i].row[k].state == DRIVE_STOPPED)
				return EXIT_UNKNOWN;
	return counted;
}

static void drive(struct view *v, struct drive_args *a)
{
	struct drive_out o;
	FILE *f = NULL;

	/* Before anything is stored: afterwards it would be too late to say that it cannot be written. */
	if (a->predicted && !(f = fopen(a->predicted, "we"))) {
		v->rc = cmd_fail_errno(a->c, a->predicted, errno, NULL);
		return;
	}
	v->rc = drive_go(a, v->m->src, NULL, NULL, &o);
	if (!v->rc) {
		v->rc = verdict(&o);
		if (v->json)
			drive_json(v->json, &o);
		else
			drive_show(v, &o);
		if (f && drive_predicted_write(f, &o))
			v->rc = EXIT_FAILED;
		f = NULL;
	}
	if (f)
		fclose(f);
	drive_out_free(&o);
}

static void show(struct view *v, void *ctx)
{
	struct drive_args *a = ctx;

	if (a->list_witnesses && !device_arg_given(&a->dev)) {
		drive_witness_list(v, a);
		return;
	}
	v->rc = drive_find_device(a, v->m);
	if (v->rc)
		return;
	if (a->list_witnesses) {
		drive_witness_list(v, a);
		return;
	}
	v->rc = drive_refuse(a);
	if (!v->rc)
		drive(v, a);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	static struct drive_witnesses witnesses;
	struct drive_args a = {
		.c = c,
		.witness = &witnesses,
		.dev = { .bar = -1 },
		.plan = { .cpu = -1, .side = { true, true }, .messages = 10000, .repeat = 10, .warm_up = 1000 },
	};
	struct view v = { .c = c };
	struct src *s = NULL;
	int at, rc;

	for (unsigned int i = 0; i < sizeof(a.plan.data); i++)
		a.plan.data[i] = (uint8_t)i;
	rc = common_parse(c, argc, argv, &v.o, drive_option, &a, &at);
	if (rc >= 0)
		return rc;
	for (rc = 0; at < argc && !rc; at++)
		rc = drive_positional(&a, argv[at]);
	if (!rc)
		rc = drive_args_check(&a);
	if (!rc && a.list_patterns)
		rc = drive_list_patterns(&v.o);
	else if (!rc) {
		rc = common_open(&v.o, &s);
		if (!rc)
			rc = view_show(&v, s,
				       READ_MSR | READ_PROC_MTRR | READ_PCI | READ_IOMEM | READ_VMALLOC | READ_LIST |
					       READ_KLOG | READ_MAPS,
				       show, &a);
	}
	src_close(s);
	common_free(&v.o);
	return rc;
}

const struct cmd cmd_drive = {
	.name = "drive",
	.args = "DEVICE:BAR --scratch OFFSET+LENGTH",
	.help = "stores into a part of a BAR that you name, from kernel and user space: what each pattern becomes",
	.more = "This writes to the device: to the bytes that --scratch names, and to no others. What was there is "
		"lost,\n"
		"nothing is restored. One side, one mapping after the other; each says which entries it really had "
		"and\n"
		"who else held the range. Only this machine, no snapshot. The kernel's side takes the helper module,\n"
		"loaded with stores=1.\n\n"
		"Exit status: 0 done; 1 a witness counted split lines, for a pattern that fills them, through a WC "
		"entry;\n"
		"2 a side did not run, was ended early, or its type is not known; 3 usage error, refused, or failure.",
	.opts = drive_opts,
	.common = OPT_JSON | OPT_READER,
	.run = run,
};
