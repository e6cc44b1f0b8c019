# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Running gilvm under gilwatch, and collecting what both say."""
import contextlib
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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


class LabError(Exception):
    """What the user has to know, in one line."""


def number(text):
    return int(text) if text else 0


def come_first():
    """
    In a new process: before what else runs on this machine, so that what is
    measured is the programs' own doing. A session has a weight of its own
    (autogroup); where the kernel or the container does not allow it, the
    experiments run all the same.
    """
    # A shell ignores Ctrl-C for what it starts in the background.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as f:
        f.write("-20")


def read_table(folder, name):
    with open(os.path.join(folder, name), newline="") as f:
        return list(csv.DictReader(f))


class Run:
    """One run: the program's output, its own truth, gilwatch's tables."""

    def __init__(self, output, truth, folder):
        self.output = output
        self.truth = truth
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

    def cpu(self):
        """Seconds on a CPU, all threads and children."""
        return self.threads("running_ns") / 1e9

    def cores(self):
        return self.cpu() / self.says("seconds")


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
        self.leaving = None

    def __enter__(self):
        for path in (GILWATCH, GILVM):
            if not os.access(path, os.X_OK):
                raise LabError(f"{path} is missing: run `make` first")
        if os.geteuid() != 0:
            raise LabError("gilwatch needs root: run `sudo make lab`")
        try:
            open(self.report.csv_file, "a").close()
        except OSError as e:
            raise LabError(f"cannot write {e.filename}: {e.strerror}; --csv names another file") from e
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
        self.see_off()
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
        output = self.watch(["-q", "--csv", folder, "--", *inner])
        if not os.path.exists(stats):
            raise LabError(f"{' '.join(inner)} failed:\n{output}")
        with open(stats) as f:
            truth = json.load(f)
        return Run(output, truth, folder)

    def start(self, command):
        """Start a program before all others, in a session of its own."""
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True, preexec_fn=come_first)

    def alone(self, lock, program, *args, options=(), core=None):
        """Run a program of gilvm without gilwatch; the seconds that it says."""
        done = self.start(self.command(lock, program, args, options, core))
        output, _ = done.communicate(timeout=120)
        hit = re.search(r"seconds ([\d.]+)", output)
        if done.returncode or not hit:
            raise LabError(f"{program} failed:\n{output}")
        return float(hit.group(1))

    def watch(self, arguments):
        """
        Run gilwatch until all is written; what it, or the program, printed. It
        leaves the kernel while the next program is got ready.
        """
        watch = self.start([GILWATCH, *arguments])
        limit = threading.Timer(120, watch.kill)
        limit.start()
        try:
            output = watch.stdout.read()
        except BaseException:
            # Its end is that of the program.
            watch.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                watch.wait(timeout=5)
            watch.kill()
            raise
        finally:
            limit.cancel()
        self.see_off()
        self.leaving = watch, arguments, output
        return output

    def see_off(self):
        """The end of the gilwatch before this one."""
        if not self.leaving:
            return
        watch, arguments, output = self.leaving
        self.leaving = None
        if watch.wait(timeout=30):
            raise LabError(f"gilwatch {' '.join(arguments)} failed:\n{output}")

    def rounds(self, wanted, limit, one_round, shown):
        """
        Make `wanted` rounds of runs, or more, up to `limit`, until one has
        shown what is to be seen: not in each one do the threads run at the
        same time.
        """
        made = []
        while len(made) < wanted or (len(made) < limit and not any(shown(x) for x in made)):
            made.append(one_round(f"round {len(made) + 1}"))
        return made

    def all_cores(self):
        return len(os.sched_getaffinity(0))

    def first_core(self):
        return min(os.sched_getaffinity(0))
