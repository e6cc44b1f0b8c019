#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fetches a Debian kernel from the mirror that this machine's apt is configured
# with, and prints the path of its image:
#
#   tests/kernels/fetch.sh FOLDER SUITE FLAVOUR     (trixie cloud)
#
# apt verifies it by Debian's keys, in a root of its own below FOLDER: nothing of
# the machine's own apt is changed. What FOLDER has already is not fetched again.
#
# Exit status 0; 3 where it cannot be had, with the reason on stdout.

folder=$1
suite=$2
flavour=$3
keys=/usr/share/keyrings/debian-archive-keyring.gpg
place=$folder/$suite-$flavour

cannot()
{
	echo "$*"
	exit 3
}

# The mirror of the distribution itself, not of its updates.
site()
{
	apt-get indextargets --format '$(SITE) $(RELEASE) $(ORIGIN)' \
		'Created-By: Packages' 2>/dev/null |
		awk '$2 !~ /-/ && $3 == "Debian" { print $1; exit }'
}

configure()
{
	mkdir -p "$place/lists/partial" "$place/archives/partial" || return 1
	: >"$place/status"
	cat >"$place/apt.conf" <<-END
		Dir::Etc::SourceList "$place/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State "$place";
		Dir::State::Lists "$place/lists";
		Dir::State::status "$place/status";
		Dir::Cache "$place";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "2";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "$(id -un)";
	END
	echo "deb [signed-by=$keys] $1 $suite main" >"$place/sources.list"
	export APT_CONFIG="$place/apt.conf"
}

# The first package of a form that another depends on.
needs()
{
	apt-cache show "$1" | sed -n 's/^Depends: //p' | tr ', ' '\n\n' |
		grep -m 1 "^$2"
}

# Since 7.0 the image is in a package apart from its modules.
package()
{
	image=$(needs "linux-image-$flavour-amd64" 'linux-image-[0-9]')
	[ -n "$image" ] || return 1
	needs "$image" 'linux-binary-[0-9]' || echo "$image"
}

if [ -e "$place/vmlinuz" ]; then
	echo "$place/vmlinuz"
	exit 0
fi
[ "$(uname -m)" = x86_64 ] || cannot "the build is not one for x86_64"
for tool in apt-get dpkg-deb; do
	command -v $tool >/dev/null || cannot "no $tool: not a Debian machine"
done
[ -e $keys ] || cannot "no $keys: not a Debian machine"
mirror=$(site)
[ -n "$mirror" ] || cannot "apt has no mirror of Debian"
# A path with a space would need quotes that apt.conf does not have.
mkdir -p "$place" && place=$(cd "$place" && pwd) && configure "$mirror" ||
	cannot "cannot write below $folder"
apt-get -qq update >"$place/log" 2>&1 </dev/null ||
	cannot "cannot fetch the package list of $suite"
name=$(package)
[ -n "$name" ] || cannot "$suite has no linux-image-$flavour-amd64"
(cd "$place/archives" && apt-get -qq download "$name" >>"$place/log" 2>&1 \
	</dev/null) || cannot "cannot fetch $name of $suite"
# Its place has changed: /boot, later with the modules.
dpkg-deb --fsys-tarfile "$place"/archives/"$name"_*.deb |
	tar -x -O --wildcards '*/vmlinuz*' >"$place/new" && [ -s "$place/new" ] ||
	cannot "$name has no kernel image"
mv "$place/new" "$place/vmlinuz"
rm -rf "$place/archives" "$place/lists" "$place"/*.bin
# What root leaves, the owner of the tree has to be able to remove.
[ "$(id -u)" != 0 ] || chown -R --reference="$folder" "$place"
echo "$place/vmlinuz"
