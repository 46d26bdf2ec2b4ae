#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# package.sh [--keep] - Debian's packages: built twice with the same bytes, clean by lintian, installed into fresh roots, used,
# upgraded, removed, purged. Needs root, debootstrap, and the first time a network: roots of Debian 12 are kept beside the lab's
# kernels (package/roots.sh). Nothing is installed on this machine. --keep leaves the packages in build/package.
set -u
cd "$(dirname "$0")/.." || exit 1
top=$PWD
cache=${WCDIAG_CACHE:-$top/tests/lab/cache}/package

. tests/tap.sh

without() { skip "Debian packages" "$1"; exit 0; }
if [ -z "${WCDIAG_PACKAGE_NS:-}" ]; then
	[ "$(id -u)" = 0 ] || without "not root"
	PATH=$PATH:/usr/sbin:/sbin
	export PATH
	for t in debootstrap apt-get dpkg unshare flock chroot mount tar; do
		command -v $t > /dev/null || without "$t is not installed"
	done
	unshare --mount --pid --fork true 2> /dev/null || without "this root may not make a mount namespace (a container?)"
	# In a namespace of its own: whatever ends it, its mounts and its processes go with it.
	WCDIAG_PACKAGE_NS=1 exec unshare --mount --pid --fork --kill-child "$0" "$@"
fi

since=$(date +%s)
last() { tail -n 20 "$tmp/log"; }
took() { now=$(date +%s); echo "# $((now - since)) s: $1"; since=$now; }

mkdir -p build "$cache/archives/partial"
exec 9> "$cache/lock"
flock 9		# two of these share the roots, and what apt has fetched
base='' build='' kernels=''
for r in base build kernels; do
	lower=$(tests/package/roots.sh $r 2> build/package.why)
	case $? in
	0)	eval "$r=\$lower" ;;
	77)	without "$(tail -n 1 build/package.why)" ;;
	*)	cat build/package.why; exit 1 ;;
	esac
done
took "roots"
tmp=$(mktemp -d) || exit 1
trap 'umount -R "$tmp"/*/root 2> /dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# open NAME LOWER: $tmp/NAME/root is a root to work in; LOWER stays as it is.
open() {
	mkdir -p "$tmp/$1/up" "$tmp/$1/work" "$tmp/$1/root"
	mount -t overlay -o "lowerdir=$2,upperdir=$tmp/$1/up,workdir=$tmp/$1/work" "$1" "$tmp/$1/root" 2> /dev/null ||
		cp -a "$2/." "$tmp/$1/root/" || exit 1
	mount -t proc proc "$tmp/$1/root/proc" || exit 1
}
# within NAME [VARIABLE=VALUE...] COMMAND...: there, with nothing of this shell's environment; the output is kept
within() {
	in=$tmp/$1/root
	shift
	chroot "$in" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C "$@" > "$tmp/log" 2>&1
}

v=$(sed -n '1s/^wcdiag (\(.*\)) .*/\1/p' debian/changelog) old=0.0.1
jobs=$(nproc)
open build "$build"
src=$tmp/build/root/src
one=$src/one/wcdiag two=$src/another-folder/of/wcdiag-tree
mkdir -p "$one" "$two"
if [ -e .git ]; then
	git -c safe.directory="$top" ls-files -co --exclude-standard -z
else
	find . \( -path ./build -o -path ./tests/lab/cache -o -path ./wcdiag \) -prune -o ! -type d ! -name '*.[od]' -print0
fi | tar --null --ignore-failed-read -T - -c 2> /dev/null | tar x --no-same-owner -C "$one"
cp -a "$one/." "$two/"

