/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_text.c - texts of which a part is recorded: command line, /proc/iomem, /proc/vmallocinfo, kernel log. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"
#include "klog.h"
#include "snapshot_int.h"

void take_cmdline(struct taker *t)
{
	static const char path[] = "/proc/cmdline";
	struct blob b;
	char *kept;
	int rc = src_read(t->s, path, &b);

	if (rc) {
		miss(t, path, -rc, NULL);
		return;
	}
	kept = t->o->all ? NULL : malloc(b.len + 2);
	if (t->o->all) {
		put(t, path, b.data, b.len);
	} else if (kept) {
		host_filter_cmdline(b.data, b.len, kept, b.len + 1);
		if (strlen(kept) < strcspn(b.data, "\n"))
			left_out(t, "%s: options that do not touch memory types, PCI or lockdown", path);
		strcat(kept, "\n");
		put(t, path, kept, strlen(kept));
	} else {
		t->nomem = true;
	}
	free(kept);
	blob_free(&b);
}

/* Linux arch/x86/kernel/setup.c: code_resource, rodata_resource, data_resource, bss_resource. */
static bool not_kernel_image(const char *line, size_t len, void *arg)
{
	static const char *const image[] = { " : Kernel code", " : Kernel rodata", " : Kernel data", " : Kernel bss" };

	(void)arg;
	for (size_t i = 0; i < sizeof(image) / sizeof(image[0]); i++) {
		size_t n = strlen(image[i]);

		if (len >= n && !memcmp(line + len - n, image[i], n))
			return false;
	}
	return true;
}

void take_iomem(struct taker *t)
{
	static const char path[] = "/proc/iomem";
	struct iomem m;
	struct blob b;
	/* Without the right to see addresses the kernel prints zeros: the reader knows, and says what is missing. */
	int rc = iomem_read(t->s, &m);
	struct fact f = m.fact;

	iomem_free(&m);
	if (rc) {
		miss(t, path, f.err ? f.err : -rc, f.remedy);
		return;
	}
	rc = src_read(t->s, path, &b);
	if (rc) {
		miss(t, path, -rc, NULL);
		return;
	}
	if (!t->o->all && keep_lines(&b, not_kernel_image, NULL))
		left_out(t, "%s: where the kernel's own image lies", path);
	put(t, path, b.data, b.len);
	blob_free(&b);
}

static bool has_phys(const char *line, size_t len, void *arg)
{
	(void)arg;
	return memmem(line, len, " phys=", 6) != NULL;
}

void take_vmalloc(struct taker *t)
{
	static const char path[] = "/proc/vmallocinfo";
	struct blob b;
	int rc = src_read(t->s, path, &b);

	if (rc) {
		miss(t, path, -rc, "run as root");
		return;
	}
	if (keep_lines(&b, has_phys, NULL))
		left_out(t, "%s: mappings that are not of device memory", path);
	put(t, path, b.data, b.len);
	blob_free(&b);
}

static bool relevant(const char *line, size_t len, void *arg)
{
	(void)arg;
	return klog_relevant(line, len);
}

/*
 * Length of "6,0,0,-;" when the line is a record of /dev/kmsg, and *first whether it is number 0; else 0. Its number
 * tells the reader whether the log's beginning was lost, its text is not needed: record 0 names the build host.
 */
static size_t record_prefix(const char *line, size_t len, bool *first)
{
	const char *p = line, *end = line + len, *semi;

	/* Level and facility, number, microseconds, flags: Documentation/ABI/testing/dev-kmsg */
	for (int field = 0; field < 3; field++) {
		const char *start = p;

		while (p < end && isdigit((unsigned char)*p))
			p++;
		if (p == start || p == end || *p != ',')
			return 0;
		if (field == 1)
			*first = p - start == 1 && *start == '0';
		p++;
	}
	semi = memchr(p, ';', (size_t)(end - p));
	return semi ? (size_t)(semi - line) + 1 : 0;
}

static void put_log(struct taker *t, const char *path, struct blob *b)
{
	size_t len = strcspn(b->data, "\n"), prefix, dropped, size = 0;
	struct blob rest = *b;
	bool first = false;
	char *text = NULL;
	FILE *f;

	prefix = record_prefix(b->data, len, &first);
	if (prefix && !first && relevant(b->data, len, NULL))
		prefix = 0;
	if (prefix) {
		size_t skip = b->data[len] ? len + 1 : len;

		rest = (struct blob){ b->data + skip, b->len - skip };
	}
	f = open_memstream(&text, &size);
	if (!f) {
		t->nomem = true;
		return;
	}
	if (prefix)
		fprintf(f, "%.*s\n", (int)prefix, b->data);
	dropped = keep_lines(&rest, relevant, NULL);
	fwrite(rest.data, 1, rest.len, f);
	if (fclose(f))
		t->nomem = true;
	else
		put(t, path, text, size);
	free(text);
	dropped += prefix && len > prefix;
	if (dropped)
		left_out(t, "%s: %zu line%s not about memory types", path, dropped, dropped == 1 ? "" : "s");
}

void take_klog(struct taker *t)
{
	static const char path[] = "/dev/kmsg";
	struct klog k;
	int rc = klog_read(t->s, t->o->klog_file, &k);

	if (rc)
		miss(t, path, k.fact.err ? k.fact.err : -rc, k.fact.remedy);
	else if (t->o->all)
		put(t, path, k.text.data, k.text.len);
	else
		put_log(t, path, &k.text);
	klog_free(&k);
}
