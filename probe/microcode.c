/* SPDX-License-Identifier: GPL-2.0-or-later */
/* microcode.c - the revision of the microcode: read, taken apart, written down. */
#include "microcode.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msr.h"
#include "scan.h"
#include "src.h"

#define ONLINE	"/sys/devices/system/cpu/online"
#define CPUINFO "/proc/cpuinfo"

static int add(struct microcode *m, uint64_t cpu, uint64_t revision)
{
	if (!(m->n & (m->n - 1))) {
		struct microcode_cpu *p = realloc(m->cpu, (m->n ? m->n * 2 : 1) * sizeof(*p));

		if (!p)
			return -ENOMEM;
		m->cpu = p;
	}
	m->cpu[m->n++] = (struct microcode_cpu){ (unsigned int)cpu, revision };
	return 0;
}

int microcode_parse(const char *text, size_t len, struct microcode *out, unsigned int *line)
{
	struct scan all = scan_of(text, len), l;
	uint64_t cpu, revision;
	bool whole;

	for (*line = 1; scan_line(&all, &l, &whole); ++*line) {
		int rc;

		scan_blanks(&l);
		if (scan_rest_blank(&l) || *l.p == '#')
			continue;
		/* A last line without its end may have lost digits. */
		if (!whole || !scan_dec(&l, INT_MAX, &cpu) || !scan_blanks(&l) || !scan_lit(&l, "0x") ||
		    !scan_hex(&l, &revision) || !scan_rest_blank(&l))
			return -EBADMSG;
		rc = add(out, cpu, revision);
		if (rc)
			return rc;
	}
	return 0;
}

int microcode_from_cpuinfo(const char *text, size_t len, struct microcode *out)
{
	struct scan all = scan_of(text, len), l;
	uint64_t cpu = 0, revision;
	bool whole, have = false;

	while (scan_line(&all, &l, &whole)) {
		bool processor = scan_lit(&l, "processor");

		if (!processor && !scan_lit(&l, "microcode"))
			continue;
		scan_blanks(&l);
		if (!scan_char(&l, ':'))
			continue;
		scan_blanks(&l);
		if (processor)
			have = scan_dec(&l, INT_MAX, &cpu) && scan_rest_blank(&l);
		else if (have && scan_lit(&l, "0x") && scan_hex(&l, &revision) && scan_rest_blank(&l) &&
			 add(out, cpu, revision))
			return -ENOMEM;
	}
	return 0;
}

int microcode_format(const struct microcode *m, char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);

	if (!f)
		return -ENOMEM;
	fprintf(f, "# CPU, revision of its microcode\n");
	for (size_t i = 0; i < m->n; i++)
		fprintf(f, "%u 0x%" PRIx64 "\n", m->cpu[i].cpu, m->cpu[i].revision);
	if (!fclose(f))
		return 0;
	free(*text);
	return -ENOMEM;
}

/* -ENOENT: this kernel shows none there, as without its driver, or in a guest. */
static int from_sysfs(const struct src *s, const unsigned int *cpu, size_t n, struct microcode *out, char path[80])
{
	int rc = n ? 0 : -ENOENT;

	for (size_t i = 0; i < n && !rc; i++) {
		struct scan t;
		uint64_t revision;
		struct blob b;

		snprintf(path, 80, "/sys/devices/system/cpu/cpu%u/microcode/version", cpu[i]);
		rc = src_read(s, path, &b);
		if (rc)
			break;
		t = scan_of(b.data, strcspn(b.data, "\n"));
		if (!scan_lit(&t, "0x") || !scan_hex(&t, &revision) || !scan_rest_blank(&t))
			rc = -EBADMSG;
		else
			rc = add(out, cpu[i], revision);
		blob_free(&b);
	}
	return rc;
}

