"""The countdown, twice: sequential, in two threads, in two processes.

Two threads do the same work as one after the other, so they should take the
same time. With CPython 2's GIL and several cores they take longer.

    countdown.py sequential|threads|processes [N]       from N (10000000)
"""
import multiprocessing
import sys
import threading
import time


def countdown(n):
    while n > 0:
        n -= 1


def main():
    how = sys.argv[1] if len(sys.argv) > 1 else ""
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 10000000
    if how not in ("sequential", "threads", "processes"):
        print(__doc__)
        sys.exit(2)
    start = time.perf_counter()
    if how == "sequential":
        countdown(n)
        countdown(n)
    else:
        if how == "threads":
            workers = [threading.Thread(target=countdown, args=(n,)) for _ in range(2)]
        else:
            workers = [multiprocessing.Process(target=countdown, args=(n,)) for _ in range(2)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
    print(f"countdown twice, {how}")
    print(f"seconds {time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
