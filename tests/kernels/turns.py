"""Threads that compute and sleep by turns, so that each gives up the GIL by
itself and no timer ends a wait for it.

    turns.py [ROUNDS]       rounds of each thread (100)
"""
import sys
import threading
import time


def work(rounds):
    for _ in range(rounds):
        i = 0
        while i < 2000:
            i += 1
        time.sleep(0.0005)


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
threads = [threading.Thread(target=work, args=(rounds,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("done")
