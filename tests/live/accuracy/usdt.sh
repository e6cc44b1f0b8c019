#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Contended handoffs of a gilvm with a mixed load, counted three times: by
# bpftrace at its USDT probes, by itself, and by gilwatch (as root; bpftrace):
#
#   tests/live/accuracy/usdt.sh [POLICY]

cd "$(dirname "$0")/../../.." || exit 1
policy=${1:-interval}
gilvm=$PWD/${BUILD:-build}/workloads/gilvm
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

bpftrace -e "
BEGIN { printf(\"ready\\n\"); }
usdt:$gilvm:gilvm:gil_wait { @waits[tid] = 1; }
usdt:$gilvm:gilvm:gil_acquire /@waits[tid]/ {
	if (@last != tid) { @handoffs++; }
	delete(@waits[tid]);
}
usdt:$gilvm:gilvm:gil_release { @last = tid; }" >"$folder/usdt" 2>&1 &
tracer=$!
until grep -q ready "$folder/usdt"; do
	kill -0 "$tracer" 2>/dev/null || { cat "$folder/usdt" >&2; exit 1; }
	sleep 0.2
done
./gilwatch -q --csv "$folder/csv" -- "$gilvm" "--gil=$policy" \
	--stats="$folder/stats" workloads/programs/convoy.py 2 6 0.02 >/dev/null
kill -INT "$tracer"
wait "$tracer"
echo "by bpftrace: $(sed -n 's/@handoffs: //p' "$folder/usdt")"
echo "by gilvm: $(grep -o '"handoffs":[0-9]*' "$folder/stats" | head -n 1 |
	cut -d: -f2)"
echo "by gilwatch: $(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
	$1 == "total" && $c["kind"] == "GIL" { print $c["handoffs"] }' \
	"$folder/csv/locks.csv")"
