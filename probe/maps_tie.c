/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_tie.c - what maps does not tell, looked up on the live machine: the PCI device behind a node, and behind a
 * process's vfio descriptors. No node is opened.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "maps_int.h"
#include "scan.h"
#include "src.h"

/*
 * The mapped file itself is asked, through /proc/PID/map_files: its path may name something else in our mount
 * namespace, or nothing any more. That takes privilege; without it the path is looked up in the process's own root.
 */
static bool char_device(const struct map *m, int pid, dev_t *dev)
{
	char path[sizeof(m->path) + 32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", pid, (unsigned long long)m->vstart,
		 (unsigned long long)m->vend);
	if (stat(path, &st)) {
		if (strchr(m->path, '?') || strlen(m->path) == sizeof(m->path) - 1)
			return false;	/* shown, but not as it is */
		snprintf(path, sizeof(path), "/proc/%d/root%s", pid, m->path);
		if (stat(path, &st))
			return false;
	}
	*dev = st.st_rdev;
	return S_ISCHR(st.st_mode);
}

/* A thread that still has what its main thread had: /proc/TID is there, though not listed. False: no other thread. */
static bool other_thread(const struct src *s, int pid, int *tid)
{
	int fd = maps_open_thread(s, pid, tid);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

bool node_slot(const struct src *s, const struct map *m, char slot[20])
{
	char path[64], target[512];
	dev_t dev;
	int tid;

	if (!char_device(m, m->pid, &dev) && !(other_thread(s, m->pid, &tid) && char_device(m, tid, &dev)))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(dev), minor(dev));
	if (!src_readlink(s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot))
		return true;
	/* a class device without a place below the PCI device, but with a link to it */
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device", major(dev), minor(dev));
	return !src_readlink(s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot);
}

/* What the descriptors of one process say. */
struct vfio_seen {
	char slot[20];		/* the first one found, "" when none */
	bool several;		/* another one was found as well */
	bool unclear;		/* a group of several devices: any of them may be the one */
};

static void seen(struct vfio_seen *v, const char *slot)
{
	if (!*v->slot)
		memcpy(v->slot, slot, sizeof(v->slot));
	else if (strcmp(v->slot, slot))
		v->several = true;
}

/* /dev/vfio/26: of a group of one device it must be that one. */
static void group_of(const struct src *s, const char *group, struct vfio_seen *v)
{
	char path[96], slot[20];
	char **names = NULL;
	size_t n = 0;

	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%.20s/devices", group);
	if (!src_list(s, path, &names, &n) && n == 1 && slot_parse(names[0], strlen(names[0]), slot))
		seen(v, slot);
	else
		v->unclear = true;
	src_list_free(names, n);
}

/* Since 6.17 the kernel says it: "vfio-device-syspath: /sys/devices/pci0000:e0/.../0000:e8:00.0". */
static bool device_path(const struct src *s, int pid, const char *fd, char slot[20])
{
	static const char key[] = "vfio-device-syspath:";
	char path[64];
	struct blob text;
	const char *p;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.12s", pid, fd);
	if (src_read(s, path, &text))
		return false;
	p = memmem(text.data, text.len, key, sizeof(key) - 1);
	if (p)
		found = slot_in_path(p, strcspn(p, "\n"), slot);
	blob_free(&text);
	return found;
}

bool vfio_slot(const struct src *s, int pid, char slot[20])
{
	struct vfio_seen group = {0}, device = {0};
	char path[96], target[256], found[20];
	char **fd = NULL;
	size_t n = 0, i;
	int err, tid;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	err = src_list(s, path, &fd, &n);
	if ((err || !n) && other_thread(s, pid, &tid)) {
		src_list_free(fd, n);
		pid = tid;
		snprintf(path, sizeof(path), "/proc/%d/fd", pid);
		err = src_list(s, path, &fd, &n);
	}
	if (err)
		return false;
	for (i = 0; i < n; i++) {
		struct scan t;

		snprintf(path, sizeof(path), "/proc/%d/fd/%.12s", pid, fd[i]);
		if (src_readlink(s, path, target, sizeof(target)))
			continue;
		t = scan_of(target, strlen(target));
		if (scan_lit(&t, "/dev/vfio/devices/")) {
			snprintf(path, sizeof(path), "/sys/class/vfio-dev/%.32s", t.p);
			if (!src_readlink(s, path, target, sizeof(target)) &&
			    slot_in_path(target, strlen(target), found))
				seen(&device, found);
			else
				device.unclear = true;
		} else if (scan_lit(&t, "anon_inode:[vfio-device")) {
			if (device_path(s, pid, fd[i], found))
				seen(&device, found);
			else
				device.unclear = true;
		} else if (scan_lit(&t, "/dev/vfio/") && !scan_lit(&t, "vfio")) {
			scan_lit(&t, "noiommu-");
			group_of(s, t.p, &group);
		}
	}
	src_list_free(fd, n);
	/* Where each device descriptor names its device the groups add nothing; else they have to leave no choice. */
	if (*device.slot && !device.unclear)
		group = device;
	else if (*device.slot)
		seen(&group, device.slot);
	if (!*group.slot || group.several || group.unclear)
		return false;
	memcpy(slot, group.slot, sizeof(group.slot));
	return true;
}
