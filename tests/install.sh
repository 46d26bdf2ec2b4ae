#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - make install and uninstall, into a folder of their own; that every place that names the version, the packages
# needed to build, and the libraries loaded late, names the same; and --version. Builds nothing but what is not built yet.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tap_shows=$tmp/out
D="$tmp/a root"		# a space is allowed

# run ARGS...: make without what the make above hands down
run() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u DESTDIR -u PREFIX make -s "$@" > "$tmp/out" 2>&1; }
files() { (cd "$D" && find . ! -type d | sed 's/^\.//' | sort); }

# Whatever the mask of who installs: others can read it.
(umask 077 && run install DESTDIR="$D" PREFIX=/usr); ok $? "make install DESTDIR PREFIX=/usr"
{
	echo /usr/bin/wcdiag
	for f in man/*.[1-9]; do echo "/usr/share/man/man${f##*.}/${f##*/}"; done
	for f in contrib/*; do
		case $f in
		*.service|*.timer)	echo "/usr/lib/systemd/system/${f##*/}" ;;
		*.json)			echo "/usr/share/doc/wcdiag/examples/${f##*/}" ;;
		*)			echo "/usr/libexec/wcdiag/${f##*/}" ;;
		esac
	done
	echo /usr/share/bash-completion/completions/wcdiag
	echo /usr/share/zsh/site-functions/_wcdiag
} | sort > "$tmp/want"
files | diff "$tmp/want" - > "$tmp/out"; ok $? "... puts there what is listed, and nothing else"
find "$D" -type f ! -perm 644 ! -path '*/bin/*' ! -path '*/libexec/*' > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... readable by all, whatever the umask"
find "$D"/usr/bin "$D"/usr/libexec -type f ! -perm 755 > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... programs can be run by all"
grep -rlaF -e "$tmp" "$D" > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... in no file of it stands DESTDIR"
grep -rlaF -e "$PWD" "$D" > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... nor the folder that it was built in"
grep -rlE '@[A-Z]+@' "$D/usr/lib" "$D/usr/libexec" "$D/usr/share/doc" > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... nor a place that was not filled in"
grep -rhoE '/usr/(bin|libexec)/[a-z/-]*' "$D/usr/lib" "$D/usr/share/doc" | sort -u > "$tmp/named"
[ -s "$tmp/named" ] && while read -r f; do [ -x "$D$f" ] || echo "$f"; done < "$tmp/named" > "$tmp/out" && [ ! -s "$tmp/out" ]; ok $? "... what the service and the plug-in name is there"
run uninstall DESTDIR="$D" PREFIX=/usr && files > "$tmp/out" && [ ! -s "$tmp/out" ]; ok $? "make uninstall leaves no file"
find "$D" -name '*wcdiag*' > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... and no folder of wcdiag's own"
mkdir -p "$D/opt/w/share/doc/wcdiag" && : > "$D/opt/w/share/doc/wcdiag/notes"
run install DESTDIR="$D" PREFIX=/opt/w && [ "$(files | grep -vc '^/opt/w/')" = 0 ] && [ -x "$D/opt/w/bin/wcdiag" ]; ok $? "make install PREFIX=/opt/w"
run uninstall DESTDIR="$D" PREFIX=/opt/w && [ "$(files)" = /opt/w/share/doc/wcdiag/notes ]; ok $? "make uninstall leaves what it did not put there"

# One version, in six places; one list of what is needed to build.
v=$(sed -n 's/^VERSION  := //p' Makefile)
printf '%s\n' "Makefile: $v" "km/main.c: $(sed -n 's/^#define WCDIAG_KM_VERSION "\(.*\)"$/\1/p' km/main.c)" \
	"km/dkms.conf: $(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' km/dkms.conf)" "CHANGELOG: $(sed -n 1p CHANGELOG)" \
	"README.md: $(sed -n 's/^Version \([0-9.]*[0-9]\), see .*/\1/p' README.md)" > "$tmp/out"
[ ! -d debian ] || echo "debian/changelog: $(sed -n '1s/^wcdiag (\(.*\)) .*/\1/p' debian/changelog)" >> "$tmp/out"
! grep -v ": $v\$" "$tmp/out" > /dev/null; ok $? "the same version everywhere: $v"
WCDIAG=${WCDIAG:-./wcdiag}
"$WCDIAG" --version > "$tmp/out" 2>&1; [ "$(sed -n 1p "$tmp/out" | grep -cE "^wcdiag $v(\+[0-9A-Za-z.-]+)?$")" = 1 ]; ok $? "--version: the first line is the version's"
# fullver: what the Makefile of this folder calls the sources
fullver() { printf 'include Makefile\nfullver:\n\t@echo $(FULLVER)\n' | run -f - fullver; }
if [ -e .git ]; then
	fullver; sed -i 's/^/wcdiag /' "$tmp/out"; [ "$(cat "$tmp/out")" = "$("$WCDIAG" --version | sed -n 1p)" ]; ok $? "... with git's description"
