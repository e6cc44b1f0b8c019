# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Experiments about how the GIL changes hands."""
import signal as signals
import subprocess
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


def countdown_runs(lab, lock, cores, core, times, limit):
    """
    The three ways, in `times` quiet rounds if there are any: of each way the
    median by its ratio to the sequential one, the ratio of the fastest with
    processes, and whether the machine was quiet.
    """
    n = lab.size(10000000)
    rounds, quiet = lab.rounds(times, limit, lambda what: {
        how: lab.run(lock, "countdown.py", how, n, core=core, what=f"{lock}, {cores} cores, {how}, {what}")
        for how in COUNTDOWN})
    middle, fastest = {}, {}
    for how in COUNTDOWN:
        found = [(x[how].says("seconds") / x["sequential"].says("seconds"), x[how]) for x in rounds]
        middle[how] = sorted(found, key=lambda x: x[0])[len(found) // 2]
        fastest[how] = min(x[how].says("seconds") for x in rounds)
    return middle, fastest["processes"] / fastest["sequential"], quiet


def countdown(lab):
    r = lab.report
    r.table(("lock", ""), ("cores", ""), ("how", ""), ("seconds", "gilvm"), ("against seq.", "gilvm"),
            ("handoffs", "gilwatch"), ("stolen", "gilwatch"), ("futex calls", "gilwatch"),
            ("GIL wait s", "gilwatch"))
    ratio, calls, processes, quiet = {}, {}, {}, {}
    for lock in ("ticks", "ticks cond", "interval"):
        for cores, core in places(lab):
            # What the claims stand on is measured three times, or until it
            # is quiet in a small run.
            judged = core is None and lock != "ticks cond"
            times = 3 if judged and lab.scale >= 1 else 1
            runs, processes[lock, cores], quiet[lock, cores] = countdown_runs(
                lab, lock, cores, core, times, 2 * times + 1 if judged else 1)
            for how, (against, run) in runs.items():
                ratio[lock, cores, how] = against
                calls[lock, cores, how] = run.futex_calls()
                r.row(lock, cores, how, run.says("seconds"), against, run.gil("handoffs"),
                      run.gil("stolen"), run.futex_calls(), run.threads("gil_wait_ns") / 1e9)
    if lab.all_cores() > 1:
        slow = ratio["ticks", "all", "threads"]
        good = ratio["interval", "all", "threads"]
        r.claim("in ticks on several cores two threads are slower than one after the other (more than "
                "1.1 times)", slow > 1.1, quiet["ticks", "all"])
        r.claim("and slower, so measured, than in interval", slow > good,
                quiet["ticks", "all"] and quiet["interval", "all"])
        r.claim("two processes on several cores are faster than one after the other (less than 0.85)",
                processes["interval", "all"] < 0.85, quiet["interval", "all"])
        r.note(f"in ticks the holder wakes a waiter at each release and takes the lock back before that "
               f"one runs: {calls['ticks', 'all', 'threads']:,} futex calls, against "
               f"{calls['interval', 'all', 'threads']:,} in interval, where the waiter asks once and the "
               "releaser waits for the switch")


def checkinterval(lab):
    r = lab.report
    n = lab.size(5000000)
    r.table(("check interval", ""), ("seconds", "gilvm"), ("futex calls", "gilwatch"),
            ("handoffs", "gilwatch"), ("delay p50 ms", "gilvm"), ("delay p99 ms", "gilvm"),
            ("response p50 ms", "gilwatch"))
    seconds, calls, delay, calm = [], [], [], True
    for check in (10, 100, 1000, 10000):
        options = [f"--check={check}"]
        rounds, quiet = lab.rounds(1, 3, lambda what: {
            "cost": lab.run("ticks", "countdown.py", "threads", n, options=options,
                            what=f"{check} ticks, cost, {what}"),
            "delay": lab.run("ticks", "convoy.py", 1, 1.5 * max(lab.scale, 0.6), 0.004, options=options,
                             what=f"{check} ticks, delay, {what}")})
        cost, echo = rounds[0]["cost"], rounds[0]["delay"]
        calm = calm and quiet
        seconds.append(cost.says("seconds"))
        calls.append(cost.futex_calls())
        delay.append(echo.says("p50"))
        r.row(str(check), seconds[-1], calls[-1], cost.gil("handoffs"), delay[-1], echo.says("p99"),
              echo.thread_max("response_ns_p50", "io") / 1e6)
    if lab.all_cores() > 1:
        r.claim("futex calls fall as the check interval grows (10 against 10,000 ticks)",
                calls[0] > calls[3], calm)
        r.claim("and so does the cost", seconds[0] > seconds[3], calm)
        r.claim("the response delay grows", delay[3] > delay[0], calm)
    r.note(f"{calls[0]:,} futex calls with 10 ticks, {calls[3]:,} with 10,000: each release is a wake, "
           "and a chance for the I/O thread to get the GIL (delays beside one thread that computes)")


def convoy(lab):
    r = lab.report
    seconds = 1.2 * max(lab.scale, 0.5)
    r.table(("lock", ""), ("CPU threads", ""), ("answers/s", "gilvm"), ("delay p50 ms", "gilvm"),
            ("delay p99 ms", "gilvm"), ("response p50 ms", "gilwatch"), ("p99 ms", "gilwatch"),
            ("stolen", "gilwatch"), ("handoffs", "gilwatch"))
    delay, response = {}, {}
    for lock in ("ticks", "interval", "fair"):
        for cpu in (0, 1, 2, 4):
            run = lab.run(lock, "convoy.py", cpu, seconds, 0.005, what=f"{lock}, {cpu} CPU threads")
            delay[lock, cpu] = run.says("p50")
            response[lock, cpu] = run.thread_max("response_ns_p50", "io") / 1e6
            r.row(lock, str(cpu), run.says("answers") / seconds, delay[lock, cpu], run.says("p99"),
                  response[lock, cpu] or None, run.thread_max("response_ns_p99", "io") / 1e6 or None,
                  run.gil("stolen"), run.gil("handoffs"))
    r.claim("in interval one thread that computes makes the I/O thread at least 5 times as late as "
            "it is alone", delay["interval", 1] > 5 * delay["interval", 0])
    r.claim("in interval it waits for about the switch interval (5 ms) or longer (more than 2 ms)",
            delay["interval", 1] > 2)
    r.claim("in fair it waits for all that came before it: the more threads, the longer",
            delay["fair", 4] > delay["fair", 1])
    r.note(f"gilwatch's response delay of thread io beside one CPU thread: "
           f"{response['interval', 1]:.1f} ms in interval, {response['fair', 1]:.1f} ms in fair, "
           f"{response['ticks', 1]:.2f} ms in ticks: the thread with the least to do waits longest")


def longop(lab):
    r = lab.report
    r.table(("lock", ""), ("longest call ms", "gilvm"), ("I/O late by ms", "gilvm"),
            ("hold max ms", "gilwatch"), ("response max ms", "gilwatch"), ("wait max ms", "gilwatch"))
    good = []
    for lock in ("ticks", "interval", "fair"):
        run = lab.run(lock, "longop.py", LONG_CALL_MS, 4, what=lock)
        call, late = run.says("longest_call_ms"), run.says("io_latest_ms")
        hold = run.gil_max("hold_ns_max") / 1e6
        wait = run.gil_max("wait_ns_max") / 1e6
        good.append((call, late, hold, wait))
        r.row(lock, call, late, hold, run.thread_max("response_ns_max", "io") / 1e6, wait)
    r.claim("in every lock the I/O thread waits for the end of the call (at least half of it)",
            all(late > 0.5 * call for call, late, _, _ in good))
    r.claim("gilwatch's longest wait for the GIL says the same (at least half of the call)",
            all(wait > 0.5 * call for call, _, _, wait in good))
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
    program = subprocess.Popen(
        lab.command(lock, "signal_join.py", [2], ["--check=10000"]), stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signals.signal(signals.SIGINT, signals.SIG_DFL))
    try:
        wait_for_line(program.stdout, "waiting", "the program")
        watch = subprocess.Popen(
            [GILWATCH, "--plain", "-i", "0.5", "-d", "3.5", "-p", str(program.pid), "--csv", folder],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
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
        # On a busy machine the two threads may hardly run at the same time.
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

