#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# report_browser.sh PAGE - looks at a page of wcdiag report in headless Chromium. Prints lines "ok - what" and "not ok - what".
#
# Chromium is told what to do over a pipe (descriptors 3 and 4, --remote-debugging-pipe): messages of JSON, ended by a NUL.
set -u
page=$(realpath "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-browser.XXXXXX") || exit 1
mkfifo "$work/to" "$work/from"
export HOME=$work XDG_CONFIG_HOME=$work XDG_CACHE_HOME=$work
"$(command -v chromium)" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking \
	--disable-component-update --no-first-run --user-data-dir="$work/profile" --remote-debugging-pipe about:blank \
	3<"$work/to" 4>"$work/from" >"$work/log" 2>&1 &
browser=$!
exec 5>"$work/to" 6<"$work/from"
trap 'kill "$browser" 2>/dev/null; wait "$browser" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
id=0 session= requests=0 complaints= loaded=

say() {	# RESULT WHAT
	if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

# One message from the browser; what happens meanwhile is counted.
hear() {
	IFS= read -r -t 20 -d '' heard <&6 || { echo "not ok - the browser does not answer"; exit 1; }
	case $heard in
	*'"method":"Network.requestWillBeSent"'*)
		case $heard in *'"url":"file://'*) ;; *) requests=$((requests + 1)) complaints="$complaints $heard" ;; esac ;;
	*'"method":"Log.entryAdded"'* | *'"method":"Runtime.consoleAPICalled"'* | *'"method":"Runtime.exceptionThrown"'*)
		complaints="$complaints $heard" ;;
	*'"method":"Page.loadEventFired"'*) loaded=yes ;;
	esac
}

# METHOD PARAMETERS: the answer is in $heard.
ask() {
	id=$((id + 1))
	printf '{"id":%d,"method":"%s","params":%s%s}\0' "$id" "$1" "$2" "${session:+,\"sessionId\":\"$session\"}" >&5
	while hear; do
		case $heard in '{"id":'"$id",*) return ;; esac
	done
}

# A value that the page's own objects give; the page itself may run no script, and runs none.
value() {
	ask Runtime.evaluate "{\"expression\":\"String($1)\",\"returnByValue\":true}"
	case $heard in
	*'"type":"string","value":"'*) got=${heard#*\"type\":\"string\",\"value\":\"} got=${got%%\"*} ;;
	*) got="no value: $heard" ;;
	esac
}

is() {	# WANT EXPRESSION WHAT
	value "$2"
	[ "$got" = "$1" ]
	say $? "$3"
	[ "$got" = "$1" ] || echo "# $got instead of $1"
}

key() {	# NAME CODE [TEXT]
	ask Input.dispatchKeyEvent "{\"type\":\"keyDown\",\"key\":\"$1\",\"code\":\"$1\",\"windowsVirtualKeyCode\":$2${3:+,\"text\":\"$3\"}}"
	ask Input.dispatchKeyEvent "{\"type\":\"keyUp\",\"key\":\"$1\",\"code\":\"$1\",\"windowsVirtualKeyCode\":$2}"
}

media() {	# MEDIA SCHEME
	ask Emulation.setEmulatedMedia "{\"media\":\"$1\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$2\"}]}"
}

