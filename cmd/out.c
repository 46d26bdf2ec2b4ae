/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out.c - which verdict becomes which exit code. */
#include "cmd/out.h"

#include "cmd/cmd.h"
#include "probe/judge.h"

int out_exit(const struct judgement *j)
{
	static const int code[] = {
		[VERDICT_INTACT] = EXIT_INTACT, [VERDICT_UNKNOWN] = EXIT_UNKNOWN, [VERDICT_BROKEN] = EXIT_BROKEN
	};

	return code[j->verdict];
}

int out_worse(int a, int b)
{
	static const int rank[] = { [EXIT_INTACT] = 0, [EXIT_UNKNOWN] = 1, [EXIT_BROKEN] = 2, [EXIT_FAILED] = 3 };

	return rank[a] >= rank[b] ? a : b;
}

/* Monitoring plug-ins have codes of their own: OK 0, CRITICAL 2, UNKNOWN 3. */
int out_nagios_exit(int rc)
{
	static const int code[] = { [EXIT_INTACT] = 0, [EXIT_BROKEN] = 2, [EXIT_UNKNOWN] = 3, [EXIT_FAILED] = 3 };

	return code[rc];
}
