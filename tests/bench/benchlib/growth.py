# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What grows with threads and locks, and what gilwatch itself takes."""
import os
import subprocess
import time

from .observers import BUILD, OBSERVERS, last_line
from .small import BASE, Sleeper, Work, one_round, ratios

WATCH = next(o for o in OBSERVERS if o.name == "gilwatch -p")
WATCH_ALL = next(o for o in OBSERVERS if o.name == "gilwatch, all processes")

RINGS = ["ring:2", "ring:10", "ring:100", "ring:1000", "ring:10000"]
WORDS = ["words:1", "words:10", "words:100", "words:1000", "words:10000", "words:100000"]
PROCESSES = ["processes:1", "processes:10", "processes:100", "processes:1000"]
MANY = os.path.join(BUILD, "workloads", "many")
WATCHED_S = 10
TICK = os.sysconf("SC_CLK_TCK")


class Watches:
    """Starts the watches, and keeps what the last one of each size said."""

    def __init__(self):
        self.running = None

    def start(self, observer, pid, other):
        self.running = observer.start(pid, other)
        return self.running


def rounds_of(report, kinds, args):
    """As small.measure, with a watch of its own for each size; and what was lost, and the MiB of the tables."""
    rounds, ends = [], {k: [] for k in kinds}
    with Work() as work, Sleeper() as other:
        for _ in range(args.rounds):
            got = {}
            for kind in kinds:
                watches = Watches()
                got.update(one_round(report, work, [WATCH], lambda o: watches.start(o, work.pid, other), [kind],
                                     args.ms))
                ends[kind].append(last_line(watches.running.said))
            rounds.append(got)
    return rounds, ends


def tell(report, kinds, args, text):
    (rounds, ends), name = rounds_of(report, kinds, args), WATCH.name
    report.table(text, "ns, unwatched", "ns, watched", "gilwatch's part, x least", "lost", "MiB of maps")
    added = [{k: max(r[name, k] - r[BASE, k], 1) for k in kinds} for r in rounds]
    for k in kinds:
        report.row(k, k, [r[BASE, k] for r in rounds], [r[name, k] for r in rounds],
                   [a[k] / a[kinds[0]] for a in added], [e[0] for e in ends[k]], [e[1] for e in ends[k]])
    report.at_most(f"{text}: slowdown at the most of them, x that at the fewest", 1.2,
                   [b / a for a, b in zip(ratios(rounds, name, BASE, kinds[0]),
                                          ratios(rounds, name, BASE, kinds[-1]))])
    report.at_most(f"{text}: lost", 0, [max(e[0] for e in ends[k]) for k in kinds])


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mb(pid):
    """Memory of its own: not that of the tables in the kernel, mapped."""
    kib = 0
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith("RssAnon:"):
                kib += int(line.split()[1])
    return kib / 1024


def share(running):
    """Of a core, in the next WATCHED_S seconds."""
    before, end = cpu_s(running.process.pid), time.monotonic() + WATCHED_S
    while time.monotonic() < end:
        os.read(running.process.stdout.fileno(), 1 << 20)
    return (cpu_s(running.process.pid) - before) / WATCHED_S


def own(processes, threads, locks, period_ms):
    """(share of a core, share in the first seconds, MiB) that gilwatch takes beside so many in each of the processes.
    In the first seconds its tables grow, and it searches for an interpreter, twice as rarely each time."""
    argv = [MANY, str(threads), str(locks), str(period_ms), str(2 * WATCHED_S + 20)]
    many = [subprocess.Popen(argv, stdout=subprocess.DEVNULL) for _ in range(processes)]
    time.sleep(1)
    try:
        with (WATCH if processes == 1 else WATCH_ALL).start(many[0].pid, 0) as running:
            time.sleep(2)
            first = share(running)
            return share(running), first, memory_mb(running.process.pid)
    finally:
        for one in many:
            one.kill()
        for one in many:
            one.wait()


def growth(report, args):
    tell(report, RINGS, args, "threads in a ring")
    tell(report, WORDS, args, "locks in turn")
    tell(report, PROCESSES, args, "processes of 2 threads in turn")


def own_cost(report, _):
    report.table("gilwatch itself, 1 s", "% of a core", "first 10 s", "MiB")
    for what, *many, period in [("100 threads", 1, 100, 100, 100000), ("1000 threads, idle", 1, 1000, 1000, 100000),
                                ("1000 processes, 2 threads", 1000, 2, 4, 10000),
                                ("1000 threads, 10000 locks", 1, 1000, 10000, 1000)]:
        got = [own(*many, period) for _ in range(3)]
        cores, first, memory = ([100 * c for c, _, _ in got], [100 * f for _, f, _ in got], [m for _, _, m in got])
        report.row(what, what, cores, first, memory)
        if what == "100 threads":
            report.at_most("MiB with 100 threads", 20, memory)
        elif what == "1000 threads, idle":
            report.at_most("% of a core with 1000 idle threads", 0.5, cores)
        elif what == "1000 threads, 10000 locks":
            report.at_most("% of a core with 10000 busy locks", 2, cores)
