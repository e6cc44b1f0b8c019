"""Messages of errors that programs meet."""


class Thing:
    pass


def one(a):
    return a


def case(n):
    if n == 0:
        return 1 / 0
    if n == 1:
        return 1 // 0
    if n == 2:
        return [1][5]
    if n == 3:
        return "a" + 1
    if n == 4:
        return 1 + "a"
    if n == 5:
        return undefined
    if n == 6:
        return Thing().nope
    if n == 7:
        return one()
    if n == 8:
        return one(1, 2)
    if n == 9:
        return int("x")
    if n == 10:
        return len(5)
    if n == 11:
        five = 5
        return five()
    if n == 12:
        a, b = 1, 2, 3
    if n == 13:
        a, b = [1]
    if n == 14:
        for x in 5:
            pass
    if n == 15:
        return [].pop()
    if n == 16:
        return 1 < "a"
    if n == 17:
        return float("abc")
    if n == 18:
        return None.x
    if n == 19:
        return "abc"[9]
    if n == 20:
        return -"a"
    if n == 21:
        five = 5
        return five[0]
    if n == 22:
        return one(b=2)
    if n == 23:
        raise 5
    if n == 24:
        return [1, 2].remove(3)
    if n == 25:
        return (1, 2)[7]
    if n == 26:
        return 1.5 % 0
    if n == 27:
        return "x" in 5
    if n == 28:
        items = [1]
        return items["a"]
    if n == 29:
        return ",".join([1])
    if n == 30:
        return 1 << -1
    if n == 31:
        return Thing(1)
    if n == 32:
        return range(1, 2, 0)
    return None


for i in range(34):
    try:
        print(i, case(i))
    except Exception as e:
        kind = type(e).__name__
        if i in [7, 13, 22, 31, 30, 1, 24, 26, 23, 31]:
            print(i, kind)
        else:
            print(i, kind, e)
try:
    import nothing_like_it
except ImportError as e:
    print(type(e).__name__, e)
try:
    from time import nothing_like_it
except ImportError as e:
    print(type(e).__name__)


def forever(n):
    return forever(n + 1)


try:
    forever(0)
except RecursionError as e:
    print("recursion:", str(e)[:32])
a = []
a.append(a)
print(len(a))
try:
    raise KeyboardInterrupt
except KeyboardInterrupt:
    print("interrupt")
try:
    raise OSError(2, "text")
except OSError as e:
    print("os error")
