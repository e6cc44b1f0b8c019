# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Small operations, by tests/bench/work, with and without an observer."""
import os
import statistics
import subprocess

from .observers import BUILD, OBSERVERS, Unusable

WORK = os.path.join(BUILD, "tests", "bench", "work")
FLOOR = "floor"
BASE = "unwatched"


class Work:
    """A process that measures what is asked for; a context."""

    def __enter__(self):
        self.process = subprocess.Popen([WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid

    def ns(self, kind, ms):
        """One operation of this kind takes so long."""
        self.process.stdin.write(f"{kind} {ms}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"work ended at {kind}")
        return float(line)


class Sleeper:
    """A process that does nothing: something else to watch."""

    def __enter__(self):
        self.process = subprocess.Popen(["sleep", "1000000"])
        return self.process.pid

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def chosen(report, names, wanted):
    """The observers that are wanted and here; the others get a line."""
    result = []
    for o in OBSERVERS:
        if (names and o.name not in names) or (wanted and o.name not in [FLOOR] + wanted):
            continue
        missing = o.missing()
        if missing:
            report.note(missing)
        else:
            result.append(o)
    return result


def one_round(report, work, observers, start, kinds, ms):
    """(observer, kind) -> ns; unwatched, that is observer BASE, the median of
    what was measured right before each of the others."""
    got, base = {}, {k: [] for k in kinds}
    for o in observers:
        for k in kinds:
            base[k].append(work.ns(k, ms))
        try:
            with start(o):
                got.update({(o.name, k): work.ns(k, ms) for k in kinds})
        except Unusable as e:
            report.note_once(str(e))
    got.update({(BASE, k): statistics.median(base[k]) for k in kinds})
    return got


def measure(report, observers, kinds, args, bystander):
    """A list of rounds, each with the observers in another order: all see the
    same noise."""
    rounds = []
    with Work() as work, Sleeper() as other, Sleeper() as third:
        target = third if bystander else work.pid
        for n in range(args.rounds):
            turn = n % len(observers)
            rounds.append(one_round(report, work, observers[turn:] + observers[:turn],
                                    lambda o: o.start(target, other), kinds, args.ms))
    return rounds


def ratios(rounds, name, reference, kind):
    """One round, one ratio."""
    return [r[name, kind] / r[reference, kind] for r in rounds
            if (name, kind) in r and (reference, kind) in r]


def tell(report, rounds, kind, observers):
    report.table("observer", "ns", "x unwatched", "x floor")
    for name in [BASE] + [o.name for o in observers]:
        got = [r[name, kind] for r in rounds if (name, kind) in r]
        if got:
            report.row(kind, name, got, ratios(rounds, name, BASE, kind), ratios(rounds, name, FLOOR, kind))


def handoff(report, args):
    observers = chosen(report, args.modes, [])
    rounds = measure(report, observers, ["pingpong"], args, False)
    tell(report, rounds, "pingpong", observers)
    report.at_most("watched, x floor", 1.12, ratios(rounds, "gilwatch -p", FLOOR, "pingpong"))
    if any(o.name == "futexctn" for o in observers):
        report.at_most("watched, x futexctn", 1, ratios(rounds, "gilwatch -p", "futexctn", "pingpong"))
    report.at_most("something else watched, x floor", 1.03,
                   ratios(rounds, "gilwatch on another", FLOOR, "pingpong"))
    report.at_most("watched without system call probes, x floor", 1.02,
                   ratios(rounds, "gilwatch sched", FLOOR, "pingpong"))


BYSTANDERS = ["getppid", "wake", "pipe", "spawn"]


def bystanders(report, args):
    observers = chosen(report, args.modes, ["gilwatch -p", "gilwatch, all processes",
                                               "gilwatch sched"])
    rounds = measure(report, observers, BYSTANDERS, args, True)
    for kind in BYSTANDERS:
        report.note(kind)
        tell(report, rounds, kind, observers)
