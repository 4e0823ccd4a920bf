# Shell functions that tools/run and the tests share; to be sourced from the
# root of the repository.

# setting SECTION.KEY: as base/settings.c finds it, the overlays of
# COUNTERSIGN_SETTINGS included.
setting() {
	local files=("${COUNTERSIGN_CONF:-conf/countersign.ini}") more
	IFS=: read -r -a more <<< "${COUNTERSIGN_SETTINGS:-}"
	awk -v want="$1" '
		/^[ \t]*[;#]/ || !NF { next }
		/^\[/ { sub(/^\[/, ""); sub(/\].*/, ""); section = $0; next }
		{
			eq = index($0, "="); key = substr($0, 1, eq - 1); value = substr($0, eq + 1)
			gsub(/^[ \t]+|[ \t]+$/, "", key); sub(/[ \t];.*/, "", value)
			gsub(/^[ \t]+|[ \t]+$/, "", value)
			if (section "." key == want) found = value
		}
		END { print found }' "${files[@]}" "${more[@]}"
}

# in_bytes 200m: its number of bytes
in_bytes() {
	case $1 in
	*k) echo $((${1%k} * 1024)) ;;
	*m) echo $((${1%m} * 1024 * 1024)) ;;
	*g) echo $((${1%g} * 1024 * 1024 * 1024)) ;;
	*) echo $(($1)) ;;
	esac
}

# at_most N: a regular expression (its alternatives) of the decimal numbers from
# 0 to N, for nginx, which cannot compare.
at_most() {
	local n=$1 i digit head=
	local alternatives="$n"
	[ ${#n} -le 1 ] || alternatives+="|[0-9]{1,$((${#n} - 1))}"
	for ((i = 0; i < ${#n}; i++)); do
		digit=${n:i:1}
		if [ "$digit" -gt 0 ]; then
			alternatives+="|$head[0-$((digit - 1))][0-9]{$((${#n} - i - 1))}"
		fi
		head+=$digit
	done
	echo "$alternatives"
}

# random_hex BYTES
random_hex() {
	od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}
