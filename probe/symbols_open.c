// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_open.c - the file that a process has mapped, though its name may be gone, be another file's by now, or be one
 * of another mount namespace.
 *
 * A name can be anything, a device too: it is opened with O_PATH first, which does nothing to what it names.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "resolve.h"
#include "symbols_int.h"

int symbols_open_path(int pathfd)
{
	char name[32];
	struct statfs fs;
	struct stat st;
	int fd = -EACCES;

	if (pathfd < 0)
		return pathfd;
	/* A BAR in sysfs is a regular file, too. */
	if (!fstat(pathfd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= SYMBOLS_FILE &&
	    !fstatfs(pathfd, &fs) && fs.f_type != SYSFS_MAGIC && fs.f_type != PROC_SUPER_MAGIC &&
	    fs.f_type != DEBUGFS_MAGIC && fs.f_type != TRACEFS_MAGIC) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", pathfd);
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0)
			fd = -errno;
	}
	close(pathfd);
	return fd;
}

int symbols_open_below(int rootfd, const char *path)
{
	return rootfd < 0 ? -EBADF : symbols_open_path(resolve_open(rootfd, path, O_PATH));
}

/*
 * Is it this device and inode in the words of maps? Overlays and btrfs give stat() another device, so it is mapped here
 * and looked up in this process's own maps.
 */
static bool as_in_maps(int fd, dev_t dev, ino_t ino)
{
	struct stat st;
	unsigned long start, node;
	unsigned int major, minor;
	char *line = NULL;
	size_t room = 0;
	bool is = false;
	void *page;
	FILE *f;

	if (!fstat(fd, &st) && st.st_dev == dev && st.st_ino == ino)
		return true;
	page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED)
		return false;
	f = fopen("/proc/self/maps", "re");
	while (f && getline(&line, &room, f) > 0)
		if (sscanf(line, "%lx-%*x %*s %*x %x:%x %lu", &start, &major, &minor, &node) == 4 &&
		    start == (unsigned long)page)
			is = makedev(major, minor) == dev && node == ino;
	if (f)
		fclose(f);
	free(line);
	munmap(page, 1);
	return is;
}

/* fd when it is the mapped file, else it is closed. */
static int if_mapped(int fd, dev_t dev, ino_t ino)
{
	if (fd < 0 || as_in_maps(fd, dev, ino))
		return fd;
	close(fd);
	return -ESTALE;
}

/* In maps a newline is "\012", and nothing else is escaped, a backslash neither. */
static void unescape(const char *from, char *to, size_t len)
{
	size_t n = 0;

	for (; *from && n + 1 < len; n++) {
		bool newline = !strncmp(from, "\\012", 4);

		to[n] = newline ? '\n' : *from;
		from += newline ? 4 : 1;
	}
	to[n] = '\0';
}

int symbols_open_mapped(int dir, const struct symbols_range *r, dev_t dev, ino_t ino, const int roots[2],
			const char *path)
{
	char name[4096];
	int fd;

	/* The mapping's own file, whatever became of its name: takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN. */
	snprintf(name, sizeof(name), "map_files/%llx-%llx", (unsigned long long)r->start, (unsigned long long)r->end);
	fd = symbols_open_path(openat(dir, name, O_PATH | O_CLOEXEC));
	if (fd >= 0)
		return fd;
	fd = if_mapped(symbols_open_path(openat(dir, "exe", O_PATH | O_CLOEXEC)), dev, ino);
	unescape(path, name, sizeof(name));
	for (int i = 0; fd < 0 && i < 4; i++)
		fd = if_mapped(symbols_open_below(roots[i / 2], i % 2 ? name : path), dev, ino);
	return fd;
}
