// SPDX-License-Identifier: GPL-2.0-or-later
/* symbols_maps.c - what a process executes from: the executable lines of its maps, and the file behind each. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "symbols_int.h"

#define VDSO_MOST (1u << 20)

struct line {
	struct symbols_range r;
	dev_t dev;
	ino_t ino;
	bool exec, shared;
	const char *path; /* in the line, without its newline */
};

static bool parse(char *line, struct line *out)
{
	unsigned long start, end, offset, ino;
	unsigned int major, minor;
	char perms[5];
	int path = 0;

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &start, &end, perms, &offset, &major, &minor, &ino, &path) < 7)
		return false;
	line[strcspn(line, "\n")] = '\0';
	*out = (struct line){
		.r = { .start = start, .end = end, .offset = offset, .module = -1 },
		.dev = makedev(major, minor),
		.ino = ino,
		.exec = perms[2] == 'x',
		.shared = perms[3] == 's',
		.path = line + path,
	};
	return true;
}

/* maps of one thread; NULL: it has none (any more), or may not be looked at. */
static FILE *maps_of(int dir)
{
	int fd = openat(dir, "maps", O_RDONLY | O_CLOEXEC), c;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !f)
		close(fd);
	c = f ? getc(f) : EOF;
	if (c != EOF) {
		ungetc(c, f);
		return f;
	}
	if (f) {
		fclose(f);
		errno = ESRCH;
	}
	return NULL;
}

/* A process whose main thread has ended lives on in the others. *thread: the folder of the one that was found, or -1.
 */
static FILE *maps_open(int dir, int *thread)
{
	FILE *f = maps_of(dir);
	int why = errno, fd;
	char name[32];
	struct dirent *e;
	DIR *d;

	*thread = f ? fcntl(dir, F_DUPFD_CLOEXEC, 0) : -1;
	if (f)
		return f;
	fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	while (d && !f && (e = readdir(d))) {
		snprintf(name, sizeof(name), "task/%d", atoi(e->d_name));
		*thread = atoi(e->d_name) ? openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		f = *thread < 0 ? NULL : maps_of(*thread);
		if (!f && *thread >= 0)
			close(*thread);
	}
	if (d)
		closedir(d);
	if (!f)
		*thread = -1;
	errno = why;
	return f;
}

/* Index in s->root[] of the process's root; this process's own when that cannot be told. */
static int root_of(struct symbols *s, int dir)
{
	struct symbols_root now = { .fd = -1 };
	struct stat st;

	if (!fstatat(dir, "ns/mnt", &st, 0))
		now.ns = st.st_ino;
	if (fstatat(dir, "root", &st, 0))
		return 0;
	now.dev = st.st_dev;
	now.ino = st.st_ino;
	for (size_t i = 0; i < s->roots; i++)
		if (s->root[i].dev == now.dev && s->root[i].ino == now.ino && s->root[i].ns == now.ns)
			return (int)i;
	if (s->roots < SYMBOLS_ROOTS)
		now.fd = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (now.fd < 0)
		return 0;
	s->root[s->roots] = now;
	return (int)s->roots++;
}

/* The vdso is no file; it is the kernel's, so it is read out of the process. */
static void read_vdso(struct symbols_module *m, int dir, const struct symbols_range *r)
{
	int fd = openat(dir, "mem", O_RDONLY | O_CLOEXEC);
	size_t len = r->end - r->start;

	m->image = fd >= 0 && len <= VDSO_MOST ? malloc(len) : NULL;
	if (m->image && pread(fd, m->image, len, (off_t)r->start) == (ssize_t)len) {
		m->imagelen = len;
	} else {
		free(m->image);
		m->image = NULL;
	}
	if (fd >= 0)
		close(fd);
}

/*
 * The module of a line: its index, -1: it is none, or there are too many. One that is known is the same file still: its
 * descriptor is held, so that its inode's number cannot be another file's by now.
 */
static int module_of(struct symbols *s, int dir, const struct line *l)
{
	bool vdso = !strcmp(l->path, "[vdso]");
	struct symbols_module *m;
	const char *slash;

	/* Code is mapped private. What is shared and executable may be a device's, by READ_IMPLIES_EXEC. */
	if (!vdso && (*l->path != '/' || l->shared))
		return -1;
	for (size_t i = 0; i < s->modules; i++) {
		m = s->module[i];
		if (m->dev == l->dev && m->ino == l->ino && !strcmp(m->path, l->path) && (m->fd >= 0 || m->image))
			return (int)i;
	}
	m = s->modules < SYMBOLS_MODULES ? calloc(1, sizeof(*m)) : NULL;
	if (!m)
		return -1;
	m->fd = m->debugfd = m->alternatefd = -1;
	m->dev = l->dev;
	m->ino = l->ino;
	m->path = strdup(l->path);
	if (!m->path) {
		free(m);
		return -1;
	}
	slash = strrchr(m->path, '/');
	m->name = slash ? slash + 1 : m->path;
	if (vdso) {
		read_vdso(m, dir, &l->r);
	} else {
		m->root = root_of(s, dir);
		m->fd = symbols_open_mapped(dir, &l->r, l->dev, l->ino, (int[]){ s->root[m->root].fd, s->root[0].fd },
					    m->path);
	}
	symbols_segments(m);
	s->module[s->modules] = m;
	return (int)s->modules++;
}

int symbols_ranges(struct symbols *s, int dir, struct symbols_range **out, size_t *n)
{
	char *text = NULL;
	size_t room = 0;
	struct line l;
	int thread, rc = 0;
	FILE *f = maps_open(dir, &thread);

	*out = NULL;
	*n = 0;
	if (!f)
		return -errno;
	while (!rc && *n < SYMBOLS_RANGES && getline(&text, &room, f) > 0) {
		struct symbols_range *more;

		if (!parse(text, &l) || !l.exec || l.r.start >= l.r.end)
			continue;
		more = *n % 64 ? *out : realloc(*out, (*n + 64) * sizeof(*more));
		if (!more) {
			rc = -ENOMEM;
			break;
		}
		*out = more;
		l.r.module = module_of(s, thread, &l);
		more[(*n)++] = l.r;
	}
	free(text);
	fclose(f);
	if (thread >= 0)
		close(thread);
	return rc;
}
