#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A live run under valgrind: no invalid access, nothing uninitialised that
# decides, nothing lost at the end. Prints TAP.

cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
bad=0

# watch NAME WORKLOAD...: the workload under gilwatch under valgrind
watch()
{
	name=$1
	shift
	number=$((number + 1))
	valgrind -q --error-exitcode=9 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect \
		--log-file="$work/log" ./gilwatch --plain -i 0.3 --as-root \
		--csv "$work/$number" -- "$@" >"$work/out" 2>"$work/err"
	status=$?
	if [ $status = 0 ] && grep -q "=== gilwatch summary" "$work/out"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "# exit status $status"
		sed 's/^/# /' "$work/log" "$work/err" | head -n 100
		bad=1
	fi
	echo "FIGURE: errors of valgrind, $name:" \
		"$(grep -c '^==[0-9]*== [A-Z]' "$work/log")" >&2
}

if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP not root"
	exit 0
fi
echo "1..3"
watch "locks that come and go" "$build/workloads/load" locks 20000 10000
watch "threads that come and go" "$build/workloads/load" threads 2000 3
watch "processes that come and go" "$build/workloads/load" processes 100 3
exit $bad
