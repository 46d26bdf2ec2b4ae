/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_stores_lines.c - lines that do not leave whole: where the message lies, what it lacks, what comes between. */
#include <inttypes.h>
#include <stdio.h>

#include "model_int.h"
#include "rules_stores.h"

const struct stream_story *stores_story(const struct judge_ctx *c)
{
	return c->exp ? c->exp->story : NULL;
}

const struct stream_seen *stores_seen(const struct judge_ctx *c, enum stream_what w)
{
	const struct stream_story *y = stores_story(c);

	return y && y->seen[w].lines ? &y->seen[w] : NULL;
}

const char *stores_whose(const struct judge_ctx *c)
{
	return c->exp->message ? c->exp->message : "the program";
}

const char *stores_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* "8 TLPs where 1 would do", and how many of them there are. */
void ev_stores_cost(const struct judge_ctx *c, struct finding *f, const struct stream_seen *s, uint64_t times,
		    const char *what)
{
	bool intel = stores_story(c)->totals.unknowns & MU_PARTIAL && s->tlps_one > s->need_one;

	ev_num(f, "tlps", s->tlps_one);
	ev_text(f, "tlps_words", "%" PRIu64 " TLP%s", s->tlps_one, stores_plural(s->tlps_one));
	ev_num(f, "need", s->need_one);
	ev_num(f, "times", times);
	ev_num(f, "tlps_in_all", s->tlps);
	ev_text(f, "cost", "%" PRIu64 " TLP%s%s where %" PRIu64 " would do", s->tlps_one, stores_plural(s->tlps_one),
		intel ? " (if this CPU cuts as Intel's do)" : "", s->need_one);
	if (times > 1)
		ev_text(f, "and_so", " (%" PRIu64 " such %s)", times, what);
	else
		ev_text(f, "and_so", "%s", "");
}

static const char *stores_where(const struct judge_ctx *c, uint64_t ip, char *buf, size_t len)
{
	return c->exp->where ? c->exp->where(ip, c->exp->ctx, buf, len) : NULL;
}

/* Where it was, the first time. */
void ev_stores_first(struct judge_ctx *c, struct finding *f, const struct stream_seen *s)
{
	char where[200];

	ev_text(f, "message", "%s", stores_whose(c));
	ev_text(f, "known_by", "%s", "predicted");
	ev_hex(f, "line", s->line);
	ev_hex(f, "bytes_mask", s->mask);
	ev_num(f, "stores", s->stores);
	ev_num(f, "first_event", s->first);
	ev_num(f, "last_event", s->last);
	if (s->ip_first)
		ev_hex(f, "ip_first", s->ip_first);
	if (s->ip_last)
		ev_hex(f, "ip_last", s->ip_last);
	if (s->ip_first && stores_where(c, s->ip_first, where, sizeof(where)))
		ev_text(f, "where", "%s", where);
}

void stores_misaligned(struct judge_ctx *c)
{
	const struct stream_seen *s = stores_seen(c, STREAM_MISALIGNED);
	unsigned int head, tail;
	struct finding *f;

	if (stores_story(c))
		stores_direct_misaligned(c, stores_story(c));
	if (!s)
		return;
	head = cut_bytes(s->mask);
	tail = cut_bytes(s->behind);
	f = hit(c, SEV_BROKEN);
	ev_stores_first(c, f, s);
	ev_num(f, "bytes", s->n);
	ev_num(f, "off", MODEL_LINE - head);
	ev_text(f, "ends", "%s", s->n > head + tail ? "a partial line at each end" : "two partial lines");
	ev_num(f, "head", head);
	ev_num(f, "tail", tail);
	ev_stores_cost(c, f, s, s->lines / 2, "messages");
	if (s->next_ip)
		ev_hex(f, "next_ip", s->next_ip);
}

