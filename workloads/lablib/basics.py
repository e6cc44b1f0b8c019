# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Experiments about what a GIL protects, and what it does not."""
from .server import slow_server

SERVER_DELAY = 0.25
DEADLOCK_LIMIT = 1.5


def refcount(lab):
    r = lab.report
    r.table(("lock", ""), ("two names", "gilvm"), ("one name", "gilvm"), ("shared, before", "gilvm"),
            ("after", "gilvm"), ("updates lost", "gilvm"), ("GIL asleep s", "gilwatch"),
            ("GIL handoffs", "gilwatch"))
    runs = {}
    for lock in ("interval", "none"):
        # Four threads may happen to run one after the other.
        for attempt in range(5):
            runs[lock] = run = lab.run(lock, "refcount.py", 4000000, what=lock)
            lost = run.says("lost", 0)
            if lock == "interval" or lost > 0 or lab.all_cores() == 1:
                break
        r.row(lock, int(run.says("two names:")), int(run.says("one name:")), int(run.says("before:")),
              int(run.says("after:")), int(lost) if lock == "none" else None,
              run.threads("gil_wait_ns") / 1e9, run.gil("handoffs"))
    gil, none = runs["interval"], runs["none"]
    r.claim("two names and the argument make 3 references, one name 2",
            gil.says("two names:") == 3 and gil.says("one name:") == 2)
    r.claim("under a GIL the count of a shared object is afterwards what it was",
            gil.says("before:") == gil.says("after:"))
    if lab.all_cores() > 1:
        r.claim("without one, updates of reference counts get lost", none.says("lost") > 0)
        r.note(f"with the GIL its threads wait {gil.threads('gil_wait_ns') / 1e9:.2f} s for it and hand it "
               f"over {gil.gil('handoffs')} times; without one nobody waits, and threads that run at the "
               "same time change the same counts")


def race(lab):
    r = lab.report
    n = lab.size(1000000)
    r.table(("lock", ""), ("expected", "gilvm"), ("counted", "gilvm"), ("lost %", "gilvm"),
            ("GIL handoffs", "gilwatch"), ("futex calls", "gilwatch"))
    runs = {}
    for lock in ("ticks", "interval"):
        made = lab.rounds(1, 3, lambda what: lab.run(lock, "race.py", n, what=f"{lock}, {what}"),
                          lambda run: lock != "ticks" or run.says("counted") < run.says("expected"))
        runs[lock] = run = made[-1]
        expected, counted = int(run.says("expected")), int(run.says("counted"))
        r.row(lock, expected, counted, 100 * (1 - counted / expected), run.gil("handoffs"),
              run.futex_calls())
    ticks, interval = runs["ticks"], runs["interval"]
    lost = int(ticks.says("expected") - ticks.says("counted"))
    r.claim("in ticks the GIL changes hands between the load and the store of an addition: "
            "the total is too low", lost > 0)
    r.claim("in interval the holder looks up at backward jumps and calls only (as CPython 3.10 "
            "and newer), and there is none inside of count += 1: the total is exact",
            interval.says("counted") == interval.says("expected"))
    r.note(f"{ticks.gil('handoffs'):,} contended handoffs in ticks are enough to lose {lost:,} additions: "
           "a check interval ends at any bytecode, and a thread that loses the GIL between load and store "
           "writes, when it has it again, the old total over all that the others have added since; "
           f"{interval.gil('handoffs'):,} handoffs in interval, none of them inside of an addition")


def second_lock(run):
    """The lock beside the GIL that is waited for most; a join waits once."""
    waits = [x for x in run.other_locks() if int(x["waits"] or 0) > 4]
    return max(waits, key=lambda x: int(x["waits"]), default=None)


