/* SPDX-License-Identifier: GPL-2.0-or-later */
/* caller.c - who called: words of the stack that stand behind a call. */
#include "caller.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

/* A function that stores rarely keeps more than this below its return address. */
#define WORDS 64
/* The longest call: FF /2 with SIB and disp32. With a prefix it is longer, and ends in the same bytes. */
#define LONGEST 7

/* Intel SDM vol 2, CALL: E8 rel32; FF /2 with its ModRM. */
static size_t indirect(const uint8_t *b, size_t n)
{
	static const uint8_t disp[4] = { 0, 1, 4, 0 };
	uint8_t mod, rm;
	size_t len;

	if (n < 2 || b[0] != 0xff || (b[1] >> 3 & 7) != 2)
		return 0;
	mod = b[1] >> 6;
	rm = b[1] & 7;
	len = 2u + disp[mod];
	if (mod == 3)
		return len;
	if (rm == 4 && n > 2) {
		len++;
		if (!mod && (b[2] & 7) == 5)
			len += 4;
	} else if (!mod && rm == 5) {
		len += 4;
	}
	return len;
}

/* Bytes of the call that they end in; 0: none. */
static size_t call_len(const uint8_t *bytes, size_t n, uint64_t at, uint64_t *target)
{
	int32_t rel;

	*target = 0;
	if (n >= 5 && bytes[n - 5] == 0xe8) {
		memcpy(&rel, bytes + n - 4, sizeof(rel));
		*target = at + (uint64_t)(int64_t)rel;
		return 5;
	}
	for (size_t len = 2; len <= LONGEST && len <= n; len++)
		if (indirect(bytes + n - len, len) == len)
			return len;
	return 0;
}

bool caller_is_call(const uint8_t *bytes, size_t n, uint64_t at, uint64_t *target)
{
	return call_len(bytes, n, at, target) > 0;
}

static bool read_at(pid_t tid, uint64_t at, void *buf, size_t len)
{
	struct iovec to = { buf, len }, from = { (void *)(uintptr_t)at, len };

	return process_vm_readv(tid, &to, 1, &from, 1, 0) == (ssize_t)len;
}

int caller_of(pid_t tid, uint64_t begin, struct caller *out)
{
	struct user_regs_struct r;
	uint64_t word[WORDS];
	size_t n = WORDS;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &r))
		return -errno;
	/* The stack's end may be near. */
	while (n && !read_at(tid, r.rsp, word, n * sizeof(word[0])))
		n /= 2;
	for (size_t i = 0; i < n; i++) {
		uint8_t before[LONGEST];
		uint64_t target;
		size_t len;

		if (word[i] < 4096 || word[i] >> 47 || !read_at(tid, word[i] - LONGEST, before, LONGEST))
			continue;
		len = call_len(before, LONGEST, word[i], &target);
		if (!len || (i && (!begin || target != begin)))
			continue;
		*out = (struct caller){ word[i] - len, word[i], (unsigned int)i };
		return 0;
	}
	return -ENOENT;
}

bool caller_still(pid_t tid, const struct caller *c)
{
	struct user_regs_struct r;
	uint64_t word;

	return !ptrace(PTRACE_GETREGS, tid, NULL, &r) &&
	       read_at(tid, r.rsp + c->at * sizeof(word), &word, sizeof(word)) && word == c->behind;
}
