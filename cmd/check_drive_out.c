// SPDX-License-Identifier: GPL-2.0-or-later
/* check_drive_out.c - what was stored and what became of it, beside a BAR's judgement. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/check_drive.h"
#include "cmd/check_trace.h"
#include "cmd/json.h"
#include "cmd/text.h"

#define INDENT 12

static void predicted(const struct drive_args *a, const struct drive_row *row, char *buf, size_t len)
{
	const struct drive_prediction *e = &row->each;
	uint64_t lines = drive_row_lines(a, row);
	double each;
	size_t n;

	if (!e->known) {
		snprintf(buf, len, "not predicted: %s", e->why);
		return;
	}
	if (!lines)
		return;
	each = (double)e->tlps * row->runs / (double)lines;
	n = (size_t)snprintf(buf, len, "%.4g TLP%s a line predicted", each, each > 1 ? "s" : "");
	if (e->best != e->worst && n < len)
		snprintf(buf + n, len - n, " (%.4g to %.4g)", (double)e->best * row->runs / (double)lines,
			 (double)e->worst * row->runs / (double)lines);
}

/* What each witness counted, by the line too. */
static void counted(const struct check_drive *d, const struct drive_phase *ph, const struct drive_row *row, char *buf,
		    size_t len)
{
	uint64_t lines = drive_row_lines(&d->a, row);
	size_t n = 0;

	*buf = '\0';
	for (size_t i = 0; i < d->witnesses.n && n < len && lines && row->runs; i++) {
		const struct drive_witness *w = &d->witnesses.w[i];
		const struct witness_counts *c = &w->seen[ph->side][row->pattern].sum;
		double low, high;

		if (c->runs[WITNESS_TLPS])
			n += (size_t)snprintf(buf + n, len - n, ", %.4g counted by %s",
					      (double)c->count[WITNESS_TLPS] * row->runs / c->runs[WITNESS_TLPS] /
						      (double)lines,
					      w->name);
		else if (!drive_full_rate(c, &row->each, &low, &high))
			n += (size_t)snprintf(buf + n, len - n, ", %.1f%% of the lines whole by %s", 100 * high,
					      w->name);
	}
}

static void one_row(const struct check_drive *d, const struct drive_phase *ph, const struct drive_row *row)
{
	char said[200] = "", by[400] = "", line[900], clean[900];

	if (row->state == DRIVE_SKIPPED) {
		snprintf(line, sizeof(line), "%s: not run: %s", wcdiag_store_patterns[row->pattern].name, row->why);
	} else {
		predicted(&d->a, row, said, sizeof(said));
		counted(d, ph, row, by, sizeof(by));
		snprintf(line, sizeof(line), "%s: %" PRIu64 " lines, %s%s%s%s",
			 wcdiag_store_patterns[row->pattern].name, drive_row_lines(&d->a, row), said, by,
			 row->state == DRIVE_DONE ? "" : "; ended early: ", row->state == DRIVE_DONE ? "" : row->why);
	}
	printf("            ");
	wrap(safe_text(line, clean, sizeof(clean)), INDENT, INDENT + 2, text_width());
}

static void held(const struct drive_phase *ph)
{
	char line[400], clean[400];

	for (size_t i = 0; i < ph->nhold && i < sizeof(ph->hold) / sizeof(ph->hold[0]); i++) {
		snprintf(line, sizeof(line), "before it, %s 0x%" PRIx64 "-0x%" PRIx64 " was reserved, by %s",
			 mtype_kernel_name(ph->hold[i].t.type) ? mtype_kernel_name(ph->hold[i].t.type) : "a type",
			 ph->hold[i].t.start, ph->hold[i].t.end, ph->hold[i].who);
		printf("            ");
		wrap(safe_text(line, clean, sizeof(clean)), INDENT, INDENT + 2, text_width());
	}
}

static void one_phase(const struct check_drive *d, const struct drive_phase *ph)
{
	char buf[600], line[1024], clean[1024];
	const char *by = drive_by_words(&d->a, ph, buf, sizeof(buf));
	bool ran = ph->state != DRIVE_SKIPPED;

	if (!ran)
		snprintf(line, sizeof(line), "by %s: did not run: %s", by, ph->why);
	else if (ph->mixed)
		snprintf(line, sizeof(line), "by %s: entries of different types", by);
	else if (ph->entry_known)
		snprintf(line, sizeof(line), "by %s: entry 0x%" PRIx64 ", PAT slot %u, %s, effective %s on CPU %u", by,
			 ph->entry, ph->slot, mtype_name(ph->type), mtype_name(ph->effective), ph->cpu);
	else
		snprintf(line, sizeof(line), "by %s: entry not read: %s", by, ph->entry_why);
	printf("    %-7s ", drive_side_name(ph->side));
	wrap(safe_text(line, clean, sizeof(clean)), INDENT, INDENT + 2, text_width());
	held(ph);
	for (size_t i = 0; ran && i < ph->nrow; i++)
		one_row(d, ph, &ph->row[i]);
}

static bool stored_any(const struct check_drive *d)
{
	for (size_t i = 0; i < d->out.nphase; i++)
		for (size_t k = 0; k < d->out.phase[i].nrow; k++) {
			const struct drive_row *r = &d->out.phase[i].row[k];

			if (r->warmed || r->runs || r->part)
				return true;
		}
	return false;
}

void check_drive_text(const struct check_drive *d, const struct pci_device *dev, int bar)
{
	const struct drive_plan *p = &d->a.plan;
	char line[200];

	if (d->traced)
		check_trace_text(d->traced, dev, bar);

	if (!d->drove)
		return;
	snprintf(line, sizeof(line),
		 "stored to 0x%" PRIx64 "+0x%" PRIx64 " of it, one side after the other%s:", p->offset, p->length,
		 stored_any(d) ? "; nothing is restored" : ": nothing was");
	printf("\n  ");
	wrap(line, 2, 4, text_width());
	for (size_t i = 0; i < d->out.nphase; i++)
		one_phase(d, &d->out.phase[i]);
}

static struct json_object *story_json(const struct stream_story *s)
{
	struct json_object *o = json_object_new_object(), *seen = json_object_new_object();

	js_num(o, "stores", s->totals.wc + s->totals.direct);
	js_num(o, "lines", s->totals.lines);
	js_num(o, "full_lines", s->totals.full);
	js_num(o, "tlps", s->totals.tlps);
	js_num(o, "best", s->totals.best);
	js_num(o, "worst", s->totals.worst);
	js_num(o, "buffers", s->buffers);
	for (int w = 0; w < STREAM_WHATS; w++)
		js_num(seen, stream_what_name((enum stream_what)w), s->seen[w].lines);
	json_object_object_add(o, "lines_that", seen);
	return o;
}

struct json_object *check_drive_json(const struct check_drive *d, const struct pci_device *dev, int bar)
{
	struct json_object *o;

	if (d->traced)
		return check_trace_json(d->traced, dev, bar);
	if (!d->drove && !d->exp.story && !d->exp.story_why)
		return NULL;
	o = json_object_new_object();
	js_str(o, "message", d->exp.message);
	js_bool(o, "given", d->exp.given);
	json_object_object_add(o, "stream", d->exp.story ? story_json(d->exp.story) : NULL);
	if (d->drove)
		drive_json(o, &d->out);
	return o;
}
