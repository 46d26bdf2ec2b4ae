/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_names.c - events, reasons and open questions in words. */
#include "model.h"

const char *model_kind_name(enum model_kind k)
{
	static const char *const name[ME_KINDS] = {
		[ME_STORE] = "store",
		[ME_READ] = "read",
		[ME_SFENCE] = "sfence",
		[ME_MFENCE] = "mfence",
		[ME_LFENCE] = "lfence",
		[ME_LOCKED] = "locked operation",
		[ME_SERIAL] = "serialising instruction",
		[ME_UC] = "uncached access",
		[ME_PORT] = "port I/O",
		[ME_INTERRUPT] = "interrupt",
		[ME_SYSCALL] = "system call",
		[ME_GAP] = "other instructions",
		[ME_UNSEEN] = "not seen",
	};

	return (unsigned int)k < ME_KINDS ? name[k] : "unknown";
}

static const struct {
	const char *id, *name;
} reason[MR_COUNT] = {
	[MR_FULL] = { "full", "line full" },
	[MR_CAPACITY] = { "capacity", "capacity" },
	[MR_SFENCE] = { "sfence", "sfence" },
	[MR_MFENCE] = { "mfence", "mfence" },
	[MR_LOCKED] = { "locked", "locked operation" },
	[MR_SERIAL] = { "serialising", "serialising instruction" },
	[MR_UC] = { "uncached-access", "uncached access" },
	[MR_READ] = { "read", "read of the line" },
	[MR_PORT] = { "port-io", "port I/O" },
	[MR_INTERRUPT] = { "interrupt", "interrupt" },
	[MR_SYSCALL] = { "syscall", "system call" },
	[MR_OVERTAKEN] = { "overtaken", "direct store to the line" },
	[MR_DIRECT] = { "direct", "is a direct store" },
	[MR_UNCACHED] = { "uncached-store", "is an uncached store" },
	[MR_END] = { "end", "end of the stream" },
};

const char *model_reason_name(enum model_reason r)
{
	return (unsigned int)r < MR_COUNT ? reason[r].name : "unknown";
}

const char *model_reason_id(enum model_reason r)
{
	return (unsigned int)r < MR_COUNT ? reason[r].id : "unknown";
}

static const struct {
	const char *id, *says;
} unknown[MU_BITS] = {
	{ "partial", "how this CPU cuts a partial line" },
	{ "buffers", "how many buffers this CPU has" },
	{ "policy", "which line leaves when all buffers are in use" },
	{ "event", "whether an event closes the buffers" },
	{ "uncached", "how a wide, masked or misaligned store to uncached memory is cut" },
	{ "direct", "whether older stores to a line join a direct store, or how a misaligned one is cut" },
	{ "unseen", "what came where the stream says that something was not seen" },
};

static int bit_index(unsigned int bit)
{
	for (int i = 0; i < MU_BITS; i++)
		if (bit == 1u << i)
			return i;
	return -1;
}

const char *model_unknown_says(unsigned int bit)
{
	int i = bit_index(bit);

	return i < 0 ? "unknown" : unknown[i].says;
}

const char *model_unknown_id(unsigned int bit)
{
	int i = bit_index(bit);

	return i < 0 ? "unknown" : unknown[i].id;
}
