/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src_open.c - opens the live machine, a directory or an archive, and what a snapshot recorded of failures. */
#include "src.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve.h"
#include "snapshot.h"
#include "src_int.h"
#include "unpack.h"

enum { MAX_ERRNO = 200, MAX_ERRORS_TXT = 4 << 20 };

static int by_path(const void *a, const void *b)
{
	const struct src_error *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	/* The text is one buffer: of two equal paths the later line is the higher address, and comes first here. */
	return c ? c : (x->path < y->path) - (x->path > y->path);
}

static int errno_from_name(const char *name)
{
	/* A few rows of errors.txt, read once: a linear look is enough, and the C library owns the names. */
	for (int e = 1; e < MAX_ERRNO; e++) {
		const char *n = strerrorname_np(e);

		if (n && !strcmp(n, name))
			return e;
	}
	return EIO;
}

int src_errors_parse(char *text, size_t len, struct src *s)
{
	char *p = text, *end = text + len, last_name[16] = "";
	size_t lines = 1, n = 0;
	int last_err = EIO;

	s->errtext = text;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	s->error = calloc(lines, sizeof(*s->error));
	if (!s->error)
		return -ENOMEM;
	while (p < end) {
		char *nl = memchr(p, '\n', (size_t)(end - p)), *sp;

		if (nl)
			*nl = '\0';
		p += strspn(p, " \t");
		sp = strpbrk(p, " \t");
		if (*p != '#' && sp) {
			char *path = sp + strspn(sp, " \t");

			*sp = '\0';
			path[strcspn(path, "\r")] = '\0';
			/* One reason often stands thousands of times (every process): look it up once. */
			if (strcmp(p, last_name)) {
				last_err = errno_from_name(p);
				snprintf(last_name, sizeof(last_name), "%s", p);
			}
			if (*path == '/')
				s->error[n++] = (struct src_error){ path, last_err };
		}
		if (!nl)
			break;
		p = nl + 1;
	}
	qsort(s->error, n, sizeof(*s->error), by_path);
	s->nerror = n;
	return 0;
}

