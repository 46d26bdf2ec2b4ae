/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out_openmetrics.c - check as metrics for Prometheus: names, labels and meanings are a contract, wcdiag-check(1) has
 * them.
 *
 * One text that is OpenMetrics 1.0 and the older Prometheus text format, which is all that the node-exporter's textfile
 * collector and promtool read: gauges only (a counter's or an info's TYPE line is spelt differently in the two), "#
 * UNIT" and
 * "# EOF" (comments in the older one), no time stamps behind samples (the collector refuses them).
 *
 * A verdict is one series for each of the three words, 1 for the one that holds: nobody has to know by heart which
 * number is the worse one, nothing can be added up to nonsense, and a series that stays at 0 tells apart "not broken"
 * from "not there any more". The eight layers of a BAR have only the series of the state that holds: all five would be
 * 40 series a BAR.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/out_labels.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

enum family {
	M_BUILD,
	M_SUCCESS,
	M_TIMESTAMP,
	M_DURATION,
	M_INFO,
	M_VERDICT,
	M_BARS,
	M_PASSED_OVER,
	M_BAR_INFO,
	M_BAR_VERDICT,
	M_LAYER,
	M_FINDINGS,
	M_FACT,
	M_COUNT
};

static const struct {
	const char *name, *unit, *help;
} families[M_COUNT] = {
	[M_BUILD] = { "wcdiag_build_info", NULL, "The program that checked; always 1." },
	[M_SUCCESS] = { "wcdiag_check_success", NULL,
			"1 when the machine could be judged, 0 when the check itself failed." },
	[M_TIMESTAMP] = { "wcdiag_check_timestamp_seconds", "seconds", "When the check ended, in seconds since 1970." },
	[M_DURATION] = { "wcdiag_check_duration_seconds", "seconds", "How long reading and judging took." },
	[M_INFO] = { "wcdiag_machine_info", NULL,
		     "The machine that was judged, and the last layer asked for; always 1." },
	[M_VERDICT] = { "wcdiag_verdict", NULL,
			"1 for the verdict of the machine, which is that of its worst BAR; else 0." },
	[M_BARS] = { "wcdiag_bars_judged", NULL, "How many BARs were judged." },
	[M_PASSED_OVER] = { "wcdiag_bars_not_judged", NULL,
			    "Memory BARs passed over because nothing makes write-combining plausible for them." },
	[M_BAR_INFO] = { "wcdiag_bar_info", NULL,
			 "A BAR, its driver, the layer that breaks and the last one judged; always 1." },
	[M_BAR_VERDICT] = { "wcdiag_bar_verdict", NULL, "1 for the verdict of the BAR, else 0." },
	[M_LAYER] = { "wcdiag_bar_layer_state", NULL, "The state of each layer of a BAR, as a label; always 1." },
	[M_FINDINGS] = { "wcdiag_findings", NULL,
			 "How often a rule spoke with this severity: for the machine itself, and for each BAR." },
	[M_FACT] = { "wcdiag_fact_missing", NULL,
		     "1 when a fact that was looked for could not be read, 0 when it was, or is known not to exist." },
};

static const char *const fact_label[F_COUNT] = {
	[F_CPUID] = "cpuid",	   [F_HYPER] = "hypervisor",
	[F_KERNEL] = "kernel",	   [F_CMDLINE] = "cmdline",
	[F_LOCKDOWN] = "lockdown", [F_MSR] = "pat_msr",
	[F_BELIEF] = "pat_log",	   [F_MTRR] = "mtrr_msr",
	[F_PCI] = "pci",	   [F_CONFIG] = "pci_config",
	[F_IOMEM] = "iomem",	   [F_LIST] = "memtype_list",
	[F_KLOG] = "kernel_log",   [F_VMALLOC] = "vmallocinfo",
	[F_MAPS] = "maps",	   [F_ENTRIES] = "page_table_entries",
};

/* The samples of each family: they must stand together, and those of several machines come one machine after the other.
 */
static struct {
	FILE *f;
	char *text;
	size_t len;
} samples[M_COUNT];
static char **names; /* the label of each machine, while there are several */
static size_t nnames;

