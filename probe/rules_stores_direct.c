// SPDX-License-Identifier: GPL-2.0-or-later
/* rules_stores_direct.c - MOVDIRI: what it does not combine with, and where it is off its boundary. */
#include <inttypes.h>

#include "rules_stores.h"

/* Direct stores side by side in a line. */
void stores_direct_beside(struct judge_ctx *c, const struct stream_story *y)
{
	static const char fix[] = "store whole lines by MOVDIR64B (_movdir64b(dst, src), dst on a line boundary), or "
				  "by plain stores through a write-combining mapping";
	uint64_t more = y->direct_beside ? y->direct_beside : y->direct_apart;
	struct finding *f;

	if (!more)
		return;
	f = y->direct_beside
		    ? hit_says(c, SEV_BROKEN,
			       "{message}: lines are filled by direct stores of 4 or 8 bytes: MOVDIRI combines with "
			       "nothing, each is a TLP of its own, {more} more than these lines need",
			       fix)
		    : hit_says(c, SEV_UNKNOWN,
			       "{message}: direct stores of 4 or 8 bytes share a line that is never filled: fine for "
			       "doorbells side by side; if they are one message, {more} more than it needs, for "
			       "MOVDIRI combines with nothing",
			       fix);
	ev_text(f, "message", "%s", stores_whose(c));
	ev_text(f, "more", "%" PRIu64 " TLP%s", more, stores_plural(more));
	if (y->direct_ip)
		ev_hex(f, "ip_first", y->direct_ip);
}

/* How an access of MOVDIRI that is off its boundary leaves is documented nowhere. */
void stores_direct_misaligned(struct judge_ctx *c, const struct stream_story *y)
{
	struct finding *f;

	if (!y->direct_misaligned)
		return;
	f = hit_says(c, SEV_UNKNOWN,
		     "{message}: {stores_words} of MOVDIRI off {its} own boundary of 4 or 8 bytes: as how many TLPs "
		     "such a store leaves is documented nowhere",
		     "put what MOVDIRI stores to on a boundary of its size");
	ev_text(f, "message", "%s", stores_whose(c));
	ev_text(f, "stores_words", "%" PRIu64 " store%s", y->direct_misaligned, stores_plural(y->direct_misaligned));
	ev_text(f, "its", "%s", y->direct_misaligned == 1 ? "its" : "their");
}