# Twice: other folders, times, masks, locales, zones, users' names, numbers of jobs; sources as fresh and as old as can be.
find "$one" -exec touch -h {} +
find "$two" -exec touch -h -d '2001-02-03 04:05:06' {} +
chmod -R go-rwx "$two"
# shellcheck disable=SC2016
make='umask "$1" && cd "$2" && shift 2 && exec dpkg-buildpackage -us -uc "$@"'
within build DEB_BUILD_OPTIONS="parallel=$jobs" sh -c "$make" sh 022 "/${one#"$tmp/build/root/"}" -F
ok $? "dpkg-buildpackage: the source package and the others" "$(last)"
took "built"
within build DEB_BUILD_OPTIONS="parallel=$((jobs + 1))" LC_ALL=C.UTF-8 TZ=Pacific/Kiritimati HOME=/nowhere USER=somebody \
	sh -c "$make" sh 077 "/${two#"$tmp/build/root/"}" -b
ok $? "... and again, elsewhere" "$(last)"
took "built again"
for f in "wcdiag_${v}_amd64.deb" "wcdiag-dkms_${v}_all.deb" "wcdiag-dbgsym_${v}_amd64.deb"; do
	cmp "$one/../$f" "$two/../$f" > "$tmp/log" 2>&1; ok $? "the same bytes both times: $f" "$(last)"
done
cmp "$one/wcdiag" "$two/wcdiag" > "$tmp/log" 2>&1; ok $? "... the program as it was linked" "$(last)"
! grep -rnE '__(DATE|TIME|TIMESTAMP)__' probe cmd km > "$tmp/log"; ok $? "... at whatever time of day" "$(last)"

# Debian's own checker, down to what it calls pedantic. Nothing is overridden.
within build sh -c 'cd /src/one && lintian --allow-root -I --pedantic --fail-on error,warning,info,pedantic *.changes'
ok $? "lintian" "$(last)"
took "lintian"
[ "${1:-}" != --keep ] || { mkdir -p build/package && cp "$one"/../wcdiag?* build/package/ && echo "# the packages: build/package"; }

# What the installed program has to say of a recorded machine is what the built one says.
machines=$tmp/build/root/machines
mkdir -p "$machines/founding"
cp -r tests/machines/founding/root "$machines/founding/"
tar czf "$machines/founding.tar.gz" -C tests/machines/founding root
within build NO_COLOR=1 "/${two#"$tmp/build/root/"}/wcdiag" check --root /machines/founding/root
cp "$tmp/log" "$machines/founding.said"

# An older version from the same sources, what was compiled already included.
sed -i "s/^VERSION  := .*/VERSION  := $old/" "$one/Makefile"
sed -i "s/\"$v\"/\"$old\"/" "$one/km/main.c" "$one/km/dkms.conf"
sed -i "1s/($v)/($old)/" "$one/debian/changelog"
(cd "$one/debian" && rm -rf .debhelper files debhelper-build-stamp tmp wcdiag wcdiag-dkms ./*.substvars ./*.debhelper ./*.log)
within build DEB_BUILD_OPTIONS="parallel=$jobs" sh -c "$make" sh 022 "/${one#"$tmp/build/root/"}" -nc -b
ok $? "an older version, $old" "$(last)"
took "an older version built"

# As a user.
for how in alone together; do
	case $how in alone) lower=$base ;; *) lower=$kernels ;; esac
	open $how "$lower"
	r=$tmp/$how/root
	mkdir "$r/debs"
	cp "$one"/../*.deb "$r/debs/"
	cp -r "$machines" "$r/"
	cp tests/package/use.sh "$r/tmp/"
	mount --bind "$cache/archives" "$r/var/cache/apt/archives"	# what they depend on is fetched once
	within $how /tmp/use.sh $how "$old" "$v"
	rc=$?
	sed -i '/^\(ok\|not ok\|#\) /!s/^/# /' "$tmp/log"
	while IFS= read -r line; do
		case $line in
		'ok - '*)	ok 0 "${line#* - }" ;;
		'not ok - '*)	ok 1 "${line#* - }" ;;
		*)		echo "$line" ;;
		esac
	done < "$tmp/log"
	[ $rc = 0 ] || ok 1 "use.sh $how ended with $rc"
	took "used $how"
done
echo "# $n tests, $([ $failed = 0 ] && echo all || echo not all) passed"
exit $failed
