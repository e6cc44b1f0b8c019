"""Ctrl-C while the main thread waits in join() and other threads compute.

CPython 3 wakes the main thread, and the program ends. CPython 2 could not:
the main thread sleeps in a lock that signals do not end, and all the others
do is try, after each tick, to let it run.

    signal_join.py [THREADS]    computing threads (2); end it with Ctrl-C
"""
import sys
import threading
import time


def spin():
    while True:
        i = 0
        while i < 1000000:
            i += 1


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    # Daemons: the program ends when the main thread does.
    threads = [threading.Thread(target=spin, name=f"cpu-{i}", daemon=True) for i in range(n)]
    for t in threads:
        t.start()
    print("waiting", flush=True)
    try:
        for t in threads:
            t.join()
    except KeyboardInterrupt:
        print("interrupted", flush=True)


if __name__ == "__main__":
    main()
