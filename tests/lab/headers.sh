#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# headers.sh SERIES - have the headers of the lab's kernel of that series (6.1, 6.12) in the cache; prints their folder,
# good for "make -C FOLDER M=...".
#
# They belong exactly to the release in CACHE/SERIES/release: kernel.sh has fetched it, or does so now. Packages are
# fetched and unpacked, never installed: root is not needed. What they take from the machine is gcc-12, make and libelf1
# (for objtool). Exit 77 with one line when they are not cached and cannot be fetched.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${WCDIAG_CACHE:-$here/cache}
series=${1:?usage: headers.sh 6.1|6.12}
form=1	# of what lies in the cache; raise it when this script leaves something else there

skip() {
	echo "headers $series: $1" >&2
	exit 77
}

# Also says no to a series that does not exist.
"$here/kernel.sh" "$series" >/dev/null
release=$(cat "$cache/$series/release")
abi=${release%-amd64}

dir=$cache/$series-headers
tree=usr/src/linux-headers-$release
if [ "$(cat "$dir/release" 2>/dev/null)" = "$release $form" ]; then
	echo "$dir/$tree"
	exit 0
fi
# A build and the lab may ask at the same time: the second waits, and finds it done.
if [ -z "${WCDIAG_HEADERS_LOCKED:-}" ] && command -v flock >/dev/null; then
	WCDIAG_HEADERS_LOCKED=1 exec flock "$cache/$series" "$0" "$series"
fi

for tool in apt-get apt-cache dpkg; do
	command -v $tool >/dev/null || skip "cannot be fetched, no $tool here"
done
mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

known() { apt-cache show "$1" >/dev/null 2>&1; }

if ! known "linux-headers-$release" && [ "$(id -u)" = 0 ]; then
	apt-get -q update >"$work/log" 2>&1 || true
fi
known "linux-headers-$release" ||
	skip "no package linux-headers-$release is known here (apt-get update? or, for a newer kernel: rm -r $cache/$series)"
# Debian 12's own kernels share one linux-kbuild-6.1; every backported one has its own.
kbuild=linux-kbuild-$abi
known "$kbuild" || kbuild=linux-kbuild-$series

echo "lab: fetching linux-headers-$release, linux-headers-$abi-common, $kbuild" >&2
# As root apt would drop to a user that cannot write here, and say so on every run.
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download \
	"linux-headers-$release" "linux-headers-$abi-common" "$kbuild" >log 2>&1) ||
	skip "linux-headers-$release could not be fetched: $(grep '^E:' "$work/log" | head -n 1)"
for deb in "$work"/*.deb; do
	dpkg -x "$deb" "$work/new"
done

# The packages' one absolute path. Relative to the Makefile itself, the cache may lie anywhere and be moved.
# shellcheck disable=SC2016
sed -i "s|^include /usr/src/|include \$(dir \$(lastword \$(MAKEFILE_LIST)))../|" "$work/new/$tree/Makefile"
! grep -q '^include /' "$work/new/$tree/Makefile" || skip "the Makefile of linux-headers-$release is of an unknown form"
# Other architectures are half of it; vmlinux would only serve BTF, which needs pahole too.
find "$work/new/usr/src/linux-headers-$abi-common/arch" -mindepth 1 -maxdepth 1 -type d ! -name x86 -exec rm -rf {} +
rm -rf "$work/new/lib" "$work/new/usr/share" "$work/new/$tree/vmlinux"
echo "$release $form" >"$work/new/release"
rm -rf "$dir"
mv "$work/new" "$dir"
echo "$dir/$tree"