/* May this CPU cut these bytes otherwise than the model does? */
static bool cut_unknown(const struct judge_ctx *c, uint64_t mask)
{
	return stores_story(c)->totals.unknowns & MU_PARTIAL && cut_dws(mask) > 1;
}

void stores_partial_line(struct judge_ctx *c)
{
	const struct stream_seen *s = stores_seen(c, STREAM_PARTIAL);
	const struct stream_story *y = stores_story(c);
	struct finding *f;

	if (y)
		stores_direct_beside(c, y);
	if (s) {
		f = y->totals.unknowns & MU_PARTIAL
			    ? hit_says(c, SEV_UNKNOWN,
				       "{message}: a line gets {bytes} of its 64 bytes{and_so}; how "
				       "this CPU cuts such a line is documented nowhere: as {need} "
				       "TLP or more, {tlps} as Intel's do",
				       c->rule->fix)
		    : s->again == s->lines ? hit_says(c, SEV_BROKEN,
						      "{message}: a line has just left full, and {bytes} of its bytes "
						      "are stored again: {tlps} "
						      "TLPs more{and_so}",
						      "copy by a loop that stores each byte once, not by memcpy()")
					   : hit(c, SEV_BROKEN);
		ev_stores_first(c, f, s);
		ev_num(f, "bytes", cut_bytes(s->mask));
		ev_stores_cost(c, f, s, s->lines, "lines");
	}
	s = stores_seen(c, STREAM_SMALL);
	if (!s || s->again == s->lines)
		return;
	f = hit_says(c, SEV_INFO,
		     cut_unknown(c, s->mask)
			     ? "{message}: a line gets {bytes} of its 64 bytes and leaves as {tlps_words}, as Intel's "
			       "CPUs cut it; how this one does is documented nowhere{and_so}"
		     : s->need_one > 1
			     ? "{message}: a line gets {bytes} of its 64 bytes, with holes between, and leaves as "
			       "{tlps} TLPs, as few as they need{and_so}"
			     : "{message}: a line gets {bytes} of its 64 bytes and leaves as one TLP, as a doorbell "
			       "should{and_so}",
		     NULL);
	ev_stores_first(c, f, s);
	ev_num(f, "bytes", cut_bytes(s->mask));
	ev_stores_cost(c, f, s, s->lines, "lines");
}

static const struct {
	const char *what, *fix;
} flush[ME_KINDS] = {
	[ME_SFENCE] = { "an SFENCE", "move the fence behind the last store of the message: for (i = 0; i < 8; i++) "
				     "dst[i] = src[i]; _mm_sfence();" },
	[ME_MFENCE] = { "an MFENCE",
			"move the fence behind the last store of the message; SFENCE (_mm_sfence()) is enough "
			"there" },
	[ME_LOCKED] = { "a locked operation (LOCK, or XCHG with memory)",
			"take locks and count before the first store of the message or behind its last one; "
			"atomic_thread_fence(memory_order_seq_cst) is such an operation, too" },
	[ME_SERIAL] = { "a serialising instruction (CPUID, MOV CR, WRMSR, IRET, ...)",
			"move it out of the message; to take the time, RDTSC without CPUID" },
	[ME_UC] = { "an access to uncached memory",
		    "read registers before the first store of the message, write them behind its last one" },
	[ME_READ] = { "a read of the very line",
		      "never read back what was stored: build the message in ordinary memory, "
		      "and copy it in one go" },
	[ME_PORT] = { "port I/O (IN or OUT)", "do it before the first store of the message or behind its last one" },
	[ME_SYSCALL] = { "a system call", "do it (a log line, a lock, memory) before the first store of the message" },
	[ME_STORE] = { "a direct store (MOVDIRI) to the same line", "fill a line with one sort of stores" },
};

