#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Under a kernel that is too old: one line that says so, and nothing else.

number=0
result()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
	fi
}

echo 1..2
./gilwatch -q -d 0.1 -p 1 >/tmp/refused.out 2>/tmp/refused.err
[ $? = 1 ] && [ ! -s /tmp/refused.out ]
result $? "exit status 1, no output"
[ "$(cat /tmp/refused.err)" = "gilwatch: this is kernel $(uname -r): 5.12 or \
newer is needed (task storage in tracing programs)" ]
result $? "one line says which kernel is needed"
cat /tmp/refused.err >&2