static int from_live(const struct src *s, struct microcode *out)
{
	unsigned int *cpu = NULL;
	char path[80] = ONLINE;
	struct blob b;
	size_t n = 0;
	int rc = src_read(s, ONLINE, &b);

	if (!rc) {
		rc = cpulist_parse(b.data, b.len, &cpu, &n);
		blob_free(&b);
	}
	if (!rc)
		rc = from_sysfs(s, cpu, n, out, path);
	free(cpu);
	if (rc == -ENOENT) { /* of one that was taken offline meanwhile, too: then of all again */
		out->n = 0;
		snprintf(path, sizeof(path), CPUINFO);
		rc = src_read(s, CPUINFO, &b);
		if (!rc) {
			rc = microcode_from_cpuinfo(b.data, b.len, out);
			blob_free(&b);
		}
	}
	if (rc == -EBADMSG)
		fact_garbled(&out->fact, path, "no number 0x...");
	else if (rc)
		fact_missing(&out->fact, s, path, -rc, NULL);
	else if (out->n)
		fact_known(&out->fact, path);
	else
		fact_absent(&out->fact, path);
	return rc;
}

static int from_record(const struct src *s, struct microcode *out)
{
	unsigned int line;
	struct blob b;
	int rc = src_read(s, MICROCODE_RECORD, &b);

	if (!rc) {
		rc = microcode_parse(b.data, b.len, out, &line);
		blob_free(&b);
		if (rc == -EBADMSG) {
			fact_garbled(&out->fact, MICROCODE_RECORD, "line %u: not \"CPU 0xREVISION\"", line);
			return rc;
		}
	}
	if (rc == -ENOENT || (!rc && !out->n)) {
		fact_absent(&out->fact, MICROCODE_RECORD);
		return 0;
	}
	if (rc)
		fact_missing(&out->fact, s, MICROCODE_RECORD, -rc, NULL);
	else
		fact_known(&out->fact, MICROCODE_RECORD);
	return rc;
}

int microcode_read(const struct src *s, struct microcode *out)
{
	int rc;

	*out = (struct microcode){ 0 };
	rc = src_is_live(s) ? from_live(s, out) : from_record(s, out);
	if (rc) {
		free(out->cpu);
		out->cpu = NULL;
		out->n = 0;
	}
	return rc;
}

void microcode_free(struct microcode *m)
{
	free(m->cpu);
	m->cpu = NULL;
	m->n = 0;
}

static int by_revision(const void *a, const void *b)
{
	const struct microcode_cpu *x = a, *y = b;

	return x->revision != y->revision ? x->revision < y->revision ? -1 : 1 : x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

struct run {
	size_t at, n;
};

static int by_number(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return x->n != y->n ? x->n > y->n ? -1 : 1 : x->at < y->at ? -1 : x->at > y->at;
}

void microcode_words(const struct microcode *m, char *buf, size_t len)
{
	struct microcode_cpu *c = malloc((m->n + 1) * sizeof(*c));
	struct run *run = malloc((m->n + 1) * sizeof(*run));
	size_t nrun = 0, k = 0;

	if (len)
		*buf = '\0';
	if (c && run && m->n) {
		memcpy(c, m->cpu, m->n * sizeof(*c));
		qsort(c, m->n, sizeof(*c), by_revision);
		for (size_t i = 0; i < m->n; i++) {
			if (!i || c[i].revision != c[i - 1].revision)
				run[nrun++] = (struct run){ i, 0 };
			run[nrun - 1].n++;
		}
		qsort(run, nrun, sizeof(*run), by_number);
		for (size_t i = 0; i < nrun && k < len; i++) {
			k += (size_t)snprintf(buf + k, len - k, "%s0x%" PRIx64, i ? ", " : "", c[run[i].at].revision);
			if (nrun > 1 && k < len)
				k += (size_t)snprintf(buf + k, len - k, " on %zu CPU%s", run[i].n,
						      run[i].n > 1 ? "s" : "");
			if (nrun > 1 && run[i].n == 1 && k < len)
				k += (size_t)snprintf(buf + k, len - k, " (CPU %u)", c[run[i].at].cpu);
		}
	}
	free(c);
	free(run);
}
