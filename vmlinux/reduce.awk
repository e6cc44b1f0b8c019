# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# awk -f reduce.awk NAMES MIN FULL
#
# NAMES  the names that the BPF sources use, one a line; "struct x" for structs
# MIN    C header of the types with relocations (bpftool gen min_core_btf)
# FULL   C header of all types of the kernel
#
# -v uapi=LIST: structs of the kernel's user interface, which never change.
#
# Prints the enumerators named, those structs in full, forward declarations of the structs named that
# MIN does not have, and MIN without what the preamble has and without padding.

BEGIN {
	split(uapi, list, " ")
	for (i in list)
		fixed["struct " list[i]] = 1
}

FILENAME == ARGV[1] {
	named[$0] = 1
	next
}

# Padding keeps the kernel's offsets, which relocation makes needless.
FILENAME == ARGV[2] && /^\t+[a-z0-9 ]+: [0-9]+;$/ {
	next
}

FILENAME == ARGV[2] && /^#/ {
	if (/pragma/)
		min = min $0 "\n"
	next
}

FILENAME == ARGV[2] && /^typedef .*[ *](__)?([usl]|be|le)(8|16|32|64);$/ {
	next
}

FILENAME == ARGV[2] && /^typedef .* (bool|pid_t|size_t|__wsum|__kernel_(ulong|pid|size)_t);$/ {
	next
}

FILENAME == ARGV[2] && /^struct .*{$/ && (("struct " $2) in fixed) {
	skip = 1
}

FILENAME == ARGV[2] && skip {
	if (/^}/)
		skip = 0
	next
}

# Enums are taken from FULL when one of their names is used.
FILENAME == ARGV[2] && /^enum .*{$/ {
	kind = "enum " strip($2)
}

FILENAME == ARGV[2] && kind != "" {
	whole_enum[kind] = whole_enum[kind] $0 "\n"
	if (/^}/)
		kind = ""
	next
}

FILENAME == ARGV[2] {
	if ($0 != "" || last != "")
		min = min $0 "\n"
	last = $0
	if (/^(struct|union) .*[{;]$/)
		have[$1 " " strip($2)] = 1
	next
}

/^enum .*{$/ {
	head = $0
	name = "enum " strip($2)
	body = ""
}

head != "" && $2 == "=" && ($1 in named) {
	body = body $0 "\n"
}

head != "" && /^}/ {
	if (body != "") {
		enums = enums head "\n" body $0 "\n\n"
		delete whole_enum[name]
	}
	head = ""
}

/^struct [A-Za-z0-9_]+ {$/ {
	kernel["struct " $2] = 1
	copy = ("struct " $2) in fixed
	if (copy)
		have["struct " $2] = 1
}

copy {
	whole = whole $0 "\n"
	if (/^}/) {
		whole = whole "\n"
		copy = 0
	}
}

function strip(word)
{
	sub(/[;{].*$/, "", word)
	return word
}

END {
	printf "%s%s", enums, whole
	for (name in whole_enum)
		print whole_enum[name]
	for (name in kernel)
		if ((name in named) && !(name in have))
			print name ";" | "sort"
	close("sort")
	print ""
	printf "%s", min
}
