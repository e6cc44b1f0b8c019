#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What gilwatch costs, against empty programs on the same probes and peers."""
import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from benchlib import growth, programs, small  # noqa: E402
from benchlib.report import Report  # noqa: E402

SECTIONS = [
    ("handoff", small.handoff, "two threads on one core hand a turn to and fro"),
    ("bystanders", small.bystanders, "processes that nobody asked to watch"),
    ("programs", programs.programs, "real interpreters, watched and not"),
    ("growth", growth.growth, "more threads and more locks"),
    ("own", growth.own_cost, "gilwatch's own CPU and memory"),
]


def arguments():
    names = [name for name, _, _ in SECTIONS]
    about = "\n".join(f"  {name:<12} {text}" for name, _, text in SECTIONS)
    p = argparse.ArgumentParser(
        prog="bench", description=__doc__, epilog="sections:\n" + about,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("sections", nargs="*", metavar="SECTION", help="what to measure (default: all)")
    p.add_argument("--rounds", type=int, default=9, help="pairs of each comparison (9)")
    p.add_argument("--ms", type=int, default=300, help="length of one small measurement (300)")
    p.add_argument("--modes", default="", metavar="A;B", help="only these observers")
    p.add_argument("--csv", default="bench.csv", metavar="FILE", help="all figures (bench.csv)")
    args = p.parse_args()
    for name in args.sections:
        if name not in names:
            p.error(f"no section {name}; there are {', '.join(names)}")
    args.modes = [m for m in args.modes.split(";") if m]
    args.sections = args.sections or names
    return args


def main():
    args = arguments()
    if os.geteuid():
        print("bench: needs root: sudo make bench", file=sys.stderr)
        return 1
    with Report(args.csv) as report:
        for name, run, text in SECTIONS:
            if name in args.sections:
                report.section(name, text)
                run(report, args)
    print(f"\nall figures: {args.csv}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
