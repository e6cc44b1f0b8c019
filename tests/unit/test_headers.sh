#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each header compiles alone; prints TAP. BPF headers are compiled as such, the
# shared ones both ways. Warnings are errors, but not in track*.h, which call two
# functions that whoever includes it has to define.

cd "$(dirname "$0")/../.." || exit 1
flags="-std=gnu11 -Wall -Wextra -fsyntax-only -x c"
bpf="-target bpf -D__TARGET_ARCH_x86 -Ivmlinux -Ibpf -Wno-unused-function \
	-Wno-unused-parameter"
number=0
bad=0

# compiles NAME COMMAND...: /dev/null is the source, the header included
compiles()
{
	name=$1
	shift
	number=$((number + 1))
	case $name in
	*/track*.h*) ;;
	*) set -- "$@" -Werror ;;
	esac
	if output=$("$@" /dev/null 2>&1); then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "$output" | sed 's/^/# /'
		bad=1
	fi
}

native=$(find bpf user workloads tests -name '*.h' ! -name '*.bpf.h' | sort)
kernel=$(find bpf -name '*.h' | sort)
# Lists of words without blanks in them.
# shellcheck disable=SC2086
set -- $native $kernel
echo "1..$#"
# shellcheck disable=SC2086
for header in $native; do
	compiles "$header" ${CC:-cc} $flags -I. -Ibpf -Iuser -include "$header"
done
# shellcheck disable=SC2086
for header in $kernel; do
	compiles "$header (BPF)" ${CLANG:-clang} $flags $bpf -include "$header"
done
exit $bad
