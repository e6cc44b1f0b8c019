#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Live tests with a gilwatch that stops at the first wrong access to memory and
# at undefined behaviour (valgrind does not know all of bpf(), and the filter of
# system calls does not let it make code). Leaks are looked for in diff, which
# gives up no rights; elsewhere test_no_memory does. Prints TAP.

cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
program=$PWD/$BUILD/asan/gilwatch
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
bad=0

# check NAME COMMAND...
check()
{
	number=$((number + 1))
	name=$1
	shift
	if "$@" >"$work/log" 2>&1 && ! grep -q Sanitizer "$work/log"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$work/log" | tail -n 60
		bad=1
	fi
}

# live NAME: the tests of that program, with the one that stops
live()
{
	check "test_$1" env GILWATCH_TEST_PROGRAM="$program" \
		ASAN_OPTIONS=detect_leaks=0 "$BUILD/tests/live/test_$1"
}

# Without looking for leaks: who has given up his rights may not.
quiet()
{
	ASAN_OPTIONS=detect_leaks=0 "$program" "$@"
}

record()
{
	quiet record -q -o "$work/$1" -- \
		"$BUILD/workloads/handoff" --lock mutex --threads 3 \
		--duration 1 --hold-us "$2"
}

set -- summary record tui
echo "1..$(($# + 6))"
for name; do
	live "$name"
done
check "a record" record one.gwr 200
check "another" record two.gwr 400
check "its report" quiet report "$work/one.gwr" --csv "$work/csv" -i 0.2
check "its page" quiet report "$work/one.gwr" --html "$work/page.html"
check "its timeline" quiet report "$work/one.gwr" \
	--trace "$work/out.pftrace"
check "what has changed" "$program" diff "$work/one.gwr" "$work/two.gwr"
exit $bad
