"""Four tasks that only compute: one after the other, in threads, in processes.

Threads are no faster than one: the GIL lets one of them run at a time.
Processes have a GIL each, and as many run as there are cores.

    cpu.py sequential|threads|processes [N]     N rounds each (2000000)
"""
import multiprocessing
import sys
import threading
import time

TASKS = 4


def task(n):
    total = 0
    i = 0
    while i < n:
        total += i
        i += 1
    return total


def sequential(n):
    for _ in range(TASKS):
        task(n)


def run_all(workers):
    for w in workers:
        w.start()
    for w in workers:
        w.join()


def threads(n):
    run_all([threading.Thread(target=task, args=(n,)) for _ in range(TASKS)])


def processes(n):
    run_all([multiprocessing.Process(target=task, args=(n,)) for _ in range(TASKS)])


def main():
    how = sys.argv[1] if len(sys.argv) > 1 else ""
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 2000000
    if how not in ("sequential", "threads", "processes"):
        print(__doc__)
        sys.exit(2)
    start = time.perf_counter()
    if how == "sequential":
        sequential(n)
    elif how == "threads":
        threads(n)
    else:
        processes(n)
    print(f"{TASKS} tasks, {how}")
    print(f"seconds {time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
