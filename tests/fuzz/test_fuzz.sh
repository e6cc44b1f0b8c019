#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each fuzz target with its known inputs and RUNS made-up ones; prints TAP. What
# broke a target stays in $BUILD/tests/fuzz/broken-NAME-*.

cd "$(dirname "$0")/../.." || exit 1
folder=${BUILD:-build}/tests/fuzz
runs=${RUNS:-20000}
set -- elf maps interp csv names proc cmdline memory record

echo "1..$#"
number=0
bad=0
for name; do
	number=$((number + 1))
	mkdir -p "$folder/found-$name"
	# The first folder gets what is new, the second stays as it is.
	if output=$("$folder/fuzz_$name" -runs="$runs" -max_len=16384 \
		-timeout=120 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$folder/broken-$name-" \
		"$folder/found-$name" "tests/fuzz/corpus/$name" 2>&1); then
		echo "ok $number - $name"
		echo "$output" | sed -n 's/^stat::number_of/# &/p'
		echo "FIGURE: inputs fuzzed, $name: $(echo "$output" | sed -n \
			's/^stat::number_of_executed_units: *//p')" >&2
	else
		echo "not ok $number - $name"
		echo "$output" | tail -n 60 | sed 's/^/# /'
		bad=1
	fi
done
exit $bad
