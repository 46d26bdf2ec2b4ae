/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_roots.c - names of snapshots, as many as there are. */
#include "cmd/check_roots.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/device.h"

static int add(const struct cmd *c, struct common *o, const char *path)
{
	/* Grown by doubling, whoever began the list: a power of two is full. */
	if (!(o->nroot & (o->nroot - 1))) {
		const char **p = realloc(o->root, (o->nroot ? o->nroot * 2 : 1) * sizeof(*p));

		if (!p)
			return cmd_fail_errno(c, path, ENOMEM, NULL);
		o->root = p;
	}
	o->root[o->nroot++] = path;
	return 0;
}

static int whole_file(const struct cmd *c, const char *file, char **text)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	size_t len = 0;
	ssize_t n;

	*text = NULL;
	if (!f)
		return cmd_fail_errno(c, file, errno, "a file with the name of a snapshot in each line");
	errno = 0;
	n = getdelim(text, &len, '\0', f);
	if (n > 0 && (*text)[n - 1] == '\0' && !feof(f)) {
		free(*text);
		*text = NULL;
		if (f != stdin)
			fclose(f);
		return cmd_fail(c, file, "holds a byte 0", "write one name in each line");
	}
	if (n < 0 && errno) {
		int err = errno;

		free(*text);
		*text = NULL;
		if (f != stdin)
			fclose(f);
		return cmd_fail_errno(c, file, err, "a file with the name of a snapshot in each line");
	}
	if (f != stdin)
		fclose(f);
	if (n < 0) {
		free(*text);
		*text = NULL;
	}
	return 0;
}

int check_roots_from(const struct cmd *c, struct common *o, const char *file)
{
	/* The list points into it: it stays until the program ends. */
	static char *text;
	char *save = NULL;
	size_t before = o->nroot;
	int rc = whole_file(c, file, &text);

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line && !rc; line = strtok_r(NULL, "\n", &save))
		rc = add(c, o, line);
	if (!rc && o->nroot == before)
		return cmd_fail(c, file, "names no snapshot", "write one name in each line");
	return rc;
}

/* After --root, further arguments that are files or directories are snapshots too: --root with a shell pattern is what
 * shells make of it. */
static bool is_snapshot(const struct common *o, const char *arg)
{
	struct stat st;

	return o->nroot && !stat(arg, &st);
}

int check_positional(const struct cmd *c, struct common *o, struct device_arg *dev, int argc, char **argv, int at)
{
	int rc = 0;

	for (; at < argc && !rc; at++) {
		if (is_snapshot(o, argv[at]))
			rc = add(c, o, argv[at]);
		else if (o->nroot && strspn(argv[at], "0123456789abcdefABCDEF:.*") != strlen(argv[at]))
			rc = cmd_fail(c, argv[at], "no such snapshot, and no PCI slot either", "check the name");
		else
			rc = device_arg_parse(c, argv[at], dev);
	}
	return rc;
}
