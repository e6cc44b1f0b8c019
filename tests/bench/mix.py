# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Two threads that compute beside one that answers. Tells how often the first
two went round, and the time until an answer, in ns: the mean of the middle half,
as the median jumps between multiples of the switch interval.

    mix.py SECONDS
"""
import os
import sys
import threading
import time

PAUSE = 0.005


def spin(stop, rounds):
    n = 0
    while not stop.is_set():
        for _ in range(1000):
            n += 1
    rounds.append(n)


def send(out, back):
    try:
        while True:
            time.sleep(PAUSE)
            os.write(out, b"%d\n" % time.perf_counter_ns())
            if not os.read(back, 64):
                return
    except OSError:
        return


def echo(source, back, seconds, delays):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        message = os.read(source, 64)
        delays.append(time.perf_counter_ns() - int(message))
        os.write(back, message)


def middle(values):
    half = sorted(values)[len(values) // 4:len(values) - len(values) // 4]
    return sum(half) / len(half)


def main():
    source, out = os.pipe()
    back_out, back = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        os.close(back)
        send(out, back_out)
        os._exit(0)
    os.close(out)
    os.close(back_out)
    rounds, delays, stop = [], [], threading.Event()
    spinning = [threading.Thread(target=spin, args=(stop, rounds)) for _ in range(2)]
    for t in spinning:
        t.start()
    echo(source, back, float(sys.argv[1]), delays)
    stop.set()
    for t in spinning:
        t.join()
    os.close(source)
    os.close(back)
    os.waitpid(child, 0)
    print("work", sum(rounds), "delay", middle(delays))


main()
