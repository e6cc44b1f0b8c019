#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# clang-tidy over the files of user/ and workloads/ that the last commit has
# changed: over all, `make tidy` takes too long for each run. Prints TAP.

cd "$(dirname "$0")/../.." || exit 1
files=$(git diff --name-only --diff-filter=d HEAD~1 -- 'user/*.c' \
	'workloads/*.c' 2>/dev/null | head -n 20)
echo "1..1"
if [ -z "$files" ]; then
	echo "FIGURE: clang-tidy: no file of user/ or workloads/ has changed" >&2
	echo "ok 1 - nothing to look at"
	exit 0
fi
# shellcheck disable=SC2086
if output=$(make tidy TIDY="$(echo $files)" 2>&1); then
	echo "FIGURE: clang-tidy: $(echo $files | wc -w) changed files, clean" >&2
	echo "ok 1 - changed files"
else
	echo "not ok 1 - changed files"
	echo "$output" | sed 's/^/# /'
	exit 1
fi
