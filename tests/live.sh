#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# live.sh - wcdiag live as a user sees it: in a terminal (tmux) at 80x24 and 200x50, every pane and key, and into a pipe.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}"
WCDIAG=$(realpath "$WCDIAG")
unset TMUX COLUMNS LINES
export LC_ALL=C.UTF-8
unset NO_COLOR
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/screen $tmp/err"
sock=$tmp/tmux
trap 'tmux -S "$sock" kill-server 2>/dev/null; rm -rf "$tmp"' EXIT
R=tests/machines/epyc-256cpu-4000res/root

# Into a pipe.
once() { "$WCDIAG" live --once "$@" >"$tmp/screen" 2>"$tmp/err"; }
once --root $R && grep -q '0000:41:00.0:0.*unknown.*WC UC-' "$tmp/screen" && [ ! -s "$tmp/err" ]; ok $? "--once: a frame into a pipe"
! grep -q $'\033' "$tmp/screen" && ! LC_ALL=C grep -q $'[\001-\010\016-\037]' "$tmp/screen"; ok $? "... without an escape sequence"
LC_ALL=C once --root $R && ! LC_ALL=C grep -q '[^ -~]' "$tmp/screen"; ok $? "... in ASCII where the locale has no UTF-8"
COLUMNS=80 LINES=24 once --root $R; [ "$(wc -l <"$tmp/screen")" = 24 ] && [ "$(wc -L <"$tmp/screen")" -le 80 ]; ok $? "... in COLUMNS and LINES"
once --pane registers --root $R && grep -q 'PAT   WB WC UC- UC' "$tmp/screen"; ok $? "--pane"
once --root tests/machines/xrt-alias/root && grep -q 'broken' "$tmp/screen"; ok $? "a broken machine ends with 0, too: it is no verdict"
once 0000:81:00.0:0 --root $R && grep -q '1 unknown' "$tmp/screen" && ! grep -q '41:00.0:0' "$tmp/screen"; ok $? "DEVICE:BAR"
refused() { "$WCDIAG" live "$@" >"$tmp/screen" 2>"$tmp/err"; [ $? = 3 ] && [ ! -s "$tmp/screen" ] && [ "$(wc -l <"$tmp/err")" = 1 ]; }
refused --root $R && grep -q 'no terminal (wcdiag live --once' "$tmp/err"; ok $? "no terminal: what to do"
for a in "--interval 0" "--interval 1x" "--interval nan" "--pane no" "02:00.0:2 --scratch 0+4K --root $R" "02:00.0:2 --scratch 0+4K --once" "02:00.0 --scratch 0+4K" "02:00.0:2 --witness pmu" "02:00.0:2 --scratch 0+4K --witness timing" "02:00.0:2 --scratch 4K" "--once --root $tmp" "--once 09:00.0 --root $R" "--once --root $R --root $R"; do
	# shellcheck disable=SC2086
	refused $a; ok $? "refused: $a"
done

if ! command -v tmux >/dev/null; then
	skip "wcdiag live in a terminal" "tmux is not installed"
	exit $failed
fi
t() { tmux -S "$sock" -f /dev/null "$@"; }
keys() { t send-keys -t w "$@"; }
size() { t resize-window -t w -x "$1" -y "$2"; }
shot() { t capture-pane -t w -p "$@" >"$tmp/screen"; }
# The screen, until it holds (a regular expression); no longer than five seconds.
sees() {
	for _ in $(seq 100); do
		shot
		grep -q -- "$1" "$tmp/screen" && return 0
		sleep 0.05
	done
	return 1
}
lacks() {
	for _ in $(seq 100); do
		shot
		grep -q -- "$1" "$tmp/screen" || return 0
		sleep 0.05
	done
	return 1
}
sh_start() { t new-session -d -s w -x "$1" -y "$2" "env PS1='ready> ' TERM=${TERM_IS:-screen-256color} bash --norc --noprofile" && sees 'ready>'; }
run() { keys "$*" Enter; }

# A copy that changes while it is looked at.
cp -r $R "$tmp/root"

