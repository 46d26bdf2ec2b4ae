/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_child.h - another program at work beside the screen: started, looked after now and then, never waited for while
 * it works.
 */
#ifndef WCDIAG_LIVE_CHILD_H
#define WCDIAG_LIVE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct live_child {
	pid_t pid; /* 0: none */
	int out, err;
	char *text; /* what it wrote to stdout; a string */
	size_t len, room;
	char said[2000]; /* ... and to stderr, its beginning */
	size_t nsaid;
	bool too_much; /* it wrote more than any answer has, and was asked to end */
};

/*
 * Without a shell, with nothing on its stdin. It is asked to end (SIGTERM) when this program dies. 0 or -errno; a
 * program that cannot be run ends with 127.
 */
int live_child_start(struct live_child *c, const char *path, const char *const argv[]);
/* Takes what it wrote, without waiting. true: it has ended, with the status of waitpid(2); then there is none more. */
bool live_child_ended(struct live_child *c, int *status);
/* Asks it to end. */
void live_child_stop(struct live_child *c);
/* It ends, now: asked, and after five seconds made to. Its text is gone. */
void live_child_close(struct live_child *c);

#endif
