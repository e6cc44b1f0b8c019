"""The race of race.py, with a lock around each addition.

The total is exact. The lock is a second one beside the GIL, and it costs.

    lock.py [N]         N additions each (1000000)
"""
import sys
import threading

THREADS = 5
count = 0
lock = threading.Lock()
barrier = threading.Barrier(THREADS)


def add(n):
    global count
    barrier.wait()
    for _ in range(n):
        with lock:
            count += 1


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
threads = [threading.Thread(target=add, args=(n,)) for _ in range(THREADS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("expected", THREADS * n)
print("counted", count)
