"""Threads, locks, events, barriers, and their errors."""
import threading
import time

lock = threading.Lock()
results = []


def work(i, step=1):
    for _ in range(100):
        with lock:
            results.append(i * step)


threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(results), sorted(results) == sorted([i for i in range(4)] * 100))
t = threading.Thread(target=work, args=[7, 2], name="worker seven", daemon=True)
print(t.name, t.daemon, t.is_alive(), t.ident, t.native_id)
t.start()
t.join()
print(t.is_alive(), results.count(14), t.ident is not None)
print(threading.current_thread().name, threading.current_thread() is threading.main_thread())


def named():
    print(threading.current_thread().name, threading.active_count())


t = threading.Thread(target=named)
t.start()
t.join()
event = threading.Event()
order = []


def waiter():
    order.append("waiting")
    event.wait()
    order.append("woken")


t = threading.Thread(target=waiter)
t.start()
while not order:
    time.sleep(0.001)
print(event.is_set(), event.wait(0.01), order)
event.set()
t.join()
print(event.is_set(), event.wait(), order)
event.clear()
print(event.is_set())
barrier = threading.Barrier(3)
passed = []


def meet(i):
    n = barrier.wait()
    passed.append(n)


threads = [threading.Thread(target=meet, args=(i,)) for i in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(passed), barrier.parties, barrier.n_waiting, barrier.broken)


def alone():
    try:
        barrier.wait(0.02)
    except threading.BrokenBarrierError:
        print("broken")


t = threading.Thread(target=alone)
t.start()
t.join()
print(barrier.broken)
print(lock.acquire(), lock.acquire(False), lock.acquire(timeout=0.01), lock.locked())
lock.release()
try:
    lock.release()
except RuntimeError as e:
    print(e)
try:
    t.start()
except RuntimeError as e:
    print(e)
try:
    threading.Thread(target=work).join()
except RuntimeError as e:
    print(e)
slow = threading.Thread(target=time.sleep, args=(0.2,), name="slow")
slow.start()
before = time.perf_counter()
slow.join(0.01)
print(slow.is_alive(), time.perf_counter() - before < 0.15)
slow.join()
print(slow.is_alive())
count = 0


def counted():
    global count
    for _ in range(1000):
        with lock:
            count += 1


threads = [threading.Thread(target=counted) for _ in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(count)
held = threading.Lock()
held.acquire()


def release_later():
    time.sleep(0.02)
    held.release()


t = threading.Thread(target=release_later)
t.start()
print(held.acquire(timeout=5), held.locked())
t.join()


def finish_late():
    time.sleep(0.05)
    print("ended after main")


threading.Thread(target=finish_late).start()
print("main ends")