ask Target.createTarget '{"url":"about:blank"}'
target=${heard#*\"targetId\":\"} target=${target%%\"*}
ask Target.attachToTarget "{\"targetId\":\"$target\",\"flatten\":true}"
session=${heard#*\"sessionId\":\"} session=${session%%\"*}
for what in Page Runtime Log Network; do ask "$what.enable" '{}'; done
ask Page.navigate "{\"url\":\"file://$page\"}"
while [ -z "$loaded" ]; do hear; done

is 1 "document.querySelectorAll('h1').length" "one h1"
is true "document.querySelectorAll('svg').length > 0 && [...document.querySelectorAll('svg')].every(s => s.getBBox().width > 100)" \
	"the pictures are drawn"
is 0 "document.scripts.length + document.images.length + document.querySelectorAll('iframe,object,embed,link,form').length" \
	"nothing that runs, loads or sends"
is 0 "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on|^style|^src/.test(a.name))).length" \
	"no attribute that runs or loads"

# Text does not leave its box in the pictures.
is 0 "[...document.querySelectorAll('svg')].filter(s => { const r = s.getBoundingClientRect(); return [...s.querySelectorAll('text')].some(t => { const b = t.getBoundingClientRect(); return b.right > r.right + 1 || b.left < r.left - 1 || b.bottom > r.bottom + 1 }) }).length" \
	"no word hangs out of a picture"

for width in 400 1200; do
	ask Emulation.setDeviceMetricsOverride "{\"width\":$width,\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}"
	is true "document.documentElement.scrollWidth <= $width" "$width pixels wide: nothing is cut at the side"
done

media screen dark
value "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector('svg text')).fill"
dark=$got
media screen light
value "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector('svg text')).fill"
[ "$dark" != "$got" ] && [ "${dark#rgb}" != "$dark" ]
say $? "light and dark differ, in the pictures, too"
media print dark
value "getComputedStyle(document.body).backgroundColor"
[ "$got" = "rgb(255, 255, 255)" ]
say $? "print is on white, whatever the screen"
is 0 "[...document.querySelectorAll('details > :nth-child(2)')].filter(e => !e.checkVisibility()).length" "print shows what is folded away"
is 0 "[...document.querySelectorAll('.scroll')].filter(e => getComputedStyle(e).overflowX !== 'visible').length" "print cuts no box"
media screen light

# Each stop is reached by Tab, in the order of the page, and shows that it is.
value "(window.stops = [...document.querySelectorAll('a[href], summary, [tabindex]')].filter(e => e.checkVisibility())).length"
n=$got
case $n in '' | *[!0-9]*) n=0 ;; esac
missed=
for ((i = 0; i < n && i < 200; i++)); do
	key Tab 9
	value "document.activeElement === stops[$i] && getComputedStyle(stops[$i]).outlineStyle !== 'none' && stops[$i].getBoundingClientRect().right > 0"
	[ "$got" = true ] || missed="$missed $i"
done
[ "$n" -gt 10 ] && [ -z "$missed" ]
say $? "Tab reaches all of $n links, folds and what scrolls, in their order, and it is seen"
[ -z "$missed" ] || echo "# not:$missed"
is closed "(document.querySelector('details:not([open]) > summary').focus(), document.activeElement.parentNode.open ? 'open' : 'closed')" "facts are folded away"
key Enter 13 '\r'
is open "document.activeElement.parentNode.open ? 'open' : 'closed'" "Enter unfolds"
is true "(document.querySelector('a.skip').focus(), document.activeElement.getBoundingClientRect().left >= 0)" "the skip link is seen when it is reached"

# Not forbidden by chance: the page's policy refuses a script, an image and a style sheet of elsewhere.
ask Runtime.evaluate '{"expression":"addEventListener(\"securitypolicyviolation\", e => (window.refused ??= new Set()).add(e.effectiveDirective))"}'
[ "$requests" = 0 ] && [ -z "$complaints" ]
say $? "no word on the console, and no request but the page itself"
[ -z "$complaints" ] || echo "#$complaints" | cut -c1-600
ask Runtime.evaluate '{"expression":"new Promise(done => { const add = (t, a) => document.body.append(Object.assign(document.createElement(t), a)); add(\"script\", { textContent: \"window.ran = 1\" }); add(\"img\", { src: \"http://192.0.2.1/x\" }); add(\"link\", { rel: \"stylesheet\", href: \"http://192.0.2.1/y\" }); setTimeout(done, 100) })","awaitPromise":true}'
is 'undefined img-src script-src-elem style-src-elem' "window.ran + ' ' + [...(window.refused ?? [])].sort().join(' ')" \
	"the page's policy refuses a script, an image, a style sheet of elsewhere"
