#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# install.sh [--remove] - install the built module for the running kernel (or that of $KDIR), or take it away again.
#
# With dkms, its sources go to /usr/src and dkms builds it for this kernel and for those to come. Without, the built file goes
# to /lib/modules/RELEASE/updates. DESTDIR: only the file, below that folder, and nothing is run. It is not loaded.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/sbin:/usr/sbin
name=wcdiag_km
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$here/dkms.conf")
sources=/usr/src/$name-$version

say() { echo "install-km: $*"; }

if [ "${1:-}" = --remove ]; then
	if [ -z "${DESTDIR:-}" ] && [ -d "$sources" ]; then
		! command -v dkms >/dev/null || dkms remove -m $name -v "$version" --all || true
		rm -rf "$sources"
	fi
	for ko in "${DESTDIR:-}"/lib/modules/*/updates/"$name".ko; do
		[ -f "$ko" ] || continue
		rm -f "$ko"
		[ -n "${DESTDIR:-}" ] || depmod -a "$(basename "$(dirname "$(dirname "$ko")")")"
	done
	[ ! -d /sys/module/$name ] || [ -n "${DESTDIR:-}" ] || say "it is still loaded: rmmod $name"
	exit 0
fi

if [ -z "${DESTDIR:-}" ] && command -v dkms >/dev/null; then
	rm -rf "$sources"
	mkdir -p "$sources"
	cp "$here"/*.c "$here"/*.h "$here"/*.sh "$here/Kbuild" "$here/Makefile" "$here/dkms.conf" "$sources/"
	rm -f "$sources"/*.mod.c "$sources/conftest.h"
	dkms install --force -m $name -v "$version"
else
	headers=$("$here/kdir.sh" --running) || exit 1
	[ -f "$here/$name.ko" ] || { echo "install-km: km/$name.ko is not built" >&2; exit 1; }
	command -v modinfo >/dev/null || { echo "install-km: no modinfo (Debian: kmod)" >&2; exit 1; }
	release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$headers/include/generated/utsrelease.h")
	made=$(modinfo -F vermagic "$here/$name.ko" | cut -d' ' -f1)
	[ "$made" = "$release" ] || { echo "install-km: km/$name.ko is for $made, not for $release (make km)" >&2; exit 1; }
	dir=${DESTDIR:-}/lib/modules/$release/updates
	mkdir -p "$dir"
	cp "$here/$name.ko" "$dir/"
	[ -n "${DESTDIR:-}" ] || depmod -a "$release"
	say "$dir/$name.ko"
fi
say "load it with: modprobe $name (Secure Boot: km/README.md, Signing)"
