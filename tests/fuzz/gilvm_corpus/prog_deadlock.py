"""Two accounts, two transfers in opposite directions.

unsafe: each transfer locks its own account first, then the other one. Both
threads end up waiting for each other, for ever.
safe: both lock the accounts in the same order, whichever way the money goes.

    deadlock.py unsafe|safe [SECONDS]   give up after that time (2)
"""
import sys
import threading
import time


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.lock = threading.Lock()


def move(source, target, amount, first, second):
    with first.lock:
        # Time for the other one to take its first lock.
        time.sleep(0.1)
        with second.lock:
            source.balance -= amount
            target.balance += amount


def unsafe(source, target, amount):
    move(source, target, amount, source, target)


def safe(source, target, amount):
    if source.number < target.number:
        move(source, target, amount, source, target)
    else:
        move(source, target, amount, target, source)


if len(sys.argv) < 2 or sys.argv[1] not in ("unsafe", "safe"):
    print(__doc__)
    sys.exit(2)
transfer = safe if sys.argv[1] == "safe" else unsafe
limit = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
a = Account(1, 100)
b = Account(2, 100)
# Daemons: the program can end although they never will.
threads = [
    threading.Thread(target=transfer, args=(a, b, 30), name="a-to-b", daemon=True),
    threading.Thread(target=transfer, args=(b, a, 10), name="b-to-a", daemon=True),
]
for t in threads:
    t.start()
end = time.perf_counter() + limit
for t in threads:
    left = end - time.perf_counter()
    t.join(left if left > 0 else 0)
stuck = [t.name for t in threads if t.is_alive()]
if stuck:
    print("stuck:", ", ".join(stuck))
else:
    print("both transfers done")
print("balances", a.balance, b.balance)
