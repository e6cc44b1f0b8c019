# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Experiments about how the GIL changes hands."""
import os
import signal as signals
import tempfile
import time

from .core import GILWATCH, LabError, Run

LONG_CALL_MS = 200
COUNTDOWN = ("sequential", "threads", "processes")


def places(lab):
    """Where a program runs: pinned to one core, on all."""
    yield "1", lab.first_core()
    if lab.all_cores() > 1:
        yield "all", None


def countdown_round(lab, lock, core, what):
    """Each way alone, for its time, and under gilwatch, for the reasons."""
    n = lab.size(10000000)
    alone, watched = {}, {}
    for how in COUNTDOWN:
        watched[how] = lab.run(lock, "countdown.py", how, n, core=core, what=f"{how}, {what}")
        alone[how] = lab.alone(lock, "countdown.py", how, n, core=core)
    return alone, watched


def slower(one_round, how):
    """How many times as long as one after the other?"""
    alone, _ = one_round
    return alone[how] / alone["sequential"]


def countdown_rounds(lab, lock, cores, core):
    """Rounds; more of them where a claim stands on it."""
    judged = core is None and lock != "ticks cond"

    def shown(x):
        return not judged or (slower(x, "threads") > 1.1 if lock == "ticks" else slower(x, "processes") < 0.85)

    return lab.rounds(1, 5, lambda what: countdown_round(
        lab, lock, core, f"{lock}, {cores} cores, {what}"), shown)


def countdown_claims(r, ticks, interval):
    """The rounds of both locks on all cores."""
    slow, good = (max(rounds, key=lambda x: slower(x, "threads")) for rounds in (ticks, interval))
    fast = min(slower(x, "processes") for x in ticks + interval)
    r.claim(f"in ticks on several cores two threads are slower than one after the other (more than 1.1 times; "
            f"{slower(slow, 'threads'):.2f} in the slowest of {len(ticks)} rounds)", slower(slow, "threads") > 1.1)
    r.claim(f"and slower than in interval ({slower(good, 'threads'):.2f} in the slowest of {len(interval)})",
            slower(slow, "threads") > slower(good, "threads"))
    r.claim(f"two processes on several cores are faster than one after the other (less than 0.85 times; "
            f"{fast:.2f} in the fastest round)", fast < 0.85)
    a, b = (max((x[1]["threads"] for x in rounds), key=lambda run: run.futex_calls()) for rounds in (ticks, interval))
    r.claim("ticks makes at least ten times as many futex calls as interval", a.futex_calls() > 10 * b.futex_calls())
    r.note(f"two threads in ticks make {a.futex_calls():,} futex calls, {a.gil('wakes_empty'):,} of them wakes of "
           f"nobody; {a.gil('handoffs'):,} handoffs, {a.gil('stolen'):,} stolen wakeups: the holder wakes a waiter "
           "at each release and takes the lock back before that one runs, or the other one comes just then and "
           f"both go into the kernel. In interval {b.futex_calls():,} futex calls and {b.gil('handoffs'):,} "
           "handoffs: the waiter asks once, and the releaser waits for the switch. On one core the threads cannot "
           "fight: a woken one has no CPU to try on")


