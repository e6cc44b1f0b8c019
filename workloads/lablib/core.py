# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Running gilvm under gilwatch, and collecting what both say."""
import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from .report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
GILWATCH = os.path.join(ROOT, "gilwatch")
GILVM = os.path.join(BUILD, "workloads", "gilvm")
PROGRAMS = os.path.join(ROOT, "workloads", "programs")

# struct gilvm_gil: waits that gilwatch saw before it knew the GIL stand in
# rows of their own, by futex word, somewhere inside of it.
GIL_BYTES = 512

LOCKS = {
    "interval": ["--gil=interval"],
    "fair": ["--gil=fair"],
    "ticks": ["--gil=ticks", "--lock=sem"],
    "ticks cond": ["--gil=ticks", "--lock=cond"],
    "none": ["--gil=none"],
}


# Cores that other programs may use while a time is measured. More than that
# hides what two threads on two cores do to each other.
QUIET = 0.2


class LabError(Exception):
    """What the user has to know, in one line."""


def number(text):
    return int(text) if text else 0


def machine_seconds():
    """CPU seconds that the whole machine was not idle, and now."""
    with open("/proc/stat") as f:
        fields = [int(x) for x in f.readline().split()[1:9]]
    busy = sum(fields) - fields[3] - fields[4]
    return busy / os.sysconf("SC_CLK_TCK"), time.monotonic()


def own_seconds():
    """CPU seconds of all that this program ran and has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


class Noise:
    """How many cores did others use since this was made?"""

    def __init__(self):
        self.own = own_seconds()
        self.busy, self.at = machine_seconds()

    def cores(self):
        busy, at = machine_seconds()
        others = (busy - self.busy) - (own_seconds() - self.own)
        return max(others, 0) / max(at - self.at, 0.01)


def read_table(folder, name):
    with open(os.path.join(folder, name), newline="") as f:
        return list(csv.DictReader(f))


class Run:
    """One run: the program's output, its own truth, gilwatch's tables."""

    def __init__(self, output, truth, folder, noise=0.0):
        self.output = output
        self.truth = truth
        self.noise = noise  # cores that others used meanwhile
        # The futex words on which threads wait, as offsets into the GIL.
        words = truth["wait_words"] if truth else []
        self.gil_words = [0] + [w - truth["gilvm_gil"] for w in words if w]
        tables = {n: read_table(folder, n + ".csv") for n in ("locks", "threads", "handoffs")}
        self.tables = {n: [r for r in t if r["scope"] == "total"] for n, t in tables.items()}
        self.intervals = [r for r in tables["locks"] if r["scope"] == "interval"]

    def says(self, pattern, otherwise=None):
        """The number behind a word in the program's output."""
        hit = re.search(pattern + r" (-?[\d.]+)", self.output)
        if hit:
            return float(hit.group(1))
        if otherwise is None:
            raise LabError(f"the program did not say {pattern!r}:\n{self.output}")
        return otherwise

    def gil_rows(self, rows=None, offsets=None):
        offsets = offsets or self.gil_words
        rows = self.tables["locks"] if rows is None else rows
        known = [(r["pid"], int(r["lock"], 16)) for r in self.tables["locks"] if r["kind"] == "GIL"]
        return [
            r
            for r in rows
            if any(r["pid"] == pid and int(r["lock"], 16) - at in offsets for pid, at in known)
        ]

    def gil(self, column):
        """Sum of a column over all that belongs to the GIL."""
        return sum(number(r[column]) for r in self.gil_rows())

    def gil_max(self, column):
        return max([number(r[column]) for r in self.gil_rows()] or [0])

    def futex_calls(self):
        """FUTEX_WAKE and FUTEX_WAIT on the GIL."""
        return sum(self.gil(c) for c in ("wakes", "waits", "stolen", "timeouts", "races"))

    def other_locks(self):
        mine = self.gil_rows(offsets=range(GIL_BYTES))
        return [r for r in self.tables["locks"] if r not in mine]

    def threads(self, column, name=None):
        rows = self.tables["threads"]
        return sum(number(r[column]) for r in rows if name is None or r["comm"] == name)

    def thread_max(self, column, name):
        rows = [r for r in self.tables["threads"] if r["comm"] == name]
        return max([number(r[column]) for r in rows] or [0])

    def wall_ns(self):
        rows = self.tables["threads"]
        start = min(float(r["start_s"]) for r in rows)
        return (max(float(r["end_s"]) for r in rows) - start) * 1e9

    def cores(self):
        return self.threads("running_ns") / max(self.wall_ns(), 1)


