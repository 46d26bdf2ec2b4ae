#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# roots.sh base|build|kernels - have a root of Debian 12 in the cache; prints its folder. Needs root, and a mount namespace of
# its own: package.sh has one.
#
#   base      what debootstrap calls minbase, with all updates, and nothing else
#   build     base, what debian/control asks for to build, and lintian
#   kernels   base, dkms, man-db, and the headers of Debian's newest 6.1 and 6.12, after depmod as a kernel's package has run it
#
# Made anew when what it is to hold changes; "rm -r" the folder for newer packages. Nobody works in it: it is the lower half of an
# overlay, or copied. Exit 77 with one line when it is not cached and cannot be made.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
cache=${WCDIAG_CACHE:-$top/tests/lab/cache}/package
name=${1:?usage: roots.sh base|build|kernels}
form=2	# raise it when this script makes something else

skip() {
	echo "package: root $name: $1" >&2
	exit 77
}
case $name in
base)	holds="$form" ;;
build)	holds="$form $(sed -n '/^Build-Depends:/,/^$/p' "$top/debian/control" | sha256sum)" ;;
kernels) holds="$form" ;;
*)	echo "roots.sh: $name: no such root" >&2; exit 3 ;;
esac
root=$cache/$name
if [ "$(cat "$root.holds" 2>/dev/null)" = "$holds" ]; then
	echo "$root"
	exit 0
fi
[ "$name" = base ] || base=$("$0" base)

mkdir -p "$cache"
new=$(mktemp -d "$cache/new.XXXXXX")
trap 'umount "$new/proc" 2>/dev/null || true; rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
log=$cache/$name.log
echo "package: making the root $name" >&2
apt() {
	chroot "$new" env LC_ALL=C INITRD=No DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1 ||
		skip "apt-get $1: $(grep '^E:' "$log" | head -n 1) ($log)"
}

rm -f "$root.holds"
if [ "$name" = base ]; then
	# The archives that apt uses here, so that a mirror or a proxy serves this root as well.
	from=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
		grep -E ' bookworm(-updates|-security)? main$') || skip "apt here knows no Debian 12 (bookworm)"
	mirror=$(echo "$from" | sed -n 's/^deb \(.*\) bookworm main$/\1/p' | head -n 1)
	chmod 755 "$new"
	debootstrap --variant=minbase --include=ca-certificates bookworm "$new" "$mirror" >"$log" 2>&1 ||
		skip "debootstrap: $(grep '^E:' "$log" | head -n 1) ($log)"
	echo "$from" >"$new/etc/apt/sources.list"
	printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d"	# no service is started in it
	chmod 755 "$new/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf "$new/etc/resolv.conf"
	mount -t proc proc "$new/proc"
	apt update
	apt upgrade
else
	: >"$log"
	cp -a "$base/." "$new/"
	mount -t proc proc "$new/proc"
fi
case $name in
build)
	mkdir -p "$new/tmp/wcdiag/debian"
	cp "$top/debian/control" "$new/tmp/wcdiag/debian/"
	apt install build-essential lintian
	apt build-dep /tmp/wcdiag
	rm -rf "$new/tmp/wcdiag" ;;
kernels)
	headers=
	for series in 6.1 6.12; do
		h=$(chroot "$new" apt-cache search --names-only "^linux-headers-${series%.*}\\.${series#*.}\\.[0-9+a-z.-]*-amd64\$" |
			cut -d' ' -f1 | grep -v -e -cloud- -e -rt- | sort -V | tail -n 1)
		[ -n "$h" ] || skip "apt there knows no linux-headers-$series.*"
		headers="$headers $h"
	done
	# shellcheck disable=SC2086
	apt install dkms man-db $headers
	for dir in "$new"/lib/modules/*; do chroot "$new" depmod "${dir##*/}"; done ;;
esac
rm -f "$new"/var/cache/apt/archives/*.deb
umount "$new/proc"
rm -rf "$root"
mv "$new" "$root"
echo "$holds" >"$root.holds"
echo "$root"
