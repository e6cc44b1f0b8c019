#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tests tests/run.sh with made-up test programs; prints TAP itself.

run=$(dirname "$0")/../run.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset CI GILWATCH_CI
number=0
bad=0

# program NAME: the text from stdin becomes a program of that name.
program()
{
	{
		echo '#!/bin/sh'
		cat
	} >"$work/$1"
	chmod +x "$work/$1"
}

# expect TEXT STATUS LAST-LINE [PATTERN IN THE OUTPUT], for the last run
expect()
{
	number=$((number + 1))
	if [ "$status" = "$2" ] && [ "$(tail -n 1 "$work/log")" = "$3" ] &&
		grep -q -- "${4:-}" "$work/log"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "# exit status $status, wanted $2, and \"$3\", \"${4:-}\""
		sed 's/^/# /' "$work/log"
		bad=1
	fi
}

run()
{
	(cd "$work" && "$@") >"$work/log" 2>&1
	status=$?
}

case $run in
/*) ;;
*) run=$PWD/$run ;;
esac

program good <<-'END'
	echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"
END
program groups <<-'END'
	echo 1..1; echo "ok 1 - a"; echo "# ok - group"
	echo 1..1; echo "ok 1 - b"; echo "# ok - group"
END
program bad <<-'END'
	echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; echo "# why it broke"
	exit 1
END
program measures <<-'END'
	echo 1..1; echo "ok 1 - a"; echo "FIGURE: 7 of 8" >&2
END
program skips <<-'END'
	echo "SKIP-REASON: no such kernel" >&2
	echo 1..2; echo "ok 1 - a"; echo "not ok 2 # SKIP b"
END
program skips_new <<-'END'
	echo "SKIP-REASON: no such kernel" >&2
	echo 1..1; echo "ok 1 - b # SKIP"
END
program crash <<-'END'
	echo 1..4; echo "ok 1 - a"; kill -SEGV $$
END
program silent <<-'END'
	exit 0
END
program half <<-'END'
	echo 1..4; echo "ok 1 - a"
END
program setup <<-'END'
	echo 1..3; echo "not ok 0 - group [  FAILED  ] GROUP SETUP"; exit 3
END
program slow <<-'END'
	echo 1..1; exec sleep 60
END
program late <<-'END'
	echo 1..1; echo "ok 1 - a"; exit 3
END

echo 1..16
run "$run" good groups
expect "adds up passes" 0 "4 passed, 0 failed, 0 skipped" "^good .* 2 passed"
run "$run" measures
expect "figures are shown" 0 "1 passed, 0 failed, 0 skipped" "^    7 of 8"
run "$run" "$work/good" bad
expect "a failure fails" 1 "3 passed, 1 failed, 0 skipped" "^# why it broke"
run "$run" skips
expect "a skip does not fail" 0 "1 passed, 0 failed, 1 skipped" \
	"skipped: skips b: no such kernel"
run "$run" skips_new
expect "the other way to print a skip" 0 "0 passed, 0 failed, 1 skipped" \
	"skipped: skips_new b: no such kernel"
run env GILWATCH_CI=1 "$run" skips
expect "a skip fails with GILWATCH_CI" 1 "1 passed, 0 failed, 1 skipped" \
	"skipped tests fail this run"
run env CI=true "$run" skips
expect "a skip fails with CI" 1 "1 passed, 0 failed, 1 skipped"
run env CI=false GILWATCH_CI=0 "$run" skips
expect "and only with those values" 0 "1 passed, 0 failed, 1 skipped"
run env CI=true "$run" good
expect "no skip does not fail with CI" 0 "2 passed, 0 failed, 0 skipped"
run "$run" crash good
expect "a crash fails what was to come" 1 "3 passed, 3 failed, 0 skipped" \
	"crash failed: died of signal 11"
run "$run" silent
expect "no result fails" 1 "0 passed, 1 failed, 0 skipped" "gave no results"
run "$run" half
expect "missing results fail" 1 "1 passed, 3 failed, 0 skipped"
run "$run" setup
expect "a failed group setup fails its tests" 1 "0 passed, 3 failed, 0 skipped"
run "$run" late
expect "an exit status alone fails" 1 "1 passed, 1 failed, 0 skipped" \
	"late failed: exit status 3"
run env GILWATCH_TEST_SECONDS=1 "$run" slow
expect "the time limit fails" 1 "0 passed, 1 failed, 0 skipped" \
	"slow failed: ran into the time limit of 1 s"
run "$run" "$work/absent"
expect "a program that is not there fails" 1 "0 passed, 1 failed, 0 skipped" \
	"could not be started"
run "$run"
expect "no program fails" 1 "0 passed, 0 failed, 0 skipped"
exit $bad
