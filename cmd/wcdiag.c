/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wcdiag.c - the dispatcher: an array of commands, help printed from it, and a checked end of output. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/complete.h"
#include "cmd/version.h"

static const struct cmd *const cmds[] = {
	&cmd_check, &cmd_bars,	&cmd_pat,     &cmd_mtrr,    &cmd_memtype, &cmd_pte,
	&cmd_drive, &cmd_trace, &cmd_model, &cmd_compare, &cmd_buffers, &cmd_capture, &cmd_explain,
	&cmd_diff, &cmd_live,
	&cmd_report,
	&cmd_watch,
};
#define NCMDS (sizeof(cmds) / sizeof(cmds[0]))

static const struct cmd self = { .name = "" };

/*
 * A program started with descriptor 1 closed would hand that number to the next file it opens. Fill 0 to 2 first and
 * remember that stdout was not ours: what is printed then is lost, and that must be said.
 */
static bool fill_std_descriptors(void)
{
	bool out_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0 && errno == EBADF;
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return out_closed;
}

static void usage(FILE *to)
{
	fprintf(to, "usage: wcdiag COMMAND [OPTIONS] [ARGUMENTS]\n\n"
		    "Tells why write-combined 64-byte stores to a PCIe BAR leave the CPU as several TLPs.\n\n");
	for (size_t i = 0; i < NCMDS; i++)
		fprintf(to, "  %-10s %s\n", cmds[i]->name, cmds[i]->help);
	fprintf(to, "\nStart with: wcdiag check            (as root; changes nothing, writes to no device)\n"
		    "Then:       wcdiag COMMAND --help, wcdiag explain RULE, man wcdiag\n");
}

static int finish(const struct cmd *c, int rc, bool out_closed)
{
	if (out_closed)
		return cmd_fail(c, "standard output", "it is closed, the answer is lost",
				"redirect it to a file or a pipe");
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		if (errno == EPIPE && !common_json_asked()) /* somebody quit the pager */
			return EXIT_FAILED;
		return cmd_fail_errno(c, "standard output", errno ? errno : EIO,
				      "the answer is not complete: give it room, or a reader");
	}
	return rc;
}

int main(int argc, char **argv)
{
	bool out_closed = fill_std_descriptors();

	/* A reader that goes away is a write error like any other: reported, not a silent death. */
	common_sigpipe = signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		usage(stderr);
		return EXIT_FAILED;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return finish(&self, EXIT_INTACT, out_closed);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		version_print();
		return finish(&self, EXIT_INTACT, out_closed);
	}
	if (!strcmp(argv[1], "--complete"))
		return finish(&self, complete(cmds, NCMDS, argc - 2, argv + 2), out_closed);
	for (size_t i = 0; i < NCMDS; i++)
		if (!strcmp(argv[1], cmds[i]->name))
			return finish(cmds[i], cmds[i]->run(cmds[i], argc - 1, argv + 1), out_closed);
	if (*argv[1] == '-')
		return cmd_fail(&self, argv[1], "an option before the command",
				"wcdiag COMMAND OPTIONS; see: wcdiag --help");
	return cmd_fail(&self, argv[1], "no such command", "see: wcdiag --help");
}
