/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_watch_line.c - a recorded watch: ranges in order, words that end, and the judge takes whatever passes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/watch_judge.h"
#include "probe/watch_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(const char *text, size_t len, struct watch_judge *j)
{
	struct watch_finding f;
	struct watch_line l;
	const char *what;

	if (watch_line_parse(text, len, &l, &what)) {
		if (!what)
			abort();
		return;
	}
	for (size_t i = 0; i < l.scene.before.n; i++)
		if (l.scene.before.r[i].end <= l.scene.before.r[i].start)
			abort();
	if (l.kind == WATCH_LINE_EVENT) {
		if (l.event.end <= l.event.start || l.event.nstack > WATCH_STACK)
			abort();
		if (watch_judge_event(j, &l.event, &f) == 1 && !*f.says)
			abort();
		watch_callers_tell(&l.event);
	}
	watch_line_drop(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	struct watch_judge *j;

	if (watch_judge_new(PAT_STATE_ON, &j))
		return 0;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		one(p, (size_t)((nl ? nl : end) - p), j);
		p = nl ? nl + 1 : end;
	}
	watch_judge_free(j);
	return 0;
}