fi
# A repository of one file: the description at a tag, behind it, and changed.
mkdir "$tmp/copy" && cp Makefile "$tmp/copy"
here=$PWD
cd "$tmp/copy" || exit 1
fullver; [ "$(cat "$tmp/out")" = "$v" ]; ok $? "... which is left out where there is no git"
echo "$v+7-gabcdef0" > .version
fullver; [ "$(cat "$tmp/out")" = "$v+7-gabcdef0" ]; ok $? "... comes with a tarball"
if command -v git > /dev/null; then
	export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
	{ git init -q . && git add Makefile && git commit -q -m 1 && git tag -a -m x "v$v"; } > "$tmp/out" 2>&1
	fullver; [ "$(cat "$tmp/out")" = "$v" ]; ok $? "... is the version alone at its tag"
	echo '#' >> Makefile
	fullver; [ "$(cat "$tmp/out")" = "$v+dirty" ]; ok $? "... tells of changes"
	git commit -q -a -m 2
	fullver; grep -qE "^$v\+1-g[0-9a-f]{7,}\$" "$tmp/out"; ok $? "... and of commits since"
	chown -R 65534 .git 2> /dev/null
	fullver; grep -qE "^$v\+1-g[0-9a-f]{7,}\$" "$tmp/out"; ok $? "... also where the folder is another user's"
fi
mkdir -p .git && echo nonsense > .git/HEAD
fullver; [ "$(cat "$tmp/out")" = "$v+unknown" ]; ok $? "... and is called unknown where git cannot tell"
cd "$here" || exit 1
# What the program is linked with, by the loader's own word, and what it loads late.
for l in $(ldd "$WCDIAG" | sed -n 's|^[[:space:]]*\(lib[^ ]*\)\.so.*|\1|p'); do
	case $l in	# what comes with another, and sanitizers
	libtinfo|libz|libudev|libm|libasan|libubsan|libgcc_s|libstdc++|libcrypto|libelf|libdl|libpthread|libresolv|libkmod)	continue ;;
	libncursesw)	l=ncurses ;;
	libjson-c)	l=json-c ;;
	libZydis)	l=Zydis ;;
	esac
	"$WCDIAG" --version | grep -q "^  $l  *[0-9]" || echo "--version lacks $l"
done > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... names each library that the program is linked with"
for f in $(grep -l 'late_lib_load(&' probe/*.c); do
	l=$(sed -n 's/.*\.absent = "\([^ ]*\) is not installed.*/\1/p' "$f")
	[ -n "$l" ] && "$WCDIAG" --version | grep -q "^  $l " || echo "--version lacks what $f loads ($l)"
done > "$tmp/out"; [ ! -s "$tmp/out" ]; ok $? "... and each that is loaded late"

# debian/control, held against what the rest of the tree says. What build-essential brings is not listed in it.
field() { sed -n "/^Package: $2\$/,/^\$/p;/^Source: $2\$/,/^\$/p" debian/control | sed -n "/^$1:/,/^[^ ]/p" | grep '^ ' | tr -d ' ,'; }
depends() {
	for p in $(tests/deps.sh --list build); do
		case $p in
		gcc|libc6-dev|make)	;;
		pkg-config)		echo pkgconf ;;
		*)			echo "$p" ;;
		esac
	done
	for p in debhelper-compat dh-sequence-dkms; do echo $p; done
}
depends | sort > "$tmp/want"
field Build-Depends wcdiag | sed 's/[(<\[].*//' | sort | diff "$tmp/want" - > "$tmp/out"; ok $? "Build-Depends of debian/control are what tests/deps.sh has for build"
sed -n 's/.*\.absent = ".* is not installed (Debian: \([^)]*\))".*/\1/p' probe/*.c | sort -u > "$tmp/want"
grep -c '\.absent = ".* is not installed' probe/*.c | sed 's/.*://' | awk '{ s += $1 } END { exit s < 4 }' && { field Recommends wcdiag; field Suggests wcdiag; } | grep -v '^wcdiag-dkms$' | sort | diff "$tmp/want" - > "$tmp/out"; ok $? "... Recommends and Suggests are what is loaded late"