def lock(lab):
    r = lab.report
    n = lab.size(1000000)
    r.table(("lock", ""), ("program", ""), ("counted", "gilvm"), ("CPU s", "gilwatch"),
            ("GIL handoffs", "gilwatch"), ("second lock", "gilwatch"), ("its waits", "gilwatch"),
            ("its handoffs", "gilwatch"))
    runs, second = {}, {}
    # A tenth in ticks: two locks that are fought for take their time.
    for gil, program, size in (("interval", "race.py", n), ("interval", "lock.py", n),
                               ("ticks", "lock.py", n // 10)):
        runs[gil, program] = run = lab.run(gil, program, size, what=f"{gil}, {program}")
        second[gil, program] = other = second_lock(run)
        r.row(gil, program[:-3], int(run.says("counted")), run.cpu(), run.gil("handoffs"),
              other["kind"] if other else "-", int(other["waits"]) if other else 0,
              int(other["handoffs"] or 0) if other else 0)
    cost = runs["interval", "lock.py"].cpu() / runs["interval", "race.py"].cpu()
    for gil in ("interval", "ticks"):
        run = runs[gil, "lock.py"]
        r.claim(f"with the lock the total is exact ({gil})", run.says("counted") == run.says("expected"))
    r.claim("the lock costs CPU time, also where nobody ever waits for it (more than 1.5 times)", cost > 1.5)
    r.claim("in ticks it is waited for: a second lock beside the GIL", second["ticks", "lock.py"])
    waits = int(second["ticks", "lock.py"]["waits"]) if second["ticks", "lock.py"] else 0
    r.note(f"in interval the program needs {cost:.1f} times as much CPU with the lock; nobody waits for it, "
           "because the GIL changes hands between two rounds only; in ticks a thread loses the GIL while "
           f"it has the lock, and the others queue up there: {waits:,} waits")


def deadlock(lab):
    r = lab.report
    r.table(("order", ""), ("outcome", "gilvm"), ("a-to-b: lock wait s", "gilwatch"),
            ("b-to-a: lock wait s", "gilwatch"), ("of it the GIL s", "gilwatch"))
    outcome, stuck = {}, {}
    for how in ("unsafe", "safe"):
        run = lab.run("interval", "deadlock.py", how, DEADLOCK_LIMIT, what=how)
        outcome[how] = "both done" if "both transfers done" in run.output else "both stuck"
        waits = [run.threads("lock_wait_ns", name) / 1e9 for name in ("a-to-b", "b-to-a")]
        stuck[how] = min(waits)
        gil = sum(run.threads("gil_wait_ns", name) for name in ("a-to-b", "b-to-a")) / 1e9
        r.row(how, outcome[how], *waits, gil)
    r.claim("locks taken in opposite order: both threads are stuck, only the time limit ends it",
            outcome["unsafe"] == "both stuck")
    r.claim("gilwatch has both in a wait for a lock that is not the GIL, for more than half of the time "
            "limit", stuck["unsafe"] > 0.5 * DEADLOCK_LIMIT)
    r.claim("locks taken in one order: both transfers are done", outcome["safe"] == "both done")
    r.note(f"unsafe: each of the two waits {stuck['unsafe']:.2f} s or longer for a lock; safe: at least one "
           f"of them only {stuck['safe']:.2f} s")


def cpu(lab):
    r = lab.report
    n = lab.size(8000000)
    ways = ("sequential", "threads", "processes")
    r.table(("how", ""), ("seconds", "gilvm"), ("speedup", "gilvm"), ("cores used", "gilwatch"),
            ("GIL asleep s", "gilwatch"), ("GIL handoffs", "gilwatch"))
    cores = min(lab.all_cores(), 4)

    def seconds(x, how):
        return x[how].says("seconds")

    made = lab.rounds(1, 4, lambda what: {
        how: lab.run("interval", "cpu.py", how, n, what=f"{how}, {what}") for how in ways},
        lambda x: seconds(x, "sequential") / seconds(x, "processes") > 0.6 * cores)
    # Other programs only ever make slower.
    runs = {how: min((x[how] for x in made), key=lambda run: run.says("seconds")) for how in ways}
    base = seconds(runs, "sequential")
    for how, run in runs.items():
        r.row(how, run.says("seconds"), base / run.says("seconds"), run.cores(),
              run.threads("gil_wait_ns") / 1e9, run.gil("handoffs"))
    threads, processes = (base / seconds(runs, how) for how in ("threads", "processes"))
    r.claim("four threads are no faster than one (speedup below 1.3)", threads < 1.3)
    if cores > 1:
        r.claim(f"four processes are faster: with {cores} cores more than {0.6 * cores:.1f} times",
                processes > 0.6 * cores, runs["processes"].cores() > 0.8 * cores)
    r.note(f"threads: {runs['threads'].cores():.2f} cores used, and "
           f"{runs['threads'].threads('gil_wait_ns') / 1e9:.1f} s spent waiting for the GIL; processes "
           f"have a GIL each, no handoffs, and used {runs['processes'].cores():.2f} cores")


def io(lab):
    r = lab.report
    r.table(("how", ""), ("seconds", "gilvm"), ("speedup", "gilvm"), ("asleep at once", "gilwatch"),
            ("GIL asleep s", "gilwatch"), ("GIL handoffs", "gilwatch"))
    runs = {}
    with slow_server(SERVER_DELAY) as port:
        for how in ("sequential", "threads"):
            runs[how] = lab.run("interval", "requests_io.py", port, how, what=how)
    base = runs["sequential"].says("seconds")
    for how, run in runs.items():
        asleep = run.threads("sleeping_ns") / (run.says("seconds") * 1e9)
        r.row(how, run.says("seconds"), base / run.says("seconds"), asleep,
              run.threads("gil_wait_ns") / 1e9, run.gil("handoffs"))
    r.claim("four threads are about four times faster (more than 2.5 times)",
            base / runs["threads"].says("seconds") > 2.5)
    r.note("a thread that waits for the server sleeps outside of any lock: the GIL is released, and "
           "the others can run; there is hardly a wait for the GIL in either way")
