/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_archive.c - an archive is unpacked: nothing appears beside its directory, what appears in it is files,
 * directories and links that stay inside, and what claims to be a snapshot can be opened and its PCI devices read.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/pci.h"
#include "probe/src.h"
#include "probe/unpack.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char outer[64];	/* holds the private directory and nothing else */
static int outer_fd;

static void remove_outer(void)
{
	rmdir(outer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* In memory where possible: every run makes and removes files. */
	snprintf(outer, sizeof(outer), "%s/wcdiag-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(outer))
		abort();
	outer_fd = open(outer, O_RDONLY | O_DIRECTORY);
	setenv("TMPDIR", outer, 1);
	atexit(remove_outer);
	return 0;
}

static unsigned int look(int dirfd, unsigned int depth)
{
	DIR *d = fdopendir(dirfd);
	unsigned int n = 0;
	struct dirent *e;

	if (!d || depth > UNPACK_MAX_DEPTH)
		abort();
	while ((e = readdir(d))) {
		char target[UNPACK_MAX_NAME + 2];
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) || ++n > UNPACK_MAX_ENTRIES)
			abort();
		if (S_ISDIR(st.st_mode)) {
			n += look(openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), depth + 1);
		} else if (S_ISLNK(st.st_mode)) {
			ssize_t len = readlinkat(dirfd, e->d_name, target, sizeof(target));

			if (len <= 0 || len > UNPACK_MAX_NAME || *target == '/')
				abort();
		} else if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SRC_MAX_FILE || st.st_nlink != 1) {
			abort();
		}
	}
	closedir(d);
	return n;
}

static unsigned int entries_of_outer(void)
{
	int fd = openat(outer_fd, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);
	unsigned int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void read_it(const char *dir)
{
	struct src *s;
	struct pci p;
	char why[200];

	if (src_open_root(&s, dir, why, sizeof(why)))
		return;
	pci_read(s, &p);
	pci_free(&p);
	src_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int dirfd, fd = memfd_create("archive", MFD_CLOEXEC), rc;
	char *dir, why[160];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	if (private_dir_make(&dir, &dirfd))
		abort();
	rc = unpack(fd, dirfd, why, sizeof(why));
	if (rc > 0 || (rc < 0) != (*why != '\0') || !memchr(why, 0, sizeof(why)) || entries_of_outer() != 1)
		abort();
	look(dup(dirfd), 0);
	if (!rc)
		read_it(dir);
	private_dir_remove(dir);
	if (entries_of_outer())
		abort();
	free(dir);
	close(dirfd);
	close(fd);
	return 0;
}