/* Without memory nothing is printed: a text without "# EOF" is one that a reader can tell from a whole one. */
static void need(const void *p)
{
	static const struct cmd check = { .name = "check" };

	if (!p)
		exit(cmd_fail_errno(&check, "the metrics", ENOMEM, NULL));
}

static void begin(const struct common *o, size_t machines)
{
	for (int k = 0; k < M_COUNT; k++) {
		samples[k].f = open_memstream(&samples[k].text, &samples[k].len);
		need(samples[k].f);
	}
	fprintf(samples[M_BUILD].f, "%s{version=\"%s\"} 1\n", families[M_BUILD].name, WCDIAG_VERSION);
	if (machines > 1) {
		names = out_labels_new(o->root, machines);
		nnames = machines;
		need(names);
	}
}

/* One sample; labels are pairs of a name and a value (NULL: ""), ended by NULL. */
static void put(FILE *to, const struct report *r, enum family k, const char *value, ...) __attribute__((sentinel));
static void put(FILE *to, const struct report *r, enum family k, const char *value, ...)
{
	const char *key, *sep = "{";
	va_list ap;

	fputs(families[k].name, to);
	if (names && r->index < nnames) {
		fprintf(to, "{machine=\"%s\"", names[r->index]);
		sep = ",";
	}
	va_start(ap, value);
	while ((key = va_arg(ap, const char *))) {
		fprintf(to, "%s%s=\"", sep, key);
		out_label(to, va_arg(ap, const char *));
		fputc('"', to);
		sep = ",";
	}
	va_end(ap);
	fprintf(to, "%s %s\n", *sep == ',' ? "}" : "", value);
}

static void put_number(FILE *to, const struct report *r, enum family k, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%" PRIu64, v);
	put(to, r, k, buf, NULL);
}

static void check_itself(FILE *to, const struct report *r)
{
	struct timespec now;
	char buf[48];

	put(to, r, M_SUCCESS, r->error ? "0" : "1", NULL);
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(buf, sizeof(buf), "%lld.%03ld", (long long)now.tv_sec, now.tv_nsec / 1000000);
	put(to, r, M_TIMESTAMP, buf, NULL);
	if (!r->error) {
		snprintf(buf, sizeof(buf), "%.6f", r->seconds);
		put(to, r, M_DURATION, buf, NULL);
	}
}

static void verdicts(FILE *to, const struct report *r, enum verdict is, const char *slot, const char *bar)
{
	for (int v = VERDICT_INTACT; v <= VERDICT_BROKEN; v++) {
		const char *holds = (enum verdict)v == is ? "1" : "0", *word = verdict_name((enum verdict)v);

		if (slot)
			put(to, r, M_BAR_VERDICT, holds, "slot", slot, "bar", bar, "verdict", word, NULL);
		else
			put(to, r, M_VERDICT, holds, "verdict", word, NULL);
	}
}

static void machine_info(FILE *to, const struct report *r)
{
	const struct machine *m = r->m;
	const char *hyper = "none";

	if (m->hyper.guest)
		hyper = m->hyper.kind ? m->hyper.kind->name : *m->hyper.signature ? m->hyper.signature : "unknown";
	else if (m->hyper.fact.state == FACT_MISSING)
		hyper = "unknown";
	put(to, r, M_INFO, "1", "kernel", m->host.release, "cpu", m->cpu.name, "hypervisor", hyper, "source",
	    src_is_live(m->src) ? "live" : "snapshot", "until", layer_name(r->j->until), NULL);
}

static void one_bar(FILE *to, const struct report *r, const struct bar_judgement *b)
{
	char bar[12];

	snprintf(bar, sizeof(bar), "%d", b->bar);
	put(to, r, M_BAR_INFO, "1", "slot", b->dev->slot, "bar", bar, "driver", b->dev->driver, "breaks_at",
	    b->breaks_at < 0 ? "" : layer_name((enum layer)b->breaks_at), "judged_to",
	    b->judged_to < 0 ? "" : layer_name((enum layer)b->judged_to), NULL);
	verdicts(to, r, b->verdict, b->dev->slot, bar);
	for (int l = 0; l < LAYER_COUNT; l++)
		put(to, r, M_LAYER, "1", "slot", b->dev->slot, "bar", bar, "layer", layer_name((enum layer)l), "state",
		    state_name(b->state[l]), NULL);
}

