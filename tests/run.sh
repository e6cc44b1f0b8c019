#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs test programs (cmocka) one after the other, shows a line for each, the
# output of those that failed, what was skipped and why, and last the sum:
#
#   tests/run.sh PROGRAM...
#
# A test that cannot run here prints "SKIP-REASON: text" on stderr before it
# calls cmocka's skip(). A program that crashes, runs into the time limit or
# ends without a result for each of its tests has failed.
#
# A line "FIGURE: text" on stderr is what a test has measured: it is shown.
#
# GILWATCH_CI=1 or CI=true in the environment: a skipped test fails the run.
# GILWATCH_TEST_SECONDS: time limit of one program, 900 by default.
#
# Exit status 0, or 1 when anything failed.

limit=${GILWATCH_TEST_SECONDS:-900}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Results of one program, from its TAP output, as shell assignments. A plan
# without all its results means that a group did not run to its end.
count='
function close_group() {
	if (plan > seen)
		failed += plan - seen
	plan = seen = 0
}
/^1\.\.[0-9]+/ {
	close_group()
	plan = substr($0, 4) + 0
	plans++
}
/^(not )?ok 0 / || /^(not )?ok 0$/ { next }
/^(not )?ok [0-9]+/ {
	seen++
	if (/^(not )?ok [0-9]+ # SKIP/ || /# SKIP/)
		skipped++
	else if (/^ok/)
		passed++
	else
		failed++
}
END {
	close_group()
	printf "p=%d f=%d s=%d plans=%d\n", passed, failed, skipped, plans
}'

# What the skipped tests of one program are called, and why.
skips='
/^SKIP-REASON: / {
	reason[++reasons] = substr($0, 14)
	next
}
/^(not )?ok [0-9]+ .*# SKIP/ {
	sub(/^(not )?ok [0-9]+ (- )?/, "")
	sub(/ *# SKIP */, "")
	name[++names] = $0
}
END {
	for (i = 1; i <= names; i++)
		printf "  skipped: %s %s: %s\n", program, name[i],
			i in reason ? reason[i] : "no reason given"
}'

# A time limit in words, or why a program ended.
ending()
{
	case $1 in
	0) ;;
	124) echo "ran into the time limit of $limit s" ;;
	137) echo "killed, perhaps at the time limit of $limit s" ;;
	126 | 127) echo "could not be started" ;;
	129 | 1[3-5]? | 16?) echo "died of signal $(($1 - 128))" ;;
	*) echo "exit status $1" ;;
	esac
}

passed=0
failed=0
skipped=0
for program in "$@"; do
	name=${program##*/}
	case $program in
	*/*) ;;
	*) program=./$program ;;
	esac
	start=$(date +%s)
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$limit" "$program" \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
	p=0 f=0 s=0 plans=0
	eval "$(awk "$count" "$work/out")"
	why=$(ending $status)
	if [ "$plans" = 0 ] && [ $status = 0 ]; then
		why="gave no results"
	fi
	# cmocka's own exit status is the number of failures.
	if [ -n "$why" ] && [ $f = 0 ]; then
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	printf '%-34s %3d passed, %d failed, %d skipped  %4d s\n' \
		"$name" $p $f $s $(($(date +%s) - start))
	[ $s = 0 ] || awk -v program="$name" "$skips" "$work/err" "$work/out" \
		>>"$work/skips"
	sed -n 's/^FIGURE: /    /p' "$work/err"
	if [ $f != 0 ]; then
		echo "---- $name failed${why:+: $why}"
		cat "$work/out" "$work/err"
		echo "---- end of $name"
	fi
done

[ ! -s "$work/skips" ] || cat "$work/skips"
status=0
[ $failed = 0 ] || status=1
if [ $# = 0 ]; then
	echo "no test programs given"
	status=1
fi
if [ $skipped != 0 ] && { [ "$GILWATCH_CI" = 1 ] || [ "$CI" = true ]; }; then
	echo "skipped tests fail this run (GILWATCH_CI=1 or CI=true)"
	status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
