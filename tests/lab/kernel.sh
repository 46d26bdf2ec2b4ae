#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh SERIES - have Debian's newest kernel of that series (6.1, 6.12) in the cache; prints its folder.
#
# The package is fetched and unpacked, never installed: root is not needed. Only the kernel image and the modules
# that the lab loads stay in the cache: FOLDER/vmlinuz, FOLDER/release, FOLDER/modules/*.ko, FOLDER/modules/order.
# Exit 77 with one line when the kernel is not cached and cannot be fetched: the lab is then skipped by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${WCDIAG_CACHE:-$here/cache}
series=${1:?usage: kernel.sh 6.1|6.12}
modules='msr nvme uio vfio-pci vfio_iommu_type1'	# with what they depend on

case $series in
6.1)	pattern='^linux-image-6\.1\.0-[0-9]+-amd64$' ;;
6.12)	pattern='^linux-image-6\.12\.[0-9]+\+deb12-amd64$' ;;
*)	echo "kernel.sh: no kernel series '$series' (6.1 or 6.12)" >&2; exit 2 ;;
esac

skip() {
	echo "kernel $series: $1" >&2
	exit 77
}

dir=$cache/$series
if [ -f "$dir/release" ] && [ "$(cat "$dir/wanted" 2>/dev/null)" = "$modules" ]; then
	echo "$dir"
	exit 0
fi

newest() {
	apt-cache search --names-only "$pattern" 2>/dev/null | cut -d' ' -f1 | sort -V | tail -n 1
}

for tool in apt-get apt-cache dpkg depmod modprobe xz; do
	PATH=$PATH:/sbin:/usr/sbin command -v $tool >/dev/null || skip "cannot be fetched, no $tool here"
done
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

package=$(newest)
if [ -z "$package" ] && [ "$(id -u)" = 0 ]; then
	apt-get -q update >"$work/log" 2>&1 || true
	package=$(newest)
fi
[ -n "$package" ] || skip "no package linux-image-$series.* is known here (apt-get update?)"

# As root apt would drop to a user that cannot write here, and say so on every run.
echo "lab: fetching $package" >&2
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$package" >log 2>&1) ||
	skip "$package could not be fetched: $(grep '^E:' "$work/log" | head -n 1)"
mkdir "$work/tree" "$work/new" "$work/new/modules"
dpkg -x "$work"/*.deb "$work/tree"
release=$(ls "$work/tree/lib/modules")
cp "$work/tree/boot/vmlinuz-$release" "$work/new/vmlinuz"

depmod -b "$work/tree" "$release"
for m in $modules; do
	modprobe -d "$work/tree" -S "$release" -C /dev/null --show-depends "$m"
done | sed -n 's/^insmod //p' | awk '{ print $1 }' | while read -r ko; do
	name=$(basename "$ko")
	name=${name%.xz}
	[ -f "$work/new/modules/$name" ] && continue
	case $ko in
	*.xz)	xz -dc "$ko" >"$work/new/modules/$name" ;;
	*)	cp "$ko" "$work/new/modules/$name" ;;
	esac
	echo "$name" >>"$work/new/modules/order"
done
[ -s "$work/new/modules/msr.ko" ] || skip "$package has no msr.ko"
echo "$release" >"$work/new/release"
printf '%s\n' "$modules" >"$work/new/wanted"
rm -rf "$dir"
mv "$work/new" "$dir"
echo "$dir"