static void count_findings(const struct findings *f, const struct rule *rule, size_t n[SEV_BROKEN + 1])
{
	for (size_t i = 0; i < f->n; i++)
		if (f->f[i].rule == rule)
			n[f->f[i].sev]++;
}

static void findings(FILE *to, const struct report *r)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++) {
		size_t n[SEV_BROKEN + 1] = { 0 };
		char buf[24];

		count_findings(&r->j->machine.findings, rule, n);
		for (size_t b = 0; b < r->j->nbar; b++)
			count_findings(&r->j->bar[b].findings, rule, n);
		for (int s = SEV_INFO; s <= SEV_BROKEN; s++) {
			if (!n[s])
				continue;
			snprintf(buf, sizeof(buf), "%zu", n[s]);
			put(to, r, M_FINDINGS, buf, "rule", rule->id, "layer", layer_name(rule->layer), "severity",
			    severity_name((enum severity)s), NULL);
		}
	}
}

/* The command register is a fact of each device: of those that were judged. */
static enum fact_state state_of(const struct report *r, enum fact_id id)
{
	struct judge_ctx c = { .m = r->m };
	enum fact_state s = FACT_KNOWN;

	if (id != F_CONFIG)
		return fact_of(&c, id)->state;
	for (size_t b = 0; b < r->j->nbar && s != FACT_MISSING; b++) {
		c.dev = r->j->bar[b].dev;
		s = fact_of(&c, id)->state;
	}
	return s;
}

static void facts(FILE *to, const struct report *r)
{
	for (int id = 0; id < F_COUNT; id++) {
		enum fact_state s = state_of(r, (enum fact_id)id);

		if (s != FACT_NOT_READ)
			put(to, r, M_FACT, s == FACT_MISSING ? "1" : "0", "fact", fact_label[id], NULL);
	}
}

static void take(const char *text, size_t len)
{
	for (const char *p = text, *end = text + len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t line = nl ? (size_t)(nl - p) + 1 : (size_t)(end - p), n = strcspn(p, "{ ");

		for (int k = 0; k < M_COUNT; k++)
			if (strlen(families[k].name) == n && !memcmp(families[k].name, p, n))
				fwrite(p, line, 1, samples[k].f);
		p += line;
	}
}

static void machine(const struct report *r, size_t machines)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	need(to);
	check_itself(to, r);
	if (r->error) {
		verdicts(to, r, VERDICT_UNKNOWN, NULL, NULL);
	} else {
		machine_info(to, r);
		verdicts(to, r, r->j->verdict, NULL, NULL);
		put_number(to, r, M_BARS, r->j->nbar);
		put_number(to, r, M_PASSED_OVER, judge_passed_over(r->m, r->j, NULL, 0));
		for (size_t i = 0; i < r->j->nbar; i++)
			one_bar(to, r, &r->j->bar[i]);
		findings(to, r);
		facts(to, r);
	}
	fclose(to);
	need(text);
	if (machines > 1)
		fwrite(text, len, 1, stdout); /* is handed to take() */
	else
		take(text, len);
	free(text);
}

static void end(const struct common *o, size_t machines, int worst)
{
	(void)o;
	(void)machines;
	(void)worst;
	for (int k = 0; k < M_COUNT; k++) {
		fclose(samples[k].f);
		need(samples[k].text);
		if (samples[k].len) {
			printf("# HELP %s %s\n# TYPE %s gauge\n", families[k].name, families[k].help, families[k].name);
			if (families[k].unit)
				printf("# UNIT %s %s\n", families[k].name, families[k].unit);
			fwrite(samples[k].text, samples[k].len, 1, stdout);
		}
		free(samples[k].text);
	}
	puts("# EOF");
	out_labels_free(names, nnames);
	names = NULL;
}

const struct out_ops out_openmetrics = {
	.name = "openmetrics", .says_failure = true, .begin = begin, .machine = machine, .take = take, .end = end
};