for dim in "80 24" "200 50"; do
	# shellcheck disable=SC2086
	set -- $dim
	w=$1 h=$2 at="at $1x$2"
	sh_start "$w" "$h"; ok $? "a shell $at"
	run "stty -a > $tmp/stty1; $WCDIAG live --interval 0.2 --root $tmp/root; echo ended=\$?; stty -a > $tmp/stty2"
	sees 'Space freeze' && grep -q '4 unknown  8 not judged' "$tmp/screen" && grep -q '─\[chain\]' "$tmp/screen" && grep -q 'verdict: unknown' "$tmp/screen"; ok $? "the list and the chain $at"
	[ "$(grep -c '0000:[468a]1:00.0:0 .*unknown' "$tmp/screen")" = 4 ]; ok $? "... every BAR"
	keys Tab; sees '\[map\]' && grep -q 'reserved  *-' "$tmp/screen" && grep -q 'W WC  - UC-' "$tmp/screen"; ok $? "Tab: map $at"
	keys Tab; sees '\[findings\]' && grep -q 'unknown pte-unknown' "$tmp/screen" && grep -q 'fix: on that machine' "$tmp/screen"; ok $? "Tab: findings $at"
	keys Tab; sees '\[registers\]' && grep -q 'CPU 0-255' "$tmp/screen" && grep -q 'over this BAR' "$tmp/screen"; ok $? "Tab: registers $at"
	keys Tab; sees '\[witness\]' && grep -q 'no counter here: a snapshot' "$tmp/screen"; ok $? "Tab: witness $at"
	keys Tab; sees '\[stores\]' && grep -q 'no --scratch was given' "$tmp/screen"; ok $? "Tab: stores $at"
	keys Tab; sees '\[chain\]'; ok $? "Tab goes around $at"
	keys BTab; sees '\[stores\]'; ok $? "Shift-Tab $at"
	keys Right; sees '\[chain\]' && keys Left && sees '\[stores\]' && keys 1 && sees '\[chain\]'; ok $? "Left, Right, 1 $at"
	keys x; sees '\[stores\]' && grep -q 'no --scratch was given' "$tmp/screen" && keys y && keys 1 && sees '\[chain\]'; ok $? "x without --scratch stores nothing, and says so $at"
	keys Down; sees ' 0000:61:00.0:0  2 of 4'; ok $? "Down $at"
	keys End; sees '4 of 4' && keys Home && sees '1 of 4' && keys NPage && sees '[34] of 4' && keys PPage && sees '1 of 4' && keys j && sees '2 of 4' && keys k && sees '1 of 4' && keys Up && sees '1 of 4'; ok $? "End, Home, PgDn, PgUp, j, k, Up $at"
	keys 3 Enter; sees 'info    mtrr-uc-covers' && lacks '0000:61:00.0:0'; ok $? "Enter: the pane has the screen $at"
	keys End; lacks 'more lines' && grep -q 'memtype-log-cut' "$tmp/screen"; ok $? "... and is moved to its end $at"
	keys Escape; sees '0000:61:00.0:0'; ok $? "Esc goes back $at"
	keys a; sees '9 of 12'; ok $? "a: those that were not judged $at"
	keys a; sees '1 of 4'; ok $? "... and not $at"
	keys s; sees 'VERDICT▲' && keys F6 && sees 'SIZE▲' && keys s && sees 'RESERVED▲' && keys s && sees 'MAPPED BY▲' && keys s && sees '^▲BAR' && keys s && sees ' BAR▲'; ok $? "s and F6 go through the orders $at"
	keys /; sees ' filter: ' && keys -l a1:0q && sees 'no BAR has "a1:0q"' && keys BSpace && sees '0000:a1:00.0:0'; ok $? "/ filters while it is typed $at"
	lacks '0000:41:00.0:0' && keys Enter && sees 'filter: a1:0 (Esc)' && keys Escape && sees '0000:41:00.0:0'; ok $? "... is kept, and undone $at"
	for k in F1 h '?'; do
		keys "$k"; sees 'freeze: nothing is read' && keys x && lacks 'freeze: nothing is read'; ok $? "$k: help $at"
	done
	keys Space; sees 'FROZEN'; ok $? "Space freezes $at"
	# A process maps the BAR, and goes: seen within the interval, not while frozen.
	mkdir -p "$tmp/root/proc/777"
	printf '777 (wcsender) S\n' >"$tmp/root/proc/777/stat"
	echo wcsender >"$tmp/root/proc/777/comm"
	echo "7f0000000000-7f0000001000 rw-s 34020000000 00:15 1 /sys/devices/pci0000:60/0000:60:01.1/0000:61:00.0/resource0_wc" >"$tmp/root/proc/777/maps"
	sleep 0.5
	shot; ! grep -q 'wcsen' "$tmp/screen"; ok $? "... and nothing is read then $at"
	keys Space; sees '^●0000:61:00.0:0.* 777 wcs'; ok $? "a process that maps the BAR appears, and its row is marked $at"
	shot -e; grep -q $'\033\[1;4m *777 wcs\|\033\[[0-9;]*4m777 wcs\|\033\[4m777' "$tmp/screen"; ok $? "... its cell, too $at"
	lacks '^●'; ok $? "... and the mark fades $at"
	rm -r "$tmp/root/proc/777"
	lacks '777 wcs'; ok $? "... and it is gone when it ended $at"
	sed -i '/write-combining/{s/write-combining/uncached-minus/;:a;n;ba}' "$tmp/root/sys/kernel/debug/x86/pat_memtype_list"
	keys r; sees 'mappings 0 s old, rest 0 s'; ok $? "r reads all $at"
	keys C-l; sees 'Space freeze'; ok $? "Ctrl-L $at"
	keys -l $'\033[M %&'; sees '3 of 4'; ok $? "a click chooses a row $at"
	size 60 20; sees 'needs 80x24, this is 60x20'; ok $? "too small is said"
	size "$w" "$h"; sees '3 of 4' && grep -q 'Space freeze' "$tmp/screen"; ok $? "... and back to $w x $h"
	keys q; sees 'ended=0'; ok $? "q ends with 0 $at"
	sees 'ready> *$' && ! grep -q 'Space freeze' "$tmp/screen" && cmp -s "$tmp/stty1" "$tmp/stty2"; ok $? "... and leaves the terminal as it was $at"
	t kill-server
	sleep 0.2
