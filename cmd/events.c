// SPDX-License-Identifier: GPL-2.0-or-later
/* events.c - a stream of store events, wcdiag-events(5), piece by piece. */
#include <errno.h>
#include <string.h>

#include "cmd/events.h"

int events_read(const struct cmd *c, const char *name, FILE *f, enum mtype type, model_event_fn fn, void *ctx)
{
	static char buf[65536];
	static struct model_text t;
	char what[512];
	size_t n;
	int rc = 0;

	model_text_begin(&t, type);
	while (!rc && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		rc = model_text_feed(&t, buf, n, fn, ctx);
	if (!rc && ferror(f))
		return cmd_fail_errno(c, name, errno ? errno : EIO, "it has to be a file of events, or a pipe");
	if (!rc)
		rc = model_text_end(&t, fn, ctx);
	if (!rc)
		return 0;
	snprintf(what, sizeof(what), "%s: line %lu", name, t.line);
	return cmd_fail(c, what, t.what ? t.what : strerror(-rc), "see wcdiag-events(5)");
}
