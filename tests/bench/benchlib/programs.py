# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Real programs, each watched and not watched in turn."""
import contextlib
import os
import re
import shutil
import subprocess
import time

from .observers import BUILD, GILWATCH, OBSERVERS, ROOT

SECONDS = "5"
GILVM = os.path.join(BUILD, "workloads", "gilvm")
MIX = os.path.join(ROOT, "tests", "bench", "mix")
COUNTDOWN = os.path.join(ROOT, "workloads", "programs", "countdown.py")

# What a program is started by.
BASE, WATCHED, SCHED, FLOOR = "unwatched", "gilwatch", "gilwatch sched", "floor"
STARTED_BY = {BASE: [], FLOOR: [], WATCHED: [GILWATCH, "-q", "--plain", "--"],
              SCHED: [GILWATCH, "-q", "--plain", "--probes=sched", "--"]}
WAYS = [BASE, FLOOR, WATCHED, SCHED]


def run(argv, way):
    """What the program prints; the floor is there beside it."""
    beside = next(o for o in OBSERVERS if o.name == FLOOR)
    with beside.start(0, 0) if way == FLOOR else contextlib.nullcontext():
        return subprocess.run(STARTED_BY[way] + argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=True).stdout


def mixed(argv, way):
    """(work done, response delay in ns) of two computing threads and one that
    answers."""
    out = run(argv + [SECONDS], way)
    found = re.search(r"^work (\d+) delay ([\d.]+)", out, re.MULTILINE)
    if not found:
        raise RuntimeError(f"{argv[0]} does not say what it did: {out}")
    return float(found[1]), float(found[2])


def countdown(way):
    """Turns a second of gilvm's two threads."""
    out = run([GILVM, "--gil=ticks", COUNTDOWN, "threads", "2000000"], way)
    return 1 / float(re.search(r"^seconds ([\d.]+)", out, re.MULTILINE)[1])


def rounds(args, ways, measure):
    """A list of {way: what was measured}; each goes first in turn."""
    got = []
    for n in range(args.rounds):
        turn = n % len(ways)
        got.append({way: measure(way) for way in ways[turn:] + ways[:turn]})
        time.sleep(0.1)
    return got


def tell(report, what, head, got):
    """{way: its ratios to unwatched}, of one figure."""
    report.table(what, head, "x unwatched")
    ratios = {}
    for way in got[0]:
        ratios[way] = [g[way] / g[BASE] for g in got if g[BASE]]
        report.row(head, way, [g[way] for g in got], ratios[way])
    return ratios


def mix(report, args, name, argv):
    if not shutil.which(argv[0]):
        report.note(f"{name} is not installed")
        return {}, {}
    got = rounds(args, WAYS, lambda way: mixed(argv, way))
    return [tell(report, name, head, [{way: g[way][i] for way in g} for g in got])
            for i, head in enumerate(["work", "delay, ns"])]


def programs(report, args):
    work, delay = mix(report, args, "python3", ["python3", MIX + ".py"])
    report.at_least("python3, work done watched", 0.99, work.get(WATCHED))
    report.between("python3, response delay watched", 0.98, 1.02, delay.get(WATCHED))
    report.between("python3, response delay watched without system call probes", 0.98, 1.02,
                   delay.get(SCHED))
    mix(report, args, "ruby", ["ruby", MIX + ".rb"])
    turns = tell(report, "gilvm ticks", "turns a second", rounds(args, WAYS, countdown))
    report.at_least("gilvm ticks, work done watched", 0.90, turns[WATCHED])