done

# Stores: into a file that stands for the BAR, in a mount namespace of its own, where /sys is a recorded machine's.
S=$tmp/sys/bus/pci/devices/0000:02:00.0
export COUNT=$tmp/count
printf '#!/bin/sh\nread -r n <"%s.n"; echo $((n + 640)) >"%s.n"; echo "$n"\n' "$COUNT" "$COUNT" >"$COUNT"
echo 0 >"$COUNT.n"
chmod 755 "$COUNT"
cp -r tests/machines/founding/root/sys "$tmp/sys"
inside() { printf "unshare -m sh -c 'mount --bind %s/sys /sys && mount --bind tests/machines/founding/root/proc/iomem /proc/iomem && exec \"\$@\"' x %s" "$tmp" "$*"; }
fresh() { rm -f "$S/resource2" "$S/resource2_wc"; truncate -s 64M "$S/resource2" "$S/resource2_wc"; }
untouched() { cmp -s "$S/resource2" "$S/resource2_wc"; }
# Nothing but zeroes around 0x2000+4K, and something in it.
only_scratch() {
	cmp -s -n 8192 "$S/resource2" "$S/resource2_wc" && cmp -s -i 12288 "$S/resource2" "$S/resource2_wc" && ! cmp -s "$S/resource2" "$S/resource2_wc"
}
stores() { # WHAT TO EXPECT FIRST, OPTIONS
	first=$1
	shift
	fresh
	run "clear; $(inside "$WCDIAG live 02:00.0:2 --interval 0.2 --scratch 0x2000+4K $*"); echo ended=\$?"
	sees "$first"
}
drives() { pgrep -f "wcdiag drive 0000:02:00.0:2 --scratch 0x2000.4K" >/dev/null; }
gone() {
	for _ in $(seq 100); do
		drives || return 0
		sleep 0.05
	done
	return 1
}
sh_start 80 24
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	skip "stores from the screen" "needs root, and a mount namespace"
else
	run "stty -a > $tmp/stty1"
	stores 'x store' ; keys x; sees 'As it is now it would be refused: the driver bardrv has the'; ok $? "x: what drive would refuse is said with the question"
	keys y; sees '[0-9] s: not done: 0000:02:00.0:2: the driver bardrv' && untouched; ok $? "... and drive refuses it: nothing stored"
	keys q; sees 'ended=0'
	stores 'x store' --force -p mov8,movnti,misaligned --witness "cmd:$COUNT"; ok $? "--scratch: x is among the keys"
	keys y; keys 6; sees '\[stores\]' && grep -q 'x stores to 4 KiB at 0x2000 of 0000:02:00.0:2, and asks' "$tmp/screen"; ok $? "... and the pane says to what"
	keys x; sees 'Store to 4 KiB at 0x2000 of 0000:02:00.0:2?' && keys n && lacks 'What is there is lost' && untouched; ok $? "x asks; n stores nothing"
	keys x; sees 'What is there is lost' && keys Enter && lacks 'What is there is lost' && untouched; ok $? "... Enter does not, either"
	keys -l xy; sees 'What is there is lost' && untouched; ok $? "... and a y that came with it is no answer"
	keys y; sees 'user *mov8 *WC? *- *6400 *not predicted' && only_scratch; ok $? "y stores, to these bytes alone, and the witness's count is shown"
	grep -q 'not all is known: kernel: the kernel.s side needs the' "$tmp/screen" && grep -q 'kernel nothing stored' "$tmp/screen"; ok $? "... a side that could not is no success"
	grep -q 'force --pattern\|--witness cmd:' "$tmp/screen" && grep -q '\$ wcdiag drive 0000:02:00.0:2 --scratch 0x2000+4K' "$tmp/screen"; ok $? "... with the command that does the same"
	fresh; keys x; sees 'more lines\|before that' && only_scratch; ok $? "x again stores at once"
	keys Enter; sees '^ before that'; ok $? "... and the one before is still told"
	keys q; sees 'ended=0'
	run "stty -a > $tmp/stty2"; sleep 0.3; cmp -s "$tmp/stty1" "$tmp/stty2"; ok $? "... the terminal is as it was"
	# What would take hours: the screen goes on, and x ends it.
	stores 'x store' --force --side user -p mov8 --messages 262144 --repeat 10000
	keys x; sees 'What is there' && keys y && sees 'storing\.\.\. 1 s (x ends it)' && keys 2 && sees '\[map\]' && keys 6 && sees 'storing\.\.\. [2-9]' && drives; ok $? "while it stores the screen is alive"
	sees 'MAPPED BY' && grep -q '0000:02:00.0:2 .* [0-9]* wcdiag' "$tmp/screen"; ok $? "... and shows who maps the BAR: wcdiag"
	keys x; sees 'ended early: interrupted' && gone; ok $? "x ends it"
	lacks '[0-9] wcdiag'; ok $? "... and its mapping is gone"
	keys x; sees 'storing\.\.\. 1 s' && keys q && sees 'ended=0' && gone; ok $? "q ends it, too"
	stores 'x store' --force --side user -p mov8 --messages 262144 --repeat 10000
	keys x; sees 'What is there' && keys y && sees 'storing\.\.\. 1 s' && drives && pkill -9 -fx "$WCDIAG live 02:00.0:2 .*10000"; gone; ok $? "killed: what stores ends with it"
	run reset
