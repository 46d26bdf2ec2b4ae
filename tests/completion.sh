#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# completion.sh - completion in bash and zsh: what wcdiag offers is what it takes, and the shells show it.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${WCDIAG:=./wcdiag}"
WCDIAG=$(realpath "$WCDIAG")
unset TMUX COLUMNS LINES
export LC_ALL=C.UTF-8 NO_COLOR=1
n=0 rc=0
tmp=$(mktemp -d) || exit 1
sock=$tmp/tmux
trap 'tmux -S "$sock" kill-server 2>/dev/null; rm -rf "$tmp"' EXIT
R=tests/machines/founding/root

ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		rc=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/got" | head -20
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
offers() { "$WCDIAG" --complete "$@" >"$tmp/got" 2>&1; }
words() { cut -f1 "$tmp/got"; }

# What wcdiag says, of every command and option that there is.
offers '' && [ "$(words)" = "$("$WCDIAG" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')" ]; ok $? "the commands are those of --help"
for c in $(words); do
	bad=
	offers "$c" -
	all=$(words | sort)
	[ "$all" = "$("$WCDIAG" "$c" --help | sed -n 's/^ .\{5\}\(--[a-z-]*\) .*/\1/p' | sort)" ] || bad="the options are not those of --help"
	offers "$c" '' && ! grep ':no-row' "$tmp/got" || bad="no row in cmd/complete_words.c says what its arguments are"
	for o in $all; do
		offers "$c" "$o="
		! grep -q ':no-row' "$tmp/got" || bad="no row in cmd/complete_words.c says what $o takes"
		# What is offered is taken; not so the beginning of something ("reg:"), and the processes of this moment.
		for w in $(words | grep -v '^:\|:$\|^--pid'); do
			"$WCDIAG" "$c" "$w" --help >/dev/null 2>"$tmp/err" || { bad="$w is offered, but: $(cat "$tmp/err")"; }
		done
	done
	echo "$bad" >"$tmp/got"
	[ -z "$bad" ]; ok $? "$c: its options and their values"
