"""Functions, classes, globals."""


def add(a, b=2, c: int = 3) -> int:
    """Adds."""
    return a + b + c


print(add(1), add(1, 1), add(1, 1, 1), add(1, c=0), add(a=1, b=0, c=0), add(c=1, a=2))
print(add.__name__, add.__doc__)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def none():
    pass


def defaults(a, l=[]):
    l.append(a)
    return l


print(fib(15), none(), defaults(1), defaults(2))
count = 0


def bump():
    global count, created
    count += 1
    created = count * 10


bump()
bump()
print(count, created)


def shadow():
    count = 99
    return count


print(shadow(), count)


class Account:
    """An account."""

    bank = "GIL"
    total = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        Account.total += 1

    def deposit(self, amount: float) -> "Account":
        self.balance += amount
        return self

    def __repr__(self):
        return f"Account({self.owner!r}, {self.balance})"

    def __len__(self):
        return 3


a = Account("ann")
b = Account("bob", 50)
a.deposit(10).deposit(5)
print(a.balance, b.balance, a.owner, a.bank, Account.bank, Account.total, a)
a.bank = "other"
a.extra = [1]
a.extra.append(2)
print(a.bank, b.bank, a.extra, str(b), len(a), f"{a}")
del a.extra
print(hasattr(a, "extra"), hasattr(a, "owner"), getattr(a, "nope", "default"))
m = a.deposit
m(100)
print(a.balance, isinstance(a, Account), isinstance(1, int), isinstance("s", (int, str)), isinstance(True, int))
print(Account.deposit(b, 1).balance, type(b) is Account, Account.__name__)
setattr(a, "x", 5)
a.x += 1
print(a.x, callable(add), callable(5))


class Empty:
    pass


e = Empty()
e.v = 1
print(e.v, type(e).__name__)


class Text:
    def __str__(self):
        return "as text"


print(Text(), str(Text()), [1, 2].append(3))


def outer():
    def inner(x):
        return x * 2

    return inner(21), inner


print(outer()[0])
functions = [fib, add]
print(functions[0](10), functions[1](1))
z: int = 5
w: str
print(z)


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


print(deep(900))
print(deep)if False else None
if __name__ == "__main__":
    print("main")
import time as t, sys
from threading import Thread as T, Lock
print(t.sleep(0), len(sys.argv), T is not None, Lock().acquire())


def swap(a, b): return b, a


one, two = swap(1, 2)
print(one, two)
del one
try:
    one
except NameError as e:
    print(e)


def unbound():
    try:
        print(q)
    except UnboundLocalError as e:
        print("unbound")
    q = 1


unbound()