void stores_flushed_inside(struct judge_ctx *c)
{
	const struct stream_story *y = stores_story(c);

	for (unsigned int k = 0; y && k < ME_KINDS; k++) {
		const struct stream_seen *s = &y->flushed[k];
		bool maybe = (y->totals.maybe_kinds >> k & 1) || (k == ME_STORE && y->totals.unknowns & MU_DIRECT);
		const char *fix = flush[k].fix ? flush[k].fix : c->rule->fix;
		struct finding *f;
		char at[240] = "", place[200];

		/* A line that needs as many TLPs anyway is worse off by nothing. */
		if (!s->costly && !s->maybe)
			continue;
		f = s->apart == s->costly + s->maybe
			    ? hit_says(
				      c, SEV_UNKNOWN,
				      "{message}: {what}{at} comes between stores to one line that is never "
				      "filled{and_so}: fine for doorbells side by side, {cost} if they are one message",
				      "if it is one message: one flush behind it, and all 64 bytes of the line; "
				      "doorbells are best in lines of their own")
		    : maybe	? hit_says(c, SEV_UNKNOWN,
					   "{message}: {what}{at} comes between two stores to one line{and_so}; "
					       "whether it flushes is documented nowhere for this CPU: if it does, {cost}",
					   fix)
		    : s->costly ? hit_says(c, SEV_BROKEN, c->rule->says, fix)
				: hit_says(c, SEV_UNKNOWN, c->rule->says, fix);
		if (s->by_ip && stores_where(c, s->by_ip, place, sizeof(place)))
			snprintf(at, sizeof(at), " in %s", place);
		else if (s->by_ip)
			snprintf(at, sizeof(at), " at 0x%" PRIx64, s->by_ip);
		else if (c->exp->numbered)
			snprintf(at, sizeof(at), " (event %" PRIu64 " of the stream, from 0)", s->by);
		ev_stores_first(c, f, s);
		ev_text(f, "kind", "%s", model_kind_name(k));
		ev_text(f, "what", "%s", flush[k].what ? flush[k].what : model_kind_name(k));
		ev_text(f, "at", "%s", at);
		ev_num(f, "by_event", s->by);
		if (s->by_ip)
			ev_hex(f, "by_ip", s->by_ip);
		if (s->next_ip)
			ev_hex(f, "next_ip", s->next_ip);
		ev_stores_cost(c, f, s, s->n, "times");
	}
}

void stores_capacity(struct judge_ctx *c)
{
	const struct stream_seen *s = stores_seen(c, STREAM_CAPACITY);
	const struct stream_story *y = stores_story(c);
	unsigned int open = MU_BUFFERS | MU_POLICY;
	struct finding *f;

	if (s && (s->costly || s->maybe)) {
		f = y->totals.unknowns & MU_BUFFERS
			    ? hit_says(c, SEV_UNKNOWN,
				       "{message}: {n} lines are filled by turns; how many buffers this CPU has is not "
				       "known: with {buffers} each line leaves in pieces, {cost}",
				       c->rule->fix)
			    : hit(c, s->costly ? SEV_BROKEN : SEV_UNKNOWN);
		ev_stores_first(c, f, s);
		ev_num(f, "n", s->n);
		ev_num(f, "buffers", y->buffers);
		ev_text(f, "buffers_words", "%u buffer%s", y->buffers, stores_plural(y->buffers));
		ev_stores_cost(c, f, s, s->lines, "pieces");
		if (s->next_ip)
			ev_hex(f, "next_ip", s->next_ip);
	} else if (y && y->totals.unknowns & open && y->buffers_matter) {
		f = hit_says(
			c, SEV_UNKNOWN,
			"{message}: {n} lines are open at once, and {why}: whether that is too many cannot be told",
			c->rule->fix);
		ev_text(f, "message", "%s", stores_whose(c));
		ev_num(f, "n", y->totals.open_max);
		ev_num(f, "buffers", y->buffers);
		ev_text(f, "why", "%s",
			y->totals.unknowns & MU_BUFFERS ? "how many buffers this CPU has is not known"
							: "which of them leaves first is documented nowhere");
	}
}