def countdown(lab):
    r = lab.report
    r.table(("lock", ""), ("cores", ""), ("how", ""), ("seconds", "gilvm"), ("against seq.", "gilvm"),
            ("watched s", "gilvm"), ("CPU s", "gilwatch"), ("handoffs", "gilwatch"), ("stolen", "gilwatch"),
            ("futex calls", "gilwatch"), ("GIL asleep s", "gilwatch"))
    made = {}
    for lock in ("ticks", "ticks cond", "interval"):
        for cores, core in places(lab):
            made[lock, cores] = rounds = countdown_rounds(lab, lock, cores, core)
            for how in COUNTDOWN:
                # The round in the middle.
                x = sorted(rounds, key=lambda x: slower(x, how))[len(rounds) // 2]
                run = x[1][how]
                r.row(lock, cores, how, x[0][how], slower(x, how), run.says("seconds"), run.cpu(),
                      run.gil("handoffs"), run.gil("stolen"), run.futex_calls(),
                      run.threads("gil_wait_ns") / 1e9)
    if lab.all_cores() > 1:
        countdown_claims(r, made["ticks", "all"], made["interval", "all"])


def checkinterval(lab):
    r = lab.report
    n = lab.size(4000000)
    seconds = max(lab.scale, 0.5)
    checks = (10, 100, 1000, 10000)
    r.table(("check interval", ""), ("seconds", "gilvm"), ("CPU s", "gilwatch"), ("futex calls", "gilwatch"),
            ("handoffs", "gilwatch"), ("1 core: delay p50 ms", "gilvm"), ("p99 ms", "gilvm"),
            ("response p50 ms", "gilwatch"))

    def one_round(what):
        return {check: (
            lab.run("ticks", "countdown.py", "threads", n, options=[f"--check={check}"],
                    what=f"{check} ticks, cost, {what}"),
            lab.run("ticks", "convoy.py", 1, seconds, 0.004, options=[f"--check={check}"],
                    core=lab.first_core(), what=f"{check} ticks, delay, {what}")) for check in checks}

    def first_and_last(x):
        costs = [x[check][0] for check in (checks[0], checks[-1])]
        delays = [x[check][1].says("p50") for check in (checks[0], checks[-1])]
        return costs, delays

    def shown(x):
        (small, large), (short, long) = first_and_last(x)
        return small.futex_calls() > large.futex_calls() and small.cpu() > large.cpu() and long > 1.2 * short

    made = lab.rounds(1, 3, one_round, shown)
    x = next((x for x in made if shown(x)), made[-1])
    for check in checks:
        cost, echo = x[check]
        r.row(str(check), cost.says("seconds"), cost.cpu(), cost.futex_calls(), cost.gil("handoffs"),
              echo.says("p50"), echo.says("p99"), echo.thread_max("response_ns_p50", "io") / 1e6)
    (small, large), (short, long) = first_and_last(x)
    if lab.all_cores() > 1:
        r.claim("futex calls fall as the check interval grows (10 against 10,000 ticks)",
                small.futex_calls() > large.futex_calls())
        r.claim("and so does the cost (CPU time)", small.cpu() > large.cpu())
    r.claim("the response delay grows (p50 on one core, more than 1.2 times)", long > 1.2 * short)
    r.note(f"{small.futex_calls():,} futex calls and {small.cpu():.2f} s of CPU with 10 ticks, "
           f"{large.futex_calls():,} and {large.cpu():.2f} s with 10,000: each release is a wake, and a chance "
           "for the I/O thread to get the GIL. gilvm runs some 500 ticks in a microsecond, so 10,000 are about "
           "20 us more to wait (delays beside one thread that computes)")


def convoy(lab):
    r = lab.report
    seconds = max(lab.scale, 0.5)
    r.table(("lock", ""), ("CPU threads", ""), ("answers/s", "gilvm"), ("delay p50 ms", "gilvm"),
            ("delay p99 ms", "gilvm"), ("response p50 ms", "gilwatch"), ("p99 ms", "gilwatch"),
            ("GIL wait p50 ms", "gilwatch"), ("stolen", "gilwatch"), ("handoffs", "gilwatch"))
    delay, runs = {}, {}
    for lock in ("ticks", "interval", "fair", "none"):
        for cpu in (0, 1, 2, 4):
            run = lab.run(lock, "convoy.py", cpu, seconds, 0.005, what=f"{lock}, {cpu} CPU threads")
            delay[lock, cpu] = run.says("p50")
            runs[lock, cpu] = run
            response = [run.thread_max(f"response_ns_{q}", "io") / 1e6 or None for q in ("p50", "p99")]
            r.row(lock, str(cpu), run.says("answers") / seconds, delay[lock, cpu], run.says("p99"), *response,
                  run.gil_max("wait_ns_p50") / 1e6 or None, run.gil("stolen"), run.gil("handoffs"))
    r.claim("in interval one thread that computes makes the I/O thread at least 5 times as late as "
            "it is alone", delay["interval", 1] > 5 * delay["interval", 0])
    r.claim("in interval it waits for about the switch interval (5 ms) or longer (more than 2 ms)",
            delay["interval", 1] > 2)
    r.claim("in fair it waits for all that came before it: the more threads, the longer",
            delay["fair", 4] > delay["fair", 1])
    if lab.all_cores() > 1:
        r.claim("without a lock the same thread beside the same work is at most half as late as in interval",
                delay["none", 1] < 0.5 * delay["interval", 1])
    one = {lock: runs[lock, 1].thread_max("response_ns_p50", "io") / 1e6 for lock in ("ticks", "interval", "fair")}
    r.note(f"gilwatch's response delay of thread io beside one CPU thread (p50): {one['interval']:.1f} ms in "
           f"interval, where it must ask and wait for 5 ms; {one['fair']:.1f} ms in fair, the same in order; "
           f"{one['ticks']:.2f} ms in ticks, where the lock is free for a moment every 100 ticks, but may be "
           "stolen at each of them; none without a lock (what is left there is the wait for a CPU). The thread "
           "with the least to do waits longest: the priority inversion. A delay longer than the response: the "
           "message came while the thread still waited for the GIL after its last answer, so it never slept; "
           "then the wait says it alone")


def longop(lab):
    r = lab.report
    r.table(("lock", ""), ("longest call ms", "gilvm"), ("I/O late by ms", "gilvm"),
            ("hold max ms", "gilwatch"), ("response max ms", "gilwatch"), ("wait max ms", "gilwatch"))
    good = []
    for lock in ("ticks", "ticks cond", "interval", "fair"):
        run = lab.run(lock, "longop.py", LONG_CALL_MS, 4, what=lock)
        call, late = run.says("longest_call_ms"), run.says("io_latest_ms")
        hold = run.gil_max("hold_ns_max") / 1e6
        wait = run.gil_max("wait_ns_max") / 1e6
        good.append((call, late, hold, wait))
        r.row(lock, call, late, hold, run.thread_max("response_ns_max", "io") / 1e6, wait)
    r.claim(f"the call takes about {LONG_CALL_MS} ms (at least half of it)",
            all(call > 0.5 * LONG_CALL_MS for call, _, _, _ in good))
    r.claim("in every lock the I/O thread waits for the end of the call (at least half of it)",
            all(late > 0.5 * call for call, late, _, _ in good))
    r.claim("gilwatch's longest wait for the GIL says the same (at least half of the call)",
            all(wait > 0.5 * call for call, _, _, wait in good))
    r.claim("and so does its longest hold", all(hold > 0.5 * call for call, _, hold, _ in good))
    r.note(f"longest hold {max(h for _, _, h, _ in good):.0f} ms and longest wait "
           f"{max(w for _, _, _, w in good):.0f} ms, with a switch interval of 5 ms: ticks and requests "
           "are looked at between bytecodes, and this is one bytecode")


def wait_for_line(stream, text, what):
    for line in stream:
        if text in line:
            return
    raise LabError(f"{what} ended before it said {text!r}")


def interrupt(lab, lock):
    """
    Ctrl-C after a second. The check interval is large, so that ticks is calm
    until the signal makes every tick a check.
    """
    folder = tempfile.mkdtemp(dir=lab.temp)
    os.chmod(folder, 0o777)  # gilwatch writes as the user who called sudo
    program = lab.start(lab.command(lock, "signal_join.py", [2], ["--check=10000"]))
    try:
        wait_for_line(program.stdout, "waiting", "the program")
        watch = lab.start(
            [GILWATCH, "--plain", "-i", "0.5", "-d", "3.5", "-p", str(program.pid), "--csv", folder])
        wait_for_line(watch.stdout, "Locks", "gilwatch")
        time.sleep(0.6)
        sent = time.time()
        program.send_signal(signals.SIGINT)
        watch.communicate(timeout=30)
        ended = program.poll()
    finally:
        program.kill()
        program.wait()
    return Run("", None, folder), sent, ended


def rate(run, columns, begin, end):
    rows = [x for x in run.gil_rows(run.intervals)
            if float(x["start_s"]) >= begin and float(x["end_s"]) <= end]
    spans = {(x["start_s"], x["end_s"]) for x in rows}
    seconds = sum(float(b) - float(a) for a, b in spans)
    if not seconds:
        return 0.0
    return sum(int(x[c] or 0) for x in rows for c in columns) / seconds


def signal(lab):
    r = lab.report
    r.table(("lock", ""), ("after Ctrl-C", "gilvm"), ("wakes/s before", "gilwatch"),
            ("wakes/s after", "gilwatch"), ("handoffs/s before", "gilwatch"),
            ("handoffs/s after", "gilwatch"))
    state, wakes = {}, {}
    for lock in ("ticks", "interval"):
        # The two threads may happen to stay on one core.
        for attempt in range(3):
            lab.progress(f"{lock}, Ctrl-C")
            run, sent, ended = interrupt(lab, lock)
            before, after = (rate(run, ["wakes"], *t) for t in ((0, sent), (sent, sent + 60)))
            if lock != "ticks" or after > 2 * before:
                break
        state[lock] = "runs on" if ended is None else "ended"
        wakes[lock] = before, after if ended is None else None
        hand = [rate(run, ["handoffs"], 0, sent), rate(run, ["handoffs"], sent, sent + 60)]
        r.row(lock, state[lock], *wakes[lock], hand[0], hand[1] if ended is None else None)
    r.claim("in ticks the program does not end", state["ticks"] == "runs on")
    r.claim("in interval it ends", state["interval"] == "ended")
    before, after = wakes["ticks"]
    if lab.all_cores() > 1:
        r.claim("in ticks the signal starts a storm of futex calls (more than twice as many)",
                after > 2 * before)
    r.note(f"ticks (check interval 10,000): from {before:,.0f} to {after:,.0f} wakes a second: after each "
           "single tick the holder releases the GIL so that the main thread can run, which sleeps in a "
           "lock that no signal ends")

