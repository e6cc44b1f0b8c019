"""Lists, tuples, ranges, comprehensions, unpacking."""
a = [1, 2, 3]
a.append(4)
a.extend([5, 6])
a.insert(0, 0)
print(a, len(a), a[0], a[-1], a[1:3], a[::2], a[::-1], a[-2:], a[5:1:-2])
print(a.pop(), a.pop(0), a, a.index(3), a.count(3))
a.remove(3)
a[0] = "x"
a[-1] = [7, 8]
print(a, a == ["x", 2, 4, [7, 8]], [1] < [2], [1, 2] < [1, 2, 0], [] == [])
del a[0]
print(a, [0] * 3, [1] + [2], 2 in [1, 2], [[1, 2], [3]][0][1])
b = a
b += [9]
print(a is b, a)
c = a.copy()
c.clear()
print(c, a)
m = [[0] * 2 for _ in range(2)]
m[0][1] += 5
print(m)
d = [3, 1, 2]
d.sort()
print(d, sorted([3, 1, 2], reverse=True), sorted("banana"), list(reversed([1, 2, 3])))
d.reverse()
print(d)
print([x * x for x in range(5)], [x for x in range(10) if x % 2], [(i, j) for i in range(2) for j in range(2)])
print([x + y for x in [10, 20] for y in [1, 2] if x + y != 12], [[y for y in range(x)] for x in range(3)])
x = "outer"
print([x for x in range(3)], x)
print(sum(x for x in range(5)), max(len(w) for w in ["a", "bbb"]), any(v > 2 for v in [1, 3]), all([1, 0]))
t = (1, "two", 3.0)
print(t, t[1], len(t), (), (1,), t + (4,), (1, 2) == (1, 2), t[:2], (1, 2) < (1, 3))
p, q = 1, 2
p, q = q, p
print(p, q)
(p, q), r = (1, 2), 3
[u, v] = [4, 5]
print(p, q, r, u, v)
first, second, third = "abc"
print(first, second, third)
for i, w in enumerate(["a", "b"]):
    print(i, w, end=" ")
for l, n in zip([1, 2], "xy"):
    print(l, n, end=" ")
for i, (j, k) in enumerate([(1, 2), (3, 4)], 10):
    print(i, j, k, end=" ")
print()
print(list(range(5)), list(range(2, 8, 3)), list(range(5, 0, -2)), len(range(0, 10, 3)), range(3), range(1, 5)[2])
print(list("abc"), tuple([1, 2]), list((1, 2)), list(zip([1, 2], [3, 4])), list(enumerate("ab")))
k = m2 = [1]
print(k is m2)
a = [1, 2, 3]
a[0], a[2] = a[2], a[0]
print(a)
i = 0
a[i] += 10
print(a)
nested = [1, [2, [3, [4]]]]
print(nested, nested[1][1][1][0], [None, True, 1.5, "s", (1,), b"b"])
del a[1], k
print(a)