done
offers explain '' && [ "$(words)" = "$("$WCDIAG" explain | sed 's/ .*//'; echo sources)" ]; ok $? "explain: every rule, and the sources"
offers drive -p mov8,mov4,rep && [ "$(words)" = "mov8,mov4,rep-movsq
mov8,mov4,rep-movsb" ]; ok $? "a list of patterns: behind the last comma"
offers pte -o +PA && [ "$(words)" = "+PAGES
+PAGE
+PAT" ]; ok $? "a list of columns"
offers check --root $R 02:00.0: && [ "$(words)" = "02:00.0:0
02:00.0:2
:files" ]; ok $? "the BARs of a device in a snapshot"
offers pte --root=$R --bar 0000 && [ "$(words)" = "0000:02:00.0:0
0000:02:00.0:2" ]; ok $? "... with the domain, where that was typed"
offers check --root "$tmp" '' && [ "$(words)" = ":files" ]; ok $? "a root that is no snapshot: no devices, no message"
offers trace -vp $$ && words | grep -qx $$; ok $? "a process, behind letters in one word"
offers trace -vp$$ && words | grep -qx -- -vp$$; ok $? "... or in the same word"
offers check 02:00.0 -- ./sender '' && [ "$(words)" = ":command 4" ]; ok $? "behind --: the program's own command line"
offers no-such-command '' && [ ! -s "$tmp/got" ]; ok $? "no such command: nothing"
offers drive -p "$(printf 'mov8,%.0s' $(seq 100))" && [ ! -s "$tmp/got" ]; ok $? "a word too long for a candidate: nothing"

# bash, as its completion calls the function. SPLIT: how bash has split the words, with blanks between.
bash_shows() {
	LINE=$1 SPLIT=$2 PROGRAM=$WCDIAG bash --norc -c '
		. completion/wcdiag.bash || exit 1
		COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_WORDS=($SPLIT)
		[[ $LINE != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_wcdiag "$PROGRAM" 2>&1
		printf "%s\n" "${COMPREPLY[@]}"' >"$tmp/got"
	printf '%s\n' "${@:3}" | cmp -s - "$tmp/got"
}
bash_shows "wcdiag co" "wcdiag co" compare; ok $? "bash: a command"
bash_shows "wcdiag check --root $R 02:00.0:" "wcdiag check --root $R 02 : 00.0 :" 0 2; ok $? "bash: a BAR, though bash splits at colons"
bash_shows "wcdiag check --root $R 02" "wcdiag check --root $R 02" 02:00.0; ok $? "bash: a device"
bash_shows "wcdiag check --until=mt" "wcdiag check --until = mt" mtrr; ok $? "bash: a value behind ="
bash_shows "wcdiag check --klog=tests/machines.s" "wcdiag check --klog = tests/machines.s" tests/machines.sh; ok $? "bash: a file behind ="
bash_shows "wcdiag   diff tests/machines.s" "wcdiag diff tests/machines.s" tests/machines.sh; ok $? "bash: a file"
bash_shows "wcdiag explain memtype-al" "wcdiag explain memtype-al" memtype-alias-wins; ok $? "bash: a rule"

# Both in a terminal: the line as it stands after TAB was pressed.
t() { tmux -S "$sock" -f /dev/null "$@"; }
shows() { # TYPED WANTED
	t send-keys -t w C-u "$1" Tab '#' # what capture-pane shows has no blanks at its end
	for _ in $(seq 100); do
		t capture-pane -t w -p >"$tmp/got"
		! grep -qF -- "> $2#" "$tmp/got" || return 0
		sleep 0.05
	done
	return 1
}
in_terminal() { # SHELL COMMAND
	t new-session -d -s w -x 150 -y 40 "$2"
	t send-keys -t w "$3" Enter
	shows "wcdiag repo" "wcdiag report "; ok $? "$1: a command"
	shows "wcdiag check --root $R 02:00.0:2" "wcdiag check --root $R 02:00.0:2 "; ok $? "$1: a BAR stays as it is"
	shows "wcdiag check --root $R 0" "wcdiag check --root $R 02:00.0 "; ok $? "$1: a device of a snapshot"
	shows "wcdiag pte --root $R --bar 02:00.0:" "wcdiag pte --root $R --bar 02:00.0:"; ok $? "$1: two BARs: not decided"
	shows "wcdiag explain memtype-al" "wcdiag explain memtype-alias-wins "; ok $? "$1: a rule"
	shows "wcdiag check --until=fab" "wcdiag check --until=fabric "; ok $? "$1: a value behind ="
	shows "wcdiag drive -p mov8,spoil" "wcdiag drive -p mov8,spoilers "; ok $? "$1: in a list"
	shows "wcdiag drive --witness re" "wcdiag drive --witness reg:"; ok $? "$1: the beginning of a witness"
	shows "wcdiag check --klog tests/machines.s" "wcdiag check --klog tests/machines.sh "; ok $? "$1: a file"
	shows "wcdiag check -- tests/machines.s" "wcdiag check -- tests/machines.sh "; ok $? "$1: the program behind --"
	t kill-session -t w
}
mkdir "$tmp/bin" && ln -s "$WCDIAG" "$tmp/bin/wcdiag"
export PATH="$tmp/bin:$PATH"
for shell in bash zsh; do
	if ! command -v tmux >/dev/null; then
		skip "completion in $shell, in a terminal" "tmux is not installed"
	elif ! command -v $shell >/dev/null; then
		skip "completion in zsh, in a terminal" "zsh is not installed"
	elif [ $shell = bash ]; then
		in_terminal bash "bash --norc" "PS1='> '; . completion/wcdiag.bash"
	else
		in_terminal zsh "zsh -f" "PS1='> '; fpath=(\$PWD/completion \$fpath); autoload -Uz compinit; compinit -u -d $tmp/dump"
	fi
done
exit $rc