const struct src_error *src_recorded(const struct src *s, const char *path)
{
	size_t lo = 0, hi = s->nerror;

	while (lo < hi) {	/* the first of equal paths: the line that stands last in the file */
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(s->error[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->nerror && !strcmp(s->error[lo].path, path) ? &s->error[lo] : NULL;
}

__attribute__((format(printf, 4, 5)))
static int fail(int rc, char *why, size_t whylen, const char *fmt, ...)
{
	va_list ap;

	if (why && whylen) {
		va_start(ap, fmt);
		vsnprintf(why, whylen, fmt, ap);
		va_end(ap);
	}
	return rc;
}

static struct src *new_src(const char *name)
{
	struct src *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->rootfd = -1;
	s->name = strdup(name);
	s->root = strdup("");
	if (!s->name || !s->root) {
		src_close(s);
		return NULL;
	}
	return s;
}

int src_open_live(struct src **out)
{
	*out = new_src("live");
	return *out ? 0 : -ENOMEM;
}

void src_close(struct src *s)
{
	if (!s)
		return;
	if (s->rootfd >= 0)
		close(s->rootfd);
	if (s->tmp)
		private_dir_remove(s->tmp);
	if (s->held)
		sigprocmask(SIG_SETMASK, &s->before, NULL);
	free(s->tmp);
	free(s->name);
	free(s->root);
	free(s->errtext);
	free(s->error);
	free(s);
}

/* Does the directory hold the marker? 1, 0, or -EINVAL for one that is not ours to read. */
static int has_marker(int dirfd, char *why, size_t whylen)
{
	static const char want[] = "wcdiag-snapshot ";
	char buf[64], *end;
	struct stat st;
	unsigned long v;
	ssize_t n;
	int fd;

	if (fstatat(dirfd, SNAPSHOT_MARKER, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return fail(-EINVAL, why, whylen, "%s is not a regular file", SNAPSHOT_MARKER);
	fd = openat(dirfd, SNAPSHOT_MARKER, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail(-errno, why, whylen, "%s: %s", SNAPSHOT_MARKER, strerror(errno));
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\r\n")] = '\0';
	if (strncmp(buf, want, sizeof(want) - 1))
		return fail(-EINVAL, why, whylen, "the first line of %s is not \"%s%d\"", SNAPSHOT_MARKER, want,
			    SNAPSHOT_FORMAT);
	v = strtoul(buf + sizeof(want) - 1, &end, 10);
	if (*end || v != SNAPSHOT_FORMAT)
		return fail(-EINVAL, why, whylen, "a snapshot of form %.20s; this wcdiag reads form %d",
			    buf + sizeof(want) - 1, SNAPSHOT_FORMAT);
	return 1;
}

/*
 * The root is where the marker is: at the top, or in the one folder that holds it (archives are made with a folder
 * so that they do not litter). Descends fd-relative and through no link. Returns the folder's descriptor.
 */
static int find_root(int topfd, bool descend, char *folder, size_t len, char *why, size_t whylen)
{
	struct src top = { .rootfd = topfd };
	char **name;
	size_t n;
	int found = -1, rc = has_marker(topfd, why, whylen);

	folder[0] = '\0';
	if (rc)
		return rc < 0 ? rc : fcntl(topfd, F_DUPFD_CLOEXEC, 3);
	/* A directory is named by the user: one that holds a snapshot somewhere below is not what he asked for. */
	if (!descend)
		return fail(-EINVAL, why, whylen, "not a snapshot: no file %s in it", SNAPSHOT_MARKER);
	rc = src_list(&top, "/", &name, &n);
	if (rc)
		return fail(rc, why, whylen, "cannot be listed: %s", strerror(-rc));
	for (size_t i = 0; i < n && rc >= 0; i++) {
		int fd = openat(topfd, name[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			continue;
		rc = has_marker(fd, why, whylen);
		if (rc > 0 && found >= 0) {
			rc = fail(-EINVAL, why, whylen, "holds several snapshots: name one of its folders");
		} else if (rc > 0) {
			found = fd;
			snprintf(folder, len, "%s", name[i]);
			continue;
		}
		close(fd);
	}
	src_list_free(name, n);
	if (rc < 0) {
		if (found >= 0)
			close(found);
		return rc;
	}
	return found >= 0 ? found : fail(-EINVAL, why, whylen, "no file %s in it", SNAPSHOT_MARKER);
}

static int adopt_root(struct src *s, int topfd, const char *top, char *why, size_t whylen)
{
	char folder[NAME_MAX + 1];
	struct blob text;
	int rc, fd = find_root(topfd, s->tmp != NULL, folder, sizeof(folder), why, whylen);
	char *real;

	if (fd < 0)
		return fd;
	s->rootfd = fd;
	real = realpath(top, NULL);
	if (!real)
		return fail(-errno, why, whylen, "%s", strerror(errno));
	free(s->root);
	rc = asprintf(&s->root, "%s%s%s", strcmp(real, "/") ? real : "", *folder ? "/" : "", folder);
	free(real);
	if (rc < 0) {
		s->root = NULL;
		return fail(-ENOMEM, why, whylen, "%s", strerror(ENOMEM));
	}
	rc = src_read(s, "/" SNAPSHOT_ERRORS, &text);
	if (rc == -ENODATA)
		return 0;	/* nothing went wrong when it was taken, or it was written by hand */
	if (!rc && text.len > MAX_ERRORS_TXT) {
		blob_free(&text);
		rc = -EFBIG;
	}
	if (!rc)
		rc = src_errors_parse(text.data, text.len, s);
	return rc ? fail(rc, why, whylen, "%s: %s", SNAPSHOT_ERRORS, strerror(-rc)) : 0;
}

/*
 * Nobody but src_close() removes the private directory, so whoever interrupts us has to wait for it: these signals stay
 * pending from here to there.
 */
static void hold_signals(struct src *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	s->held = sigprocmask(SIG_BLOCK, &set, &s->before) == 0;
}

static int open_archive(struct src *s, int fd, char *why, size_t whylen)
{
	int dirfd, rc;

	hold_signals(s);
	rc = private_dir_make(&s->tmp, &dirfd);
	if (rc)
		return fail(rc, why, whylen, "no private directory under $TMPDIR or /tmp: %s", strerror(-rc));
	rc = unpack(fd, dirfd, why, whylen);
	if (!rc)
		rc = adopt_root(s, dirfd, s->tmp, why, whylen);
	close(dirfd);
	return rc;
}

int src_open_root(struct src **out, const char *path, char *why, size_t whylen)
{
	struct src *s;
	struct stat st;
	int fd, rc;

	*out = NULL;
	if (why && whylen)
		why[0] = '\0';
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail(-errno, why, whylen, "%s", strerror(errno));
	s = new_src(path);
	if (!s || fstat(fd, &st) < 0)
		rc = fail(s ? -errno : -ENOMEM, why, whylen, "%s", strerror(s ? errno : ENOMEM));
	else if (S_ISDIR(st.st_mode))
		rc = adopt_root(s, fd, path, why, whylen);
	else if (S_ISREG(st.st_mode))
		rc = open_archive(s, fd, why, whylen);
	else
		rc = fail(-EINVAL, why, whylen, "neither a directory nor an archive");
	close(fd);
	if (rc) {
		src_close(s);
		return rc;
	}
	*out = s;
	return 0;
}
