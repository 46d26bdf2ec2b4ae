/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src_open.c - opens the live machine, a directory or an archive, and what a snapshot recorded of failures. */
#include "src.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memtree.h"
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
	if (!s->name) {
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
	memtree_free(s->tree);
	free(s->name);
	free(s->errtext);
	free(s->error);
	free(s);
}

/* The first line of the marker: 1, or -EINVAL for one that is not ours to read. */
static int check_marker(char *line, char *why, size_t whylen)
{
	static const char want[] = "wcdiag-snapshot ";
	unsigned long v;
	char *end;

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, want, sizeof(want) - 1))
		return fail(-EINVAL, why, whylen, "the first line of %s is not \"%s%d\"", SNAPSHOT_MARKER, want,
			    SNAPSHOT_FORMAT);
	v = strtoul(line + sizeof(want) - 1, &end, 10);
	if (*end || v != SNAPSHOT_FORMAT)
		return fail(-EINVAL, why, whylen, "a snapshot of form %.20s; this wcdiag reads form %d",
			    line + sizeof(want) - 1, SNAPSHOT_FORMAT);
	return 1;
}

/* Does the directory hold the marker? 1, 0, or negative errno. */
static int dir_marker(int dirfd, char *why, size_t whylen)
{
	char line[64];
	struct stat st;
	ssize_t n;
	int fd;

	if (fstatat(dirfd, SNAPSHOT_MARKER, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return fail(-EINVAL, why, whylen, "%s is not a regular file", SNAPSHOT_MARKER);
	fd = openat(dirfd, SNAPSHOT_MARKER, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail(-errno, why, whylen, "%s: %s", SNAPSHOT_MARKER, strerror(errno));
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	return check_marker(line, why, whylen);
}

static int mem_marker(const struct memtree *t, const struct memnode *dir, char *why, size_t whylen)
{
	const struct memnode *f = memtree_child(t, dir, SNAPSHOT_MARKER);
	char line[64];
	int64_t n;

	if (!f)
		return 0;
	if (f->kind != MEM_FILE)
		return fail(-EINVAL, why, whylen, "%s is not a regular file", SNAPSHOT_MARKER);
	n = memtree_read(t, f, line, sizeof(line) - 1, 0);
	line[n > 0 ? n : 0] = '\0';
	return check_marker(line, why, whylen);
}

/*
 * The root is where the marker is: at the top, or in the one folder that holds it (archives are made with a folder
 * so that they do not litter).
 */
static int find_top(struct src *s, char *why, size_t whylen)
{
	struct memnode *top = memtree_top(s->tree), *found = NULL;
	int rc = mem_marker(s->tree, top, why, whylen);

	if (rc) {
		s->top = top;
		return rc < 0 ? rc : 0;
	}
	for (struct memnode *d = top->child; d; d = d->sibling) {
		rc = d->kind == MEM_DIR ? mem_marker(s->tree, d, why, whylen) : 0;
		if (rc < 0)
			return rc;
		if (rc && found)
			return fail(-EINVAL, why, whylen, "holds several snapshots: name one of its folders");
		if (rc)
			found = d;
	}
	s->top = found;
	return found ? 0 : fail(-EINVAL, why, whylen, "no file %s in it", SNAPSHOT_MARKER);
}

/* A directory is named by the user: one that holds a snapshot somewhere below is not what he asked for. */
static int open_directory(struct src *s, int fd, char *why, size_t whylen)
{
	int rc = dir_marker(fd, why, whylen);

	if (rc <= 0)
		return rc ? rc : fail(-EINVAL, why, whylen, "not a snapshot: no file %s in it", SNAPSHOT_MARKER);
	s->rootfd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return s->rootfd < 0 ? fail(-errno, why, whylen, "%s", strerror(errno)) : 0;
}

static int open_archive(struct src *s, int fd, char *why, size_t whylen)
{
	int rc;

	s->tree = memtree_new();
	if (!s->tree)
		return fail(-ENOMEM, why, whylen, "%s", strerror(ENOMEM));
	rc = unpack(fd, s->tree, why, whylen);
	return rc ? rc : find_top(s, why, whylen);
}

static int read_errors(struct src *s, char *why, size_t whylen)
{
	struct blob text;
	int rc = src_read(s, "/" SNAPSHOT_ERRORS, &text);

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
		rc = open_directory(s, fd, why, whylen);
	else if (S_ISREG(st.st_mode))
		rc = open_archive(s, fd, why, whylen);
	else
		rc = fail(-EINVAL, why, whylen, "neither a directory nor an archive");
	close(fd);
	if (!rc)
		rc = read_errors(s, why, whylen);
	if (rc) {
		src_close(s);
		return rc;
	}
	*out = s;
	return 0;
}
