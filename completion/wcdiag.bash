# SPDX-License-Identifier: GPL-2.0-or-later
# wcdiag.bash - completion for bash. wcdiag itself knows what may come next (cmd/complete.h); this asks it.
#
# "make install" puts it where bash-completion finds it; without that package: source this file.

_wcdiag()
{
	local line=${COMP_LINE:0:COMP_POINT} words=() cur i w out before= breaks= files=

	# bash also splits at ':' and '=' (COMP_WORDBREAKS), wcdiag does not: put 01:00.0:2 together again.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		w=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $line == [[:blank:]]* ]]; then
			line=${line#"${line%%[![:blank:]]*}"}
			words+=("")
		fi
		((i < COMP_CWORD)) || w=$line	# not what stands behind the cursor
		words[-1]+=$w
		line=${line#"$w"}
	done
	cur=${words[-1]}
	# What bash takes for a word of its own is all that it replaces.
	[[ $COMP_WORDBREAKS != *:* ]] || breaks+=:
	[[ $COMP_WORDBREAKS != *=* ]] || breaks+==
	[[ -z $breaks ]] || before=${cur%"${cur##*[$breaks]}"}

	COMPREPLY=()
	while IFS= read -r out; do
		case $out in
		:files)
			[[ $files ]] || files=yes
			w=$cur
			[[ $w != --*=* ]] || w=${w#*=}
			while IFS= read -r out; do
				out=${cur%"$w"}$out
				COMPREPLY+=("${out#"$before"}")
			done < <(compgen -f -- "$w")
			;;
		:command\ *)
			i=${out#:command }
			if declare -F _command_offset >/dev/null; then
				_command_offset "$i"
				return
			fi
			w=-f
			((i < ${#words[@]} - 1)) || w=-c
			files=yes
			while IFS= read -r out; do
				COMPREPLY+=("$out")
			done < <(compgen $w -- "$cur")
			;;
		:*)	;;
		*)
			out=${out%%$'\t'*}
			COMPREPLY+=("${out#"$before"}")
			files=no
			;;
		esac
	done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
	# A name of a file gets what it needs (a slash, quotes); a slot would get them, too, for its colon.
	[[ $files != yes ]] || compopt -o filenames 2>/dev/null
	# "reg:" goes on
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *: ]] || compopt -o nospace 2>/dev/null
} &&
complete -F _wcdiag wcdiag
