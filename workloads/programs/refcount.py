"""Reference counts: who keeps an object alive.

Shows that each name for an object counts, and that the count falls when a
name goes. With an argument N, four threads then give one shared object N
names each and take them away again: under a GIL the count is afterwards what
it was, without one (gilvm --gil=none) updates get lost.

    refcount.py [N]
"""
import sys
import threading

a = []
b = a
print("two names:", sys.getrefcount(a))
del b
print("one name:", sys.getrefcount(a))

shared = []
barrier = threading.Barrier(4)


def work(n):
    barrier.wait()
    # Two loops, so that all the numbers are small ones: those exist once,
    # and nothing piles up where nothing is freed.
    for _ in range(n // 100):
        for _ in range(100):
            name = shared


n = int(sys.argv[1]) if len(sys.argv) > 1 else 0
if n:
    before = sys.getrefcount(shared)
    threads = [threading.Thread(target=work, args=(n,)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    after = sys.getrefcount(shared)
    print("shared object before:", before, "after:", after)
