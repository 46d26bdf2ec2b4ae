#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# report.sh - the page of wcdiag report: says what check says, is valid and readable, and holds no markup that is data. Prints TAP.
#
# With chromium installed the pages are looked at in it (report_browser.sh), else that is skipped.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
program=${WCDIAG:-./wcdiag}
work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-report.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

have() { command -v "$1" >/dev/null; }

# NAME EXIT ARGS...: writes the page
page() {
	name=$1 want=$2
	shift 2
	"$program" report -o "$work/$name.html" "$@" >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" = "$want" ] && [ -s "$work/$name.html" ]
	ok $? "$name: exit status $want, and a page"
	[ "$code" = "$want" ] || sed 's/^/# /' "$work/err"
	"$program" check "$@" --json >"$work/$name.json" 2>/dev/null
	[ "$?" = "$code" ]
	ok $? "$name: check says the same"
}

# XPATH: its value in $f
x() { xmllint --xpath "$1" "$f" 2>/dev/null; }
is() {	# WANT XPATH WHAT
	got=$(x "$2")
	[ "$got" = "$1" ]
	ok $? "$name: $3"
	[ "$got" = "$1" ] || echo "# $got instead of $1"
}

# The order of the chain: no heading is more than one level below the one before it.
headings() {
	grep -o '<h[1-6]' "$f" | tr -dc '1-6\n' | awk 'NR == 1 && $1 != 1 { exit 1 } NR > 1 && $1 > last + 1 { exit 1 } { last = $1 }'
}

valid() {
	f=$work/$name.html
	if have tidy; then
		tidy -e -q "$f" >"$work/tidy" 2>&1
		[ ! -s "$work/tidy" ]
		ok $? "$name: tidy has nothing to say"
		sed 's/^/# /' "$work/tidy" | head -5
	else
		skip "$name: tidy has nothing to say" "tidy is not installed"
	fi
	if ! have xmllint; then
		skip "$name: its structure" "xmllint (libxml2-utils) is not installed"
		return
	fi
	xmllint --noout "$f" 2>"$work/err"
	ok $? "$name: well-formed"
	sed 's/^/# /' "$work/err" | head -5
	is 1 'count(//h1)' "one h1"
	headings
	ok $? "$name: headings in their order"
	is en 'string(/html/@lang)' "has its language"
	is 0 'count(//script|//img|//link|//iframe|//object|//embed|//form|//base)' "nothing that runs, loads or sends"
	is 0 'count(//@*[starts-with(name(),"on") or name()="style" or name()="src"])' "no attribute that does"
	is 0 'count(//a[not(starts-with(@href,"#")) or not(substring(@href,2)=//@id)])' "each link leads to a place in the page"
	is 0 'count(//@id[.=../preceding::*/@id])' "no id twice"
	is 0 'count(//*[local-name()="svg"][not(@role="img") or not(@aria-label) or string-length(title)<5 or string-length(desc)<20 or not(@aria-describedby=desc/@id)])' \
		"each picture has a name and says in words what it shows"
	is 0 'count(//th[not(@scope)]|//table[not(caption)])' "tables have captions, and heads with their scope"
	is 0 'count(//*[@class="scroll"][not(@tabindex="0") or not(@aria-label)])' "what scrolls can be reached, and has a name"
	is true "boolean(//meta[@http-equiv='Content-Security-Policy'][contains(@content,\"default-src 'none'\")])" "has a policy that forbids"
	is true 'boolean((//a)[1][@class="skip"][@href="#main"])' "begins with a link to what matters"
	[ "$(tr -d '\n' <"$f" | LC_ALL=C tr -dc '\001-\037\177' | wc -c)" = 0 ]
	ok $? "$name: no control character"
}

# What is found stands in it, and what to change.
told() {
	f=$work/$name.html
	if ! have xmllint; then
		skip "$name: what check found stands in the page" "xmllint (libxml2-utils) is not installed"
		return
	fi
	x 'string(//body)' >"$work/text"
	"$program" check "$@" | grep -E '^  (broken|suspect|unknown) +[a-z]+-' | awk '{ print $2 }' >"$work/rules"
	bad=
	while read -r rule; do
		grep -q " $rule (layer" "$work/text" || bad="$bad $rule"
	done <"$work/rules"
	[ -s "$work/rules" ] && [ -z "$bad" ]
	ok $? "$name: the findings of check are in it"
	# sentences, fixes, next steps, word by word
	sed -n 's/^ *"\(says\|fix\)": "\(.*\)",\{0,1\}$/\2/p' "$work/$name.json" | grep -v '\\' | sort -u >"$work/said"
	bad=$(while read -r line; do grep -qF -- "$line" "$work/text" && echo y; done <"$work/said" | wc -l)
	[ "$bad" -ge 3 ]
	ok $? "$name: $bad sentences of check are in it, word by word"
	grep -A99 '"next"' "$work/$name.json" | sed -n 's/^    "\(.*\)",\{0,1\}$/\1/p' | grep -v '\\' >"$work/said"
	bad=0
	while read -r line; do grep -qF -- "$line" "$work/text" || bad=1; done <"$work/said"
	[ "$bad" = 0 ] && [ -s "$work/said" ]
	ok $? "$name: so is what to do next"
}

