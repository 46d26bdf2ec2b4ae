/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_run.c - runs a program without a shell, with a time limit, and takes the one number it prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scan.h"
#include "witness_int.h"

enum { MOST = 64 }; /* of a number and a newline; what prints more prints no number */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* In the child, after fork: system calls only. Exit 127 says that it could not be started, as a shell does. */
static void become(const char *program, int out, int err)
{
	char *argv[] = { (char *)program, NULL };
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	if (null >= 0)
		dup2(null, 0);
	dup2(out, 1);
	if (err >= 0 || null >= 0)
		dup2(err >= 0 ? err : null, 2);
	execvp(program, argv);
	_exit(127);
}

/* Its output until it closes it, or the deadline (-ETIMEDOUT), or more than a number (-EBADMSG). */
static int collect(int fd, uint64_t deadline, char *buf, size_t *len)
{
	*len = 0;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = now_ms();
		ssize_t n;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)(deadline - now)) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (!p.revents)
			continue;
		n = read(fd, buf + *len, MOST - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		*len += (size_t)n;
		if (*len == MOST)
			return -EBADMSG;
	}
}

/* Its exit status; a program that lives past the deadline is killed with all that it started (-ETIMEDOUT). */
static int reap(pid_t pid, uint64_t deadline, bool kill_now, int *status)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	bool late = false;
	pid_t got;

	for (;;) {
		siginfo_t si = { .si_pid = 0 };

		/* Not collected yet: until then its number is no other process's. */
		if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0 && errno != EINTR)
			return -errno;
		if (si.si_pid == pid && !kill_now)
			break;
		late = now_ms() >= deadline;
		if (late || kill_now) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL); /* it may not have become a group of its own yet */
			break;
		}
		nanosleep(&nap, NULL);
	}
	do {
		got = waitpid(pid, status, 0);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : late && !kill_now ? -ETIMEDOUT : 0;
}

/* The first line that it wrote to stderr, for the user. */
static void complaint(int fd, char *buf, size_t len)
{
	char text[160];
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);
	const char *nl;

	buf[0] = '\0';
	if (n <= 0)
		return;
	nl = memchr(text, '\n', (size_t)n);
	scan_copy(buf, len, text, nl ? (size_t)(nl - text) : (size_t)n);
}

static int explain(struct fact *f, const char *program, int err, int status, int errfd, unsigned int ms)
{
	char said[100];

	fact_missing(f, NULL, program, -err, "run it by hand: it has to print one number, and exit with 0");
	complaint(errfd, said, sizeof(said));
	if (err == -ETIMEDOUT)
		snprintf(f->why, sizeof(f->why), "it did not end within %u ms", ms);
	else if (err == -EBADMSG)
		snprintf(f->why, sizeof(f->why), "it did not print one number and nothing else");
	else if (err == -ECHILD && WIFSIGNALED(status))
		snprintf(f->why, sizeof(f->why), "it was ended by signal %d", WTERMSIG(status));
	else if (err == -ECHILD && WEXITSTATUS(status) == 127 && !said[0])
		snprintf(f->why, sizeof(f->why), "it could not be started");
	else if (err == -ECHILD)
		snprintf(f->why, sizeof(f->why), "it ended with %d%s%s", WEXITSTATUS(status), said[0] ? ": " : "",
			 said);
	return err;
}

int witness_cmd_run(const char *program, unsigned int ms, uint64_t *value, struct fact *f)
{
	uint64_t deadline = now_ms() + ms;
	int out[2], errfd, status = 0, err, ended;
	char buf[MOST];
	size_t len = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return explain(f, program, -errno, 0, -1, ms);
	errfd = memfd_create("witness", MFD_CLOEXEC);
	pid = fork();
	if (!pid)
		become(program, out[1], errfd);
	err = pid < 0 ? -errno : 0;
	close(out[1]);
	if (!err) {
		err = collect(out[0], deadline, buf, &len);
		ended = reap(pid, deadline, err != 0, &status);
		err = err ? err : ended;
	}
	if (!err && (!WIFEXITED(status) || WEXITSTATUS(status)))
		err = -ECHILD;
	if (!err)
		err = witness_cmd_parse(buf, len, value);
	if (err)
		explain(f, program, err, status, errfd, ms);
	else
		fact_known(f, program);
	close(out[0]);
	if (errfd >= 0)
		close(errfd);
	return err;
}