class Lab:
    def __init__(self, csv_file, scale, total):
        self.report = Report(csv_file)
        self.scale = scale
        self.total = total
        self.started = 0
        self.name = ""
        self.begun = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.temp = None

    def __enter__(self):
        for path in (GILWATCH, GILVM):
            if not os.access(path, os.X_OK):
                raise LabError(f"{path} is missing: run `make` first")
        if os.geteuid() != 0:
            raise LabError("gilwatch needs root: run `sudo make lab`")
        # The watched program runs as the user who called sudo.
        self.temp = tempfile.mkdtemp(prefix="lab-")
        os.chmod(self.temp, 0o777)
        return self

    def __exit__(self, *error):
        self.clear_progress()
        shutil.rmtree(self.temp, ignore_errors=True)

    def clear_progress(self):
        if self.tty:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def progress(self, what):
        line = f"[{self.started}/{self.total}] {self.name}: {what}"
        seconds = time.monotonic() - self.begun
        if self.tty:
            print(f"\r\033[K{line:.60} ({seconds:.0f} s)", end="", file=sys.stderr, flush=True)

    def begin(self, name, text):
        self.started += 1
        self.name = name
        if not self.tty:
            print(f"[{self.started}/{self.total}] {name}", file=sys.stderr, flush=True)
        self.report.begin(name, text)

    def end(self):
        self.clear_progress()
        self.report.end()

    def finish(self):
        self.report.write_csv()
        seconds = time.monotonic() - self.begun
        return self.report.sum_up(seconds)

    def size(self, n):
        return max(int(n * self.scale), 1)

    def command(self, lock, program, args, options=(), core=None):
        command = [] if core is None else ["taskset", "-c", str(core)]
        command += [GILVM, *LOCKS[lock], *options]
        command += [os.path.join(PROGRAMS, program)]
        return command + [str(a) for a in args]

    def run(self, lock, program, *args, options=(), core=None, what=""):
        """Run a program of gilvm under gilwatch, to its end."""
        self.progress(what or f"{lock} {' '.join(str(a) for a in args)}")
        folder = tempfile.mkdtemp(dir=self.temp)
        os.chmod(folder, 0o777)
        stats = os.path.join(folder, "truth.json")
        inner = self.command(lock, program, args, [f"--stats={stats}", *options], core)
        noise = Noise()
        done = subprocess.run(
            [GILWATCH, "-q", "--csv", folder, "--", *inner],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=120,
        )
        if done.returncode or not os.path.exists(stats):
            raise LabError(f"{' '.join(inner)} failed:\n{done.stdout}")
        with open(stats) as f:
            truth = json.load(f)
        return Run(done.stdout, truth, folder, noise.cores())

    def rounds(self, wanted, limit, one_round):
        """
        Make rounds of runs until `wanted` of them were quiet, or `limit` were
        made. Gives the quietest ones, and whether all of those were quiet.
        """
        made = []
        for i in range(limit):
            what = f"round {i + 1}" + (", machine is busy" if i >= wanted else "")
            runs = one_round(what)
            made.append((max(run.noise for run in runs.values()), runs))
            if sum(noise <= QUIET for noise, _ in made) >= wanted:
                break
        made.sort(key=lambda x: x[0])
        return [runs for _, runs in made[:wanted]], made[min(wanted, len(made)) - 1][0] <= QUIET

    def all_cores(self):
        return len(os.sched_getaffinity(0))

    def first_core(self):
        return min(os.sched_getaffinity(0))
