#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# clang-tidy over user/ and workloads/. Prints TAP.

cd "$(dirname "$0")/../.." || exit 1
echo "1..1"
if output=$(make -k -j"$(nproc)" tidy 2>&1); then
	set -- user/*.c workloads/*.c workloads/*/*.c
	echo "FIGURE: clang-tidy: $# files, clean" >&2
	echo "ok 1 - all files"
else
	echo "not ok 1 - all files"
	echo "$output" | grep -A 5 -E "(error|warning):" | sed 's/^/# /'
	exit 1
fi
