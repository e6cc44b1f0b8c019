#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes a small vmlinux.h with the kernel types that one BPF source uses; how,
# is in README.md beside this file.
#
#   reduce.sh SOURCE WORK-DIR OUTPUT
#
# From the environment: CLANG, BPFTOOL, BPF_CFLAGS (flags and include paths but
# that of vmlinux.h), BTF (a kernel's BTF, default: the running one's).
set -eu

# Structs of the system call interface that the sources keep by value.
uapi="futex_waitv"

source=$1
work=$2
output=$3
BTF=${BTF:-/sys/kernel/btf/vmlinux}
here=$(dirname "$0")
folder=$(dirname "$source")
full=$work/vmlinux.h

compile()
{
	# BPF_CFLAGS is a list of words.
	# shellcheck disable=SC2086
	$CLANG -target bpf -mcpu=v3 ${BPF_CFLAGS:-} "-I$1" "-I$folder" \
		-c -o "$work/object.o" "$source"
}

mkdir -p "$work"
"$BPFTOOL" btf dump file "$BTF" format c >"$full"
compile "$work"
"$BPFTOOL" gen min_core_btf "$BTF" "$work/min.btf" "$work/object.o"
"$BPFTOOL" btf dump file "$work/min.btf" format c >"$work/min.h"

# Enumerators and structs that the sources name are found by their names.
{
	echo true
	echo false
	cat "$source" "$folder"/*.h | tr -c 'A-Za-z0-9_' '\n' | grep '^[A-Z]'
	cat "$source" "$folder"/*.h | grep -o 'struct [A-Za-z0-9_]*'
} | sort -u >"$work/names"
{
	cat "$here/preamble.h"
	awk -v uapi="$uapi" -f "$here/reduce.awk" \
		"$work/names" "$work/min.h" "$full" | cat -s
	echo
	echo '#endif'
} >"$work/new.h"

mkdir -p "$work/check"
cp "$work/new.h" "$work/check/vmlinux.h"
compile "$work/check"
cp "$work/new.h" "$output"
echo "$output: $(wc -l <"$output") lines, from $(wc -l <"$full")"
