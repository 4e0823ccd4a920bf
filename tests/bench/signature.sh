#!/bin/bash
# One small signed DLL: `countersign signature` against `osslsigncode verify`,
# whole processes, the same 300 roots, rounds interleaved. Says the medians and
# the ratio; the design asks for at most a tenth (section 8).
#
#	B=build BENCH_ROUNDS=5 tests/bench/signature.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
B=${B:-build}
rounds=${BENCH_ROUNDS:-5}
runs=20 # processes of each kind a round
num_roots=300
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

tests/data/pki/make-pki.sh "$dir/pki" > /dev/null 2>&1
"$B/tests/make_pe" --version 1.0.0.0 "$dir/a.dll"
"$B/tests/with_tsa" "$dir/pki/tsa.chain.pem" "$dir/pki/tsa.key" \
    osslsigncode sign -certs "$dir/pki/ov.chain.pem" -key "$dir/pki/ov.key" \
    -in "$dir/a.dll" -out "$dir/s.dll" -h sha256 -ts TSA-URL > /dev/null

# the system's authorities, filled up with roots of our own
cat "$dir/pki/roots.pem" "$dir/pki/root-t.pem" > "$dir/roots.pem"
cat /etc/ssl/certs/ca-certificates.crt >> "$dir/roots.pem" 2> /dev/null || true
have=$(grep -c BEGIN "$dir/roots.pem")
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/key" 2> /dev/null
for i in $(seq "$have" $((num_roots - 1))); do
	openssl req -x509 -key "$dir/key" -days 3650 -subj "/C=XX/O=Filler $i/CN=Filler Root $i"
done >> "$dir/roots.pem"

ours() {
	"$B/countersign" signature "$dir/s.dll" --roots "$dir/roots.pem" --json > /dev/null
}
theirs() {
	osslsigncode verify -CAfile "$dir/roots.pem" -TSA-CAfile "$dir/roots.pem" \
	    -in "$dir/s.dll" > /dev/null 2>&1
}
# milliseconds of one process
measure() {
	local from to
	from=$(date +%s%N)
	for _ in $(seq $runs); do "$1"; done
	to=$(date +%s%N)
	awk "BEGIN { printf \"%.3f\\n\", ($to - $from) / 1e6 / $runs }"
}
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ours
theirs
for _ in $(seq "$rounds"); do
	measure ours >> "$dir/ours"
	measure theirs >> "$dir/theirs"
done
o=$(median < "$dir/ours") t=$(median < "$dir/theirs")
awk "BEGIN { printf \"signature of a small DLL, %d roots: countersign %s ms, osslsigncode %s ms, ratio %.2f\\n\", $num_roots, $o, $t, $o / $t }"
