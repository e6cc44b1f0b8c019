"""if, while, for, break, continue, else, with, try, raise."""
import threading

n = 0
while n < 10:
    n += 1
    if n == 3:
        continue
    if n == 6:
        break
    print(n, end=" ")
else:
    print("never")
print()
while n > 4:
    n -= 1
else:
    print("else of while", n)
for i in range(3):
    pass
else:
    print("else of for", i)
for i in range(3):
    for j in range(3):
        if j == 2:
            break
        if i == 1:
            continue
        print(i, j, end="; ")
print()
if n == 1:
    print("one")
elif n == 4:
    print("four")
else:
    print("other")


def f(x):
    try:
        if x == 0:
            return "early"
        if x == 1:
            raise ValueError("one")
        if x == 2:
            [][1]
        if x == 3:
            1 / 0
        return "end"
    except ValueError as e:
        return f"value {e}"
    except (IndexError, KeyError) as e:
        return f"lookup {e}"
    else:
        return "no"
    finally:
        print("finally", x, end=": ")


for x in range(5):
    try:
        print(f(x))
    except ZeroDivisionError as e:
        print("outer", e)


def nested():
    for i in range(3):
        try:
            try:
                if i == 0:
                    continue
                if i == 1:
                    raise RuntimeError("inner")
                return "returned"
            finally:
                print("f1", i, end=" ")
        except RuntimeError as e:
            print("caught", e, end=" ")
        finally:
            print("f2", i)


print(nested())


def override():
    try:
        return 1
    finally:
        return 2


def loop_finally():
    out = []
    while True:
        try:
            out.append(len(out))
            if len(out) == 3:
                break
        finally:
            out.append("f")
    return out


print(override(), loop_finally())
try:
    try:
        raise ValueError("first")
    except ValueError:
        raise KeyError("second")
except KeyError as e:
    print("chained", e, repr(e))
try:
    try:
        raise ValueError("again")
    except ValueError:
        raise
except ValueError as e:
    print("reraised", e, e.args)
try:
    try:
        pass
    except ValueError:
        print("no")
    else:
        print("else runs")
        raise TypeError("from else")
    finally:
        print("and finally")
except TypeError as e:
    print(e)
try:
    raise RuntimeError
except Exception as e:
    print(type(e), repr(e), str(e) == "")
lock = threading.Lock()
with lock:
    print("locked", lock.locked())
print(lock.locked())
try:
    with lock:
        raise ValueError("inside with")
except ValueError as e:
    print(e, lock.locked())


def from_with():
    for i in range(3):
        with lock:
            if i == 0:
                continue
            if i == 1:
                return lock.locked()


print(from_with(), lock.locked())
assert n == 4, "not reached"
try:
    assert n == 5, f"n is {n}"
except AssertionError as e:
    print("assert:", e)
try:
    assert False
except AssertionError as e:
    print("bare assert", repr(e))


class Manager:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        print("enter", end=" ")
        return self

    def __exit__(self, kind, value, tb):
        print("exit", kind is None, value, end=" ")
        return self.swallow


with Manager(True) as m:
    raise ValueError("swallowed")
print(m.swallow)
try:
    with Manager(False), Manager(False):
        raise ValueError("passed on")
except ValueError as e:
    print("got", e)
x = 5 if n else 6
a = b = c = 7
print(x, a, b, c); print("semicolon")
if x: print("one line")
for i in range(2): print(i, end=" ")
print()
def g(): return 1
print(g())
try:
    raise ValueError("a", 2)
except ValueError as e:
    print(e, e.args)
for e in [1, 2]:
    try:
        continue
    finally:
        print("f", e)
