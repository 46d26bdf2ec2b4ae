// SPDX-License-Identifier: GPL-2.0-or-later
/* xsave.c - the processor's state saved into the region: which of the area's bytes are written is not told, and that is. */
#include <cpuid.h>

#include "prog.h"

PROGRAM(xsave, P_TOLD | P_TRUTH | P_UNSAID, "xsave and fxsave into the region")
{
	unsigned int a = 0, b = 0, c = 0, d = 0;

	if (!telling && (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1U << 27)))
		skip("this CPU or kernel has no XSAVE");
	begin();
	DO(TELL("s 0x0 8"), "movq %%rax,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("# note unsaid"), "fxsave64 (%%rdi)", p + 0x1000, 0, 0, 0, 0);
	DO(TELL("s 0x8 8"), "movq %%rax,(%%rdi)", p + 8, 0, 0, 0, value());
	DO(TELL("# note unsaid"), "xsave64 (%%rdi)", p + 0x2000, 0, 0, 3, 3);
	DO(TELL("s 0x10 8"), "movq %%rax,(%%rdi)", p + 0x10, 0, 0, 0, value());
	end();
	if (!telling) {
		/* x87's and SSE's own: control word and MXCSR are where they must be. */
		MUST(!memcmp(p + 0x1000, p + 0x2000, 2) && !memcmp(p + 0x1018, p + 0x2018, 4));
		printf("control %02x%02x\n", p[0x1001], p[0x1000]);
		/* What was in the registers is nobody's business; done by the kernel, so that no store of ours is. */
		for (int at = 0x1000; at < 0x4000; at += 0x1000)
			MUST(pwrite(prog_fd, (char[4096]){ 0 }, 4096, at) == 4096);
	}
	return 0;
}
