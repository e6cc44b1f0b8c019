#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The C workloads, which have threads, under ThreadSanitizer; gilwatch itself
# has none. Prints TAP. ($BUILD/tests/gilvm/test_sanitizers does it for gilvm.)

cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
bad=0

# build NAME: the workload, from its one file or with those of its folder
build()
{
	# shellcheck disable=SC2046
	${CLANG:-clang} -std=gnu11 -O1 -g -fsanitize=thread -I. \
		-o "$work/$1" "workloads/$1.c" \
		$(ls workloads/"$1"/*.c 2>/dev/null) -pthread
}

# check PROGRAM ARGUMENTS...
check()
{
	number=$((number + 1))
	if (cd "$work" && TSAN_OPTIONS=exitcode=66 "./$@") >"$work/log" 2>&1
	then
		echo "ok $number - $*"
	else
		echo "not ok $number - $*"
		sed 's/^/# /' "$work/log" | head -n 60
		bad=1
	fi
}

echo "1..8"
build load && build handoff || exit 1
check load calls 1000 1
check load locks 200 1000
check load threads 100 1
check load alive 50 1
for kind in futex mutex cond sem; do
	check handoff --lock $kind --threads 4 --duration 0.3 --json /dev/null
done
grep -l pthread_create user/*.c && { echo "not ok - gilwatch has threads"; bad=1; }
exit $bad
