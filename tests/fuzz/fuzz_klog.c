/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_klog.c - a kernel log in whatever form: never refused, every event is of a line and within the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/klog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blob text = { malloc(size ? size : 1), size };
	struct klog k;
	size_t i;

	if (!text.data)
		return 0;
	memcpy(text.data, data, size);
	if (klog_parse(text, &k))
		abort();
	for (i = 0; i < k.n; i++) {
		const struct klog_event *e = &k.ev[i];

		if ((unsigned int)e->kind >= KLOG_KINDS || !klog_kind_name(e->kind))
			abort();
		if (e->start >= e->end && (e->start || e->end))
			abort();
		if (e->text < k.text.data || e->text + e->textlen > k.text.data + k.text.len)
			abort();
		if (!memchr(e->comm, 0, sizeof(e->comm)) || e->pid < 0 || !e->line)
			abort();
		if (i && e->line <= e[-1].line)
			abort();
	}
	klog_relevant((const char *)data, size);
	klog_free(&k);
	return 0;
}
