#!/bin/bash
# Real vendors' files by name, fetched from npm and never committed: countersign
# must name the signer of each and call it genuine at its signing time.
#
#	B=build COUNTERSIGN_DATA=../shared/data tests/conformance/authenticode/npm.sh
#
# The roots come from the shared data; without it, or without the registry,
# the tests are skipped.
set -u
cd "$(dirname "$0")/../../.."
B=${B:-build}
data=${COUNTERSIGN_DATA:-../shared/data}
cache=$B/npm
passed=0 failed=0 skipped=0

skip() {
	echo "skipped: $1"
	skipped=$((skipped + 1))
}

# PACKAGE@VERSION PATH SIGNER TIME
check() {
	local package=$1 path=$2 signer=$3 when=$4 file=$cache/$1/package/$2 answer
	if [ ! -f "$file" ]; then
		mkdir -p "$cache/$package"
		if ! tarball=$(cd "$cache/$package" && timeout 180 npm pack --silent "$package" 2> npm.log); then
			skip "$package: npm's registry is not reachable ($(tail -n 1 "$cache/$package/npm.log"))"
			return
		fi
		tar -xzf "$cache/$package/$tarball" -C "$cache/$package" "package/$path"
		rm -f "$cache/$package/$tarball"
	fi
	# three years on, so that only the timestamp can make it genuine
	answer=$("$B/countersign" signature "$file" --json --roots "$data/aia/roots.pem" \
	    --aia-map "$cache/aia.json" --at 2029-11-22)
	if node -e '
		const j = JSON.parse(process.argv[1]), s = j.signatures[0];
		const ok = j.verdict === "genuine" && j.reason === null && s.digest_matches &&
			s.signer.subject.includes(`O=${process.argv[2]}`) &&
			s.timestamp.valid && s.timestamp.time === process.argv[3];
		process.exit(ok ? 0 : 1)' "$answer" "$signer" "$when"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $package $path: $answer"
	fi
}

if [ ! -f "$data/aia/roots.pem" ]; then
	skip "$data/aia is absent (COUNTERSIGN_DATA names the shared data)"
elif ! command -v npm > /dev/null; then
	skip "npm is not installed"
else
	mkdir -p "$cache"
	node -e '
		const path = require("path"), dir = process.argv[1];
		const m = JSON.parse(require("fs").readFileSync(path.join(dir, "manifest.json")));
		console.log(JSON.stringify(Object.fromEntries(
			m.urls.map((u) => [u.url, path.resolve(dir, u.file)]))))' "$data/aia" > "$cache/aia.json"
	check node-pty@1.1.0 prebuilds/win32-x64/conpty/conpty.dll \
	    'Microsoft Corporation' 2025-10-09T02:14:00Z
	check node-notifier@10.0.1 vendor/snoreToast/snoretoast-x86.exe \
	    'K Desktop Environment e.V.' 2019-09-09T16:19:34Z
	check steamworks.js@0.4.0 dist/win64/steam_api64.dll \
	    'Valve Corp.' 2024-06-17T23:59:54Z
fi
echo "npm: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
