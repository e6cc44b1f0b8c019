# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Real programs, each watched and not watched in turn."""
import os
import re
import shutil
import subprocess
import time

from .observers import BUILD, GILWATCH, ROOT

SECONDS = "5"
WATCH = [GILWATCH, "-q", "--plain", "--"]
GILVM = os.path.join(BUILD, "workloads", "gilvm")
MIX = os.path.join(ROOT, "tests", "bench", "mix")
COUNTDOWN = os.path.join(ROOT, "workloads", "programs", "countdown.py")


def mixed(argv, watched):
    """(work done, response delay in ns) of two computing threads and one that
    answers."""
    out = subprocess.run((WATCH if watched else []) + argv + [SECONDS], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    found = re.search(r"^work (\d+) delay ([\d.]+)", out, re.MULTILINE)
    if not found:
        raise RuntimeError(f"{argv[0]} does not say what it did: {out}")
    return float(found[1]), float(found[2])


def countdown(watched):
    """Turns a second of gilvm's two threads."""
    argv = (WATCH if watched else []) + [GILVM, "--gil=ticks", COUNTDOWN, "threads", "2000000"]
    out = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=True).stdout
    return 1 / float(re.search(r"^seconds ([\d.]+)", out, re.MULTILINE)[1])


def pairs(args, run):
    """A list of (unwatched, watched); each goes first in turn."""
    got = []
    for n in range(args.rounds):
        one = {watched: run(watched) for watched in ((n % 2 == 0), (n % 2 == 1))}
        got.append((one[False], one[True]))
        time.sleep(0.1)
    return got


def tell(report, what, head, got):
    """The ratios watched to unwatched of one figure."""
    report.table(what, f"{head}, unwatched", "watched", "x unwatched")
    ratios = [w / u for u, w in got if u]
    report.row(what, head, [u for u, _ in got], [w for _, w in got], ratios)
    return ratios


def mix(report, args, name, argv):
    if not shutil.which(argv[0]):
        report.note(f"{name} is not installed")
        return None, None
    got = pairs(args, lambda watched: mixed(argv, watched))
    return (tell(report, name, "work", [(u[0], w[0]) for u, w in got]),
            tell(report, name, "delay", [(u[1], w[1]) for u, w in got]))


def programs(report, args):
    work, delay = mix(report, args, "python3", ["python3", MIX + ".py"])
    report.at_least("python3, work done watched", 0.99, work)
    report.between("python3, response delay watched", 0.98, 1.02, delay)
    mix(report, args, "ruby", ["ruby", MIX + ".rb"])
    turns = tell(report, "gilvm ticks", "turns a second",
                 pairs(args, countdown))
    report.at_least("gilvm ticks, work done watched", 0.90, turns)
