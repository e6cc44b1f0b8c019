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

# watch NAME KIND A B: a load, watched by name, because valgrind does not know the
# system calls that watch one process or start a command
watch()
{
	name=$1
	shift
	number=$((number + 1))
	valgrind -q --error-exitcode=9 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect \
		--log-file="$work/log" ./gilwatch --plain -i 0.3 -d 8 \
		--csv "$work/$number" -c load >"$work/out" 2>"$work/err" &
	watcher=$!
	for _ in $(seq 100); do
		grep -q "watching" "$work/err" && break
		sleep 0.1
	done
	"$build/workloads/load" "$@" >/dev/null
	wait $watcher
	status=$?
	rows=$(wc -l <"$work/$number/locks.csv")
	if [ $status = 0 ] && [ "$rows" -gt 1 ] && [ ! -s "$work/log" ] &&
		grep -q "=== gilwatch summary" "$work/out"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "# exit status $status, $rows rows of locks"
		sed 's/^/# /' "$work/log" "$work/err" | head -n 100
		bad=1
	fi
	echo "FIGURE: valgrind, $name: $(grep -c '^==' "$work/log") lines of" \
		"errors, $rows rows of locks" >&2
}

if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP not root"
	exit 0
fi
echo "1..3"
watch "locks that come and go" locks 20000 10000
watch "threads that come and go" threads 2000 3
watch "processes that come and go" processes 100 3
exit $bad
