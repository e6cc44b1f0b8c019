# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What can watch a process: gilwatch in its ways, the floor, and peers."""
import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
GILWATCH = os.path.join(ROOT, "gilwatch")
FLOOR = os.path.join(BUILD, "tests", "bench", "floor")

# The same as gilwatch's least: waits, their times, wakes and handoff latency.
BPFTRACE = """
tracepoint:syscalls:sys_enter_futex /pid == %d/ {
  if ((args->op & 127) == 0 || (args->op & 127) == 9) { @start[tid] = nsecs; @word[tid] = args->uaddr; }
  else { @wakes[args->uaddr] = count(); }
}
tracepoint:syscalls:sys_exit_futex /@start[tid]/ {
  @waits[@word[tid]] = count(); @wait_ns[@word[tid]] = hist(nsecs - @start[tid]);
  delete(@start[tid]); delete(@word[tid]);
}
tracepoint:sched:sched_waking { @woken[args->pid] = nsecs; }
tracepoint:sched:sched_switch /@woken[args->next_pid]/ {
  @latency_ns = hist(nsecs - @woken[args->next_pid]); delete(@woken[args->next_pid]);
}
"""

# Debian's package libbpf-tools (not that of 12) names it so. -s: without stacks.
FUTEXCTN = os.environ.get("FUTEXCTN") or shutil.which("futexctn") or "futexctn-libbpf"

# perf, bpftrace and futexctn want tracefs mounted: here in a mount namespace of its own.
WITH_TRACEFS = ["unshare", "--mount", "sh", "-c",
                "[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing; "
                'exec "$@"', "sh"]

# Messages that say that the observer is attached, and how long it may take.
READY = ("watching", "attached", "Tracing", "Attaching")
READY_S = 15.0

# After the message, or without one, until all of it is in place.
SETTLE_S = 0.3
SETTLE_SILENT_S = 1.5
END_S = 30.0


class Unusable(Exception):
    """An observer that cannot be used here, and why."""


class Observer:
    """How one observer is started. `{pid}` in its arguments is the process to
    watch, `{other}` one that sleeps, `{file}` a file for its data."""

    def __init__(self, name, argv, says=True, tracefs=False):
        self.name, self.argv = name, argv
        self.says, self.tracefs = says, tracefs

    def missing(self):
        return None if shutil.which(self.argv[0]) else f"{os.path.basename(self.argv[0])} is not installed"

    def start(self, pid, other):
        return Running(self, pid, other)


class Running:
    """An observer at work; a context."""

    def __init__(self, observer, pid, other):
        self.observer = observer
        self.dir = tempfile.TemporaryDirectory(prefix="gilwatch-bench-")
        names = {"pid": str(pid), "other": str(other), "file": os.path.join(self.dir.name, "data")}
        argv = [a if "\n" in a else a.format(**names) for a in observer.argv]
        argv = [a % pid if "\n" in a else a for a in argv]
        if observer.tracefs:
            argv = WITH_TRACEFS + argv
        self.said = b""
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, cwd=self.dir.name)

    def __enter__(self):
        if self.observer.says:
            self.wait_for_word()
        else:
            time.sleep(SETTLE_SILENT_S)
        time.sleep(SETTLE_S)
        if self.process.poll() is not None:
            self.give_up()
        return self

    def wait_for_word(self):
        end = time.monotonic() + READY_S
        with selectors.DefaultSelector() as s:
            s.register(self.process.stdout, selectors.EVENT_READ)
            while not any(w.encode() in self.said for w in READY):
                if not s.select(max(0, end - time.monotonic())):
                    self.give_up()
                got = os.read(self.process.stdout.fileno(), 65536)
                if not got:
                    self.give_up()
                self.said += got

    def give_up(self):
        self.process.kill()
        rest, _ = self.process.communicate()
        lines = (self.said + rest).decode(errors="replace").strip().splitlines()
        self.dir.cleanup()
        raise Unusable(f"{self.observer.name} does not run here: {lines[-1] if lines else 'it says nothing'}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            rest, _ = self.process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate()
        self.said += rest
        self.dir.cleanup()


def last_line(said):
    """(what was lost, MiB of maps), as gilwatch's last line tells them."""
    line = " ".join(said.decode(errors="replace").rsplit("ost:", 1)[-1].split())
    lost = sum(int(n) for n in re.findall(r"(\d+) \(", line.split("gilwatch itself")[0]))
    return lost, float(re.search(r"([\d.]+)MiB of maps", line).group(1))


def gilwatch(name, *args):
    return Observer(name, [GILWATCH, "--plain", *args])


OBSERVERS = [
    Observer("floor", [FLOOR, "all"]),
    Observer("floor, and looks", [FLOOR, "looks", "{pid}"]),
    gilwatch("gilwatch -p", "-p", "{pid}"),
    gilwatch("gilwatch, all processes"),
    gilwatch("gilwatch on another", "-p", "{other}"),
    gilwatch("gilwatch sched", "--probes=sched", "-p", "{pid}"),
    gilwatch("gilwatch sched, another", "--probes=sched", "-p", "{other}"),
    Observer("floor, scheduler only", [FLOOR, "sched"]),
    Observer("futexctn", [FUTEXCTN, "-p", "{pid}"], says=False, tracefs=True),
    Observer("futexctn -s", [FUTEXCTN, "-s", "-p", "{pid}"], says=False, tracefs=True),
    Observer("bpftrace", ["bpftrace", "-e", BPFTRACE], tracefs=True),
    Observer("perf sched record", ["perf", "sched", "record", "-o", "{file}"], says=False, tracefs=True),
    Observer("perf trace -s", ["perf", "trace", "-s", "-e", "futex", "-p", "{pid}"], says=False,
             tracefs=True),
    Observer("strace -c", ["strace", "-f", "-c", "-e", "trace=futex", "-p", "{pid}"]),
]
