#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What recording costs beside counting: CPU time of a futex ping-pong of two
# threads on one core, ns a pass; unwatched, counted and recorded in turn, the
# least of ROUNDS each. Then whether it loses anything at RATE futex calls a
# second, each of which is two events, for 10 s.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
rounds=${ROUNDS:-5}
passes=${PASSES:-100000}
rate=${RATE:-100000}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

one()
{
	kind=$1
	shift
	"$@" "$build/workloads/handoff" --count "$passes" --hold-us 0 \
		--out-us 0 --pin-cpu 0 --json "$folder/$kind.json" \
		>/dev/null 2>"$folder/$kind.err" || {
		cat "$folder/$kind.err" >&2
		exit 1
	}
	python3 - "$folder/$kind.json" <<-END >>"$folder/$kind"
	import json, sys
	run = json.load(open(sys.argv[1]))
	print(sum(t["cpu_ns"] for t in run["threads"]) //
	      sum(l["acquisitions"] for l in run["locks"]))
	END
}

for round in $(seq "$rounds"); do
	one unwatched env
	one counted ./gilwatch -q --
	one recorded ./gilwatch record -q -o "$folder/r.gwr" --
done
least()
{
	sort -n "$folder/$1" | head -n 1
}
u=$(least unwatched) c=$(least counted) r=$(least recorded)
echo "unwatched $u ns, counted $c ns, recorded $r ns a pass"
echo "counting costs $((c - u)) ns, recording $((r - u)) ns:" \
	"$(((r - u) * 100 / (c - u))) %"
grep -h recorded "$folder/recorded.err"
echo "at $rate futex calls a second:"
./gilwatch record -q -o "$folder/r.gwr" -- \
	"$build/workloads/load" calls "$rate" 10 2>&1 >"$folder/summary" |
	grep recorded
grep -E "^Lost:|lost:" "$folder/summary"
