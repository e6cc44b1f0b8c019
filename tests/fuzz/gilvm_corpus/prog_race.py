"""A race: five threads add to one variable without a lock.

`count += 1` is several bytecodes: load, add, store. Where the GIL can change
hands between them, additions get lost.

    race.py [N]         N additions each (1000000)
"""
import sys
import threading

THREADS = 5
count = 0
barrier = threading.Barrier(THREADS)


def add(n):
    global count
    barrier.wait()
    for _ in range(n):
        count += 1


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
threads = [threading.Thread(target=add, args=(n,)) for _ in range(THREADS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("expected", THREADS * n)
print("counted", count)
