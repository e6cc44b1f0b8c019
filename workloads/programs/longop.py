"""One bytecode that computes for a long time, beside a thread that does I/O.

sum(range(N)) is one call of one built-in function. No tick passes in it and
no request to release the GIL is looked at, so whoever waits for the GIL waits
for its end. The other thread wakes up each millisecond, as one that does I/O
would, and notes by how much it was late. A third one computes in small steps,
so that there is always somebody to take the GIL from.

    longop.py [MILLISECONDS [TIMES]]    length of the call (200), how often (10)
"""
import sys
import threading
import time

lateness = []


def io(stop):
    while not stop.is_set():
        due = time.perf_counter() + 0.001
        time.sleep(0.001)
        lateness.append(time.perf_counter() - due)


def spin(stop):
    while not stop.is_set():
        i = 0
        while i < 1000:
            i += 1


def fit(seconds):
    """How far must range() go for the sum to take that long?"""
    n = 1000000
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        sum(range(n))
        took = time.perf_counter() - start
        # Other programs only ever make it slower.
        if best == 0.0 or took < best:
            best = took
    return int(n * seconds / best)


def main():
    wanted = float(sys.argv[1]) / 1000 if len(sys.argv) > 1 else 0.2
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    n = fit(wanted)
    stop = threading.Event()
    threads = [
        threading.Thread(target=io, args=(stop,), name="io"),
        threading.Thread(target=spin, args=(stop,), name="cpu"),
    ]
    for t in threads:
        t.start()
    longest = 0.0
    for _ in range(times):
        start = time.perf_counter()
        sum(range(n))
        took = time.perf_counter() - start
        longest = max(longest, took)
        time.sleep(0.05)
    stop.set()
    for t in threads:
        t.join()
    print(f"{times} calls of one bytecode")
    print(f"longest_call_ms {longest * 1000:.1f} io_latest_ms {max(lateness) * 1000:.1f}")


if __name__ == "__main__":
    main()
