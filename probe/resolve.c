/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolve.c - openat2 where there is one, else its work by hand (Linux before 5.6, sandboxes that refuse it). */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_LINKS = 40, MAX_DEPTH = 128 };

struct walk {
	int rootfd;
	int fd[MAX_DEPTH];	/* the directories from the root down to where we stand */
	unsigned int depth;
	unsigned int links;
	char rest[2 * PATH_MAX];	/* what is still to be resolved */
};

static int walk_here(const struct walk *w)
{
	return w->depth ? w->fd[w->depth - 1] : w->rootfd;
}

static void walk_up(struct walk *w)
{
	if (w->depth)
		close(w->fd[--w->depth]);
}

static void walk_to_root(struct walk *w)
{
	while (w->depth)
		walk_up(w);
}

static int walk_down(struct walk *w, const char *name)
{
	int fd;

	if (w->depth == MAX_DEPTH)
		return -ENAMETOOLONG;
	fd = openat(walk_here(w), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	w->fd[w->depth++] = fd;
	return 0;
}

/* Cut the first component off w->rest into name; false when nothing is left. */
static bool next_component(struct walk *w, char name[NAME_MAX + 1], int *rc)
{
	size_t skip = strspn(w->rest, "/"), n = strcspn(w->rest + skip, "/");

	*rc = 0;
	if (n > NAME_MAX) {
		*rc = -ENAMETOOLONG;
		return false;
	}
	if (!n)
		return false;
	memcpy(name, w->rest + skip, n);
	name[n] = '\0';
	memmove(w->rest, w->rest + skip + n, strlen(w->rest + skip + n) + 1);
	return true;
}

/* Put a link's target before what is left. */
static int follow(struct walk *w, const char *target, size_t len)
{
	size_t left = strlen(w->rest);

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (len + left + 2 > sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + len, w->rest, left + 1);
	memcpy(w->rest, target, len);
	if (target[0] == '/')
		walk_to_root(w);
	return 0;
}

static int open_here(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int walk(struct walk *w, int flags)
{
	char name[NAME_MAX + 1], target[PATH_MAX];
	int rc;

	while (next_component(w, name, &rc)) {
		bool last = w->rest[strspn(w->rest, "/")] == '\0';
		ssize_t n;

		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			walk_up(w);
			continue;
		}
		n = readlinkat(walk_here(w), name, target, sizeof(target));
		if (n == (ssize_t)sizeof(target))
			return -ENAMETOOLONG;
		if (n > 0 && !(last && !w->rest[0] && (flags & O_NOFOLLOW))) {
			rc = follow(w, target, (size_t)n);
			if (rc)
				return rc;
			continue;
		}
		if (n < 0 && errno != EINVAL)
			return -errno;
		if (last)
			return open_here(walk_here(w), name, flags | O_NOFOLLOW | (w->rest[0] ? O_DIRECTORY : 0));
		rc = walk_down(w, name);
		if (rc)
			return rc;
	}
	return rc ? rc : open_here(walk_here(w), ".", flags & ~O_NOFOLLOW);
}

int resolve_walk(int rootfd, const char *path, int flags)
{
	struct walk w = { .rootfd = rootfd };
	int fd;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(w.rest, path);
	fd = walk(&w, flags);
	walk_to_root(&w);
	return fd;
}

int resolve_open(int rootfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = 0;

	/* EAGAIN: something was renamed while ".." was resolved; the kernel asks to try again. */
	do {
		fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN && ++tries < 16);
	/* EPERM is what container sandboxes older than openat2 answer; the walk then finds the true reason. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return resolve_walk(rootfd, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

bool resolve_stays_inside(unsigned int depth, const char *target)
{
	if (*target == '/')
		return false;
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && target[0] == '.' && target[1] == '.') {
			if (!depth--)
				return false;
		} else if (n && !(n == 1 && *target == '.')) {
			depth++;
		}
		target += n + (target[n] == '/');
	}
	return true;
}