# Every ink on every paper, the ink on every fill: WCAG 2.2, 1.4.3 asks for 4.5:1.
contrast() {
	awk '
	function lin(c) { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ^ 2.4 }
	function hex(s,  i, v) { v = 0; for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1; return v }
	function lum(s) { return 0.2126 * lin(hex(substr(s, 1, 2))) + 0.7152 * lin(hex(substr(s, 3, 2))) + 0.0722 * lin(hex(substr(s, 5, 2))) }
	function ratio(a, b,  t) { a = lum(a); b = lum(b); if (a < b) { t = a; a = b; b = t } return (a + 0.05) / (b + 0.05) }
	function check(scheme,  a, b, r) {
		for (a in ink) for (b in ground) {
			if (ground[b] == "" || (b ~ /fill/ && a != "--ink")) continue
			r = ratio(ink[a], ground[b]); pairs++
			if (r < least) { printf "# %s: %s on %s: %.2f\n", scheme, a, b, r; bad = 1 }
		}
		for (b in ground) if (b ~ /paper/ && ratio(line, ground[b]) < 3) { print "# " scheme ": lines on " b; bad = 1 }
	}
	BEGIN { least = 4.5 }
	/prefers-color-scheme: dark/ { check("light"); seen++ }
	/^body/ { check("dark"); seen++; exit }
	{
		while (match($0, /--[a-z-]+: #[0-9a-f]+;/)) {
			one = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
			split(one, p, /: #|;/)
			if (p[1] ~ /^--ink/) ink[p[1]] = p[2]
			else if (p[1] == "--line") line = p[2]
			else ground[p[1]] = p[2]
		}
	}
	END { print "# " pairs " pairs"; exit bad || seen != 2 || pairs < 40 }' "$work/$name.html" >"$work/contrast"
	ok $? "$name: contrast of 4.5:1 and more, light and dark"
	grep -v pairs "$work/contrast"
}

page founding 2 --root tests/machines/founding/root
valid
told --root tests/machines/founding/root
contrast
if have xmllint; then
	is 2 'count(//tr[th="process"][td[.="2784 bartest"]][td[contains(.,"whether this BAR")]])' \
		"who maps the device, no one knows where, stands in both maps"
fi
page entries 0 02:00.0:2 --root tests/machines/founding-entries/root
valid
page broken 1 --root tests/machines/pcimem-conflict/root
valid
told --root tests/machines/pcimem-conflict/root
stores="00:03.0:2 --events tests/stores/sfence-inside.events --root tests/machines/entries-good-drivers/root"
# shellcheck disable=SC2086
page stores 1 $stores
valid
# shellcheck disable=SC2086
told $stores
if have xmllint; then
	is 3 'count(//*[local-name()="svg"])' "the map, the lines, the time"
	is true 'boolean(//desc[contains(.,"bytes 0-31 as 4 TLPs, flushed by e (sfence)")])' "the lines leave as wcdiag trace tells it"
	is 2 'count(//*[local-name()="svg"][contains(@aria-label,"in time")]/*[local-name()="line"][@class="edge"]/@x1[.=../../*[local-name()="text"][.="sfence"]/@x][../following-sibling::*])' \
		"the two fences have their places in time"
	is 8 'count(//table[caption="TLPs predicted for this message"]/tbody/tr)' "each TLP is listed"
fi

# Every recorded machine has a valid page; so has a machine of many rows, of a bearable size.
bad=
for m in tests/machines/*/root; do
	"$program" report --no-date -o "$work/m.html" --root "$m" >/dev/null 2>"$work/err"
	case $? in 0 | 1 | 2) ;; *) bad="$bad $m"; sed 's/^/# /' "$work/err" ;; esac
	if have xmllint; then xmllint --noout "$work/m.html" 2>/dev/null || bad="$bad $m"; fi
	[ "$(wc -c <"$work/m.html")" -lt 3000000 ] || bad="$bad $m"
done
[ -z "$bad" ]
ok $? "a page of every recorded machine, below 3 MB"
[ -z "$bad" ] || echo "#$bad"

# A snapshot always gives the same page.
for i in 1 2; do "$program" report --no-date -o "$work/same$i" --root tests/machines/founding-entries/root >/dev/null; done
cmp -s "$work/same1" "$work/same2"
ok $? "--no-date: twice the same page"
"$program" report -o "$work/dated" --root tests/machines/founding-entries/root >/dev/null
[ "$(diff "$work/same1" "$work/dated" | grep -c '^[<>]')" = 1 ] && diff "$work/same1" "$work/dated" | grep -q 'Written by wcdiag'
ok $? "the date is one line"
"$program" report --no-date -o - --root tests/machines/founding-entries/root >"$work/stdout"
cmp -s "$work/same1" "$work/stdout"
ok $? "-o -: the page, and nothing else"
"$program" report --json -o "$work/x.html" --root tests/machines/founding/root | grep -q '"verdict": "unknown"'
ok $? "--json: what came of it"

# A snapshot that means ill. The name of the directory and of the stream are data, too.
evil='<script>alert(1)<!--"'"'"'&amp;'
mkdir -p "$work/h"
hostile="$work/h/<img src=x onerror=alert(2)>"
cp -r tests/machines/founding-entries/root "$hostile"
printf '%s\n' "$evil" >"$hostile/proc/2784/comm"
printf '<svg/onload=1>\033[31m\n' >"$hostile/proc/sys/kernel/osrelease"
sed -i 's|/dev/bardrv0|/dev/"><b onclick=x>|' "$hostile/proc/2784/maps" "$hostile/wcdiag/nodes.txt" 2>/dev/null
sed -i 's|\[bardrv\]|[</td><h1>]|' "$hostile/proc/vmallocinfo"
printf '4,9999,99999,-;x86/PAT: <script>a&b</script>:77 conflicting memory types d4000000-d4001000 write-combining<->uncached-minus\n' >>"$hostile/dev/kmsg"
events=$(printf '%s/</desc><script>\342\200\256\033.events' "$work/h")
mkdir -p "$(dirname "$events")" && cp tests/stores/misaligned.events "$events"
"$program" report --no-date -v -o "$work/hostile.html" 02:00.0:2 --root "$hostile" --events "$events" >"$work/out" 2>"$work/err"
code=$?
[ "$code" -lt 3 ]
ok $? "a hostile snapshot has a page"
[ "$code" -lt 3 ] || sed 's/^/# /' "$work/err"
name=hostile
valid
if have xmllint; then
	is 0 'count(//b|//img|//@onclick|//@onload|//@onerror)' "nothing of it is markup"
	x 'string(//body)' >"$work/text"
	grep -qF '<script>alert(1)<!--' "$work/text" && grep -qF '<img src=x onerror=alert(2)>' "$work/text" &&
		grep -qF '<svg/onload=1>' "$work/text"
	ok $? "hostile: it is there as text"
	grep -qF '</desc><script>[U+202E]' "$work/text"
	ok $? "hostile: what turns the direction of text is shown as what it is"
fi

# The old page stays until the new one is there.
echo old >"$work/page"
(trap '' XFSZ; ulimit -f 1; "$program" report -o "$work/page" --root tests/machines/founding/root) >/dev/null 2>"$work/err"
[ "$?" = 3 ] && [ "$(cat "$work/page")" = old ] && [ -z "$(find "$work" -name 'page.*')" ]
ok $? "no room: 3, the old page is there, and nothing besides"
grep -q '^wcdiag report: .*/page: File too large (' "$work/err"
ok $? "... and why is said"
"$program" report -o "$work/none/page" --root tests/machines/founding/root 2>/dev/null >&2
[ "$?" = 3 ]
ok $? "no such directory: 3"
"$program" report -o /dev/full --root tests/machines/founding/root 2>/dev/null >&2
[ "$?" = 3 ] && [ -c /dev/full ]
ok $? "a device is not replaced, and that it is full is told"
"$program" report -o "$work" --root tests/machines/founding/root 2>/dev/null >&2
[ "$?" = 3 ]
ok $? "a directory: 3"
"$program" report --root tests/machines/founding/root 2>"$work/err" >&2
[ "$?" = 3 ] && grep -q 'wcdiag report -o FILE.html' "$work/err"
ok $? "no -o: 3, and what to type"
"$program" report -o "$work/page" --root tests/machines/founding/root 09:00.0 2>/dev/null >&2
[ "$?" = 3 ] && [ "$(cat "$work/page")" = old ]
ok $? "no such device: 3, and the old page is there"
chmod 640 "$work/page"
ln -s page "$work/link"
"$program" report -o "$work/link" --root tests/machines/founding/root >/dev/null
[ -L "$work/link" ] && [ "$(stat -c %a "$work/page")" = 640 ] && grep -q '<!DOCTYPE html>' "$work/page"
ok $? "a link stays one, the page keeps its permissions"
(umask 027; "$program" report -o "$work/new" --root tests/machines/founding/root >/dev/null)
[ "$(stat -c %a "$work/new")" = 640 ]
ok $? "a new page has those of the umask"
"$program" report -o "$work/x.html" --events - --root tests/machines/entries-good-drivers/root 00:03.0:2 2>/dev/null >&2 <tests/stores/misaligned.events
[ "$?" = 3 ]
ok $? "--events - with a snapshot is refused, as check does"
mkfifo "$work/fifo"
cat tests/stores/sfence-inside.events >"$work/fifo" &
"$program" report --no-date -o "$work/x.html" --events "$work/fifo" --root tests/machines/entries-good-drivers/root 00:03.0:2 >/dev/null
[ "$?" = 1 ] && grep -q 'The lines of message 1' "$work/x.html"
ok $? "--events reads a pipe: once"
wait

# What may be missing before a message is part of that message's doubt.
printf '?\ns 0xd4000000 64\nf sfence\n' >"$work/holes"
"$program" report -o "$work/holes.html" --root tests/machines/entries-good-drivers/root --events "$work/holes" --profile skylake \
	0000:00:05.0:2 >/dev/null 2>&1
[ $? = 2 ] && grep -q 'Not all of it was seen' "$work/holes.html"
ok $? "a stream that begins with a hole: its first message is not said to be whole"

# What wcdiag drive --json said: a table; what is none is refused; what is in it is text.
name=driven
"$program" report -o "$work/driven.html" --root tests/machines/entries-good-drivers/root 00:03.0:2 --drive tests/drive/split.json >/dev/null
[ "$?" = 0 ]
ok $? "--drive: the verdict is that of the machine"
valid
if have xmllint; then
	is 1 'count(//section[h2="Stores that were made"]//tr[th="user"][td[1]="mov8"][td[3]="192"][td[4]="1536"][td[6]="split: 0.0% whole"])' \
		"a side's pattern, predicted, counted, judged"
	is true 'contains(//section[h2="Stores that were made"]/p[1], "0000:00:02.0 BAR 2, scratch 0x3000+8192: split lines were counted: user mov8")' \
		"what was stored to, and what came of it"
	is true 'boolean(//section[h2="Stores that were made"]/p[contains(.,"emulated")])' "that the CPU was emulated"
fi
sed 's/"mov8"/"<script>alert(1)<\/script>\\u001b[2J"/' tests/drive/split.json >"$work/hostile.json"
"$program" report -o "$work/x.html" --root tests/machines/founding/root --drive "$work/hostile.json" >/dev/null
grep -q '&#60;script&#62;' "$work/x.html" && ! grep -q '<script\|'"$(printf '\033')" "$work/x.html"
ok $? "--drive: a hostile name stays text"
for f in tests/machines/founding/must tests/report.sh /dev/null "$work/nobody"; do
	rm -f "$work/x.html"
	"$program" report -o "$work/x.html" --root tests/machines/founding/root --drive "$f" >"$work/out" 2>"$work/err"
	[ "$?" = 3 ] && [ "$(wc -l <"$work/err")" = 1 ] && [ ! -e "$work/x.html" ]
	ok $? "--drive $(basename "$f"): refused, and no page"
done

if ! have chromium || ! have bash; then
	skip "the pages in a browser" "chromium is not installed"
else
	for name in founding broken stores driven hostile; do
		bash tests/report_browser.sh "$work/$name.html" >"$work/browser" 2>&1
		grep -q '^ok - ' "$work/browser"
		ok $? "$name: seen in a browser"
		while IFS= read -r line; do
			case $line in
			'ok - '*) ok 0 "$name in a browser: ${line#ok - }" ;;
			'not ok - '*) ok 1 "$name in a browser: ${line#not ok - }" ;;
			*) printf '# %s\n' "$line" ;;
			esac
		done <"$work/browser"
	done
fi
echo "1..$n"