fi
t kill-server
sleep 0.2

sh_start 100 30
run "stty -a > $tmp/stty1"
run "$WCDIAG live --root $R"
sees 'Space freeze'; ok $? "again"
keys C-z; sees 'Stopped' && keys fg Enter && lacks 'Stopped' && sees 'Space freeze'; ok $? "Ctrl-Z, fg"
keys C-c; sees 'ready> *$' && keys 'echo rc=$?' Enter && sees 'rc=130'; ok $? "Ctrl-C ends it, by the signal"
run "stty -a > $tmp/stty2"; sleep 0.3; cmp -s "$tmp/stty1" "$tmp/stty2"; ok $? "... and leaves the terminal as it was"
run clear
run "NO_COLOR=1 $WCDIAG live --root $R"
sees 'Space freeze'; shot -e; ! grep -q $'\033\[[0-9;]*[34][0-8]' "$tmp/screen"; ok $? "NO_COLOR: no colour"
keys F10; sees 'ready> *$'
run "clear; LC_ALL=C $WCDIAG live --no-color --root $R"
sees 'Space freeze' && ! LC_ALL=C grep -q '[^ -~]' "$tmp/screen"; ok $? "ASCII in a locale without UTF-8"
shot -e; ! grep -q $'\033\[[0-9;]*[34][0-8]' "$tmp/screen"; ok $? "--no-color: no colour"
keys q; sees 'ready> *$'
run "clear; TERM=xterm $WCDIAG live --root $R"
sees 'Space freeze'; ok $? "a terminal of 8 colours"
keys q; sees 'ready> *$'
run "clear; TERM=no-such-terminal $WCDIAG live --root $R"
sees 'not known to ncurses (see $TERM) (set TERM'; ok $? "a terminal that nobody knows: said"
tar -C tests/machines/founding -cf "$tmp/s.tar" root
run "clear; TMPDIR=$tmp $WCDIAG live --root $tmp/s.tar"
sees 'Space freeze'; keys C-c; sees 'ready> *$'; [ "$(find "$tmp" -maxdepth 1 -name 'wcdiag*' | wc -l)" = 0 ]; ok $? "Ctrl-C with an archive: what was unpacked is removed"
run "clear; $WCDIAG live --root $R"
sees 'Space freeze'
pid=$(pgrep -f "^$WCDIAG live --root $R" | head -1)
t kill-server
for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
[ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; ok $? "the terminal goes away: it ends"
exit $failed
