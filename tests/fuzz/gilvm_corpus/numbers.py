"""Arithmetic, comparison, conversion of numbers."""
print(1 + 2, 7 - 10, 6 * 7, 7 / 2, 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3)
print(2**10, 2**-1, (-2) ** 3, -(2**2), 2**3**2)
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 1e3 % 7)
print(1.0, 0.1, 1e16, 1e15, 1.5e-5, 0.0001, 123456.789, 1e100, -0.0)
print(10 / 4, 2 * 0.5, 1 + 0.5, 3 - 0.5, 0.1 + 0.2)
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, -17 >> 2, True & False, True | False)
print(1 < 2, 2 <= 2, 3 == 3.0, 1 != 2, 2 > 3, 3 >= 4, 1 < 2 < 3, 1 < 3 < 2)
print(True + True, True == 1, False < 1, not True, not 0)
print(int("42"), int(" -7 "), int("ff", 16), int(3.9), int(-3.9), int(True))
print(float("1.5"), float("1e3"), float(2), float(" 7 "))
print(bool(0), bool(1), bool(""), bool("a"), bool([]), bool([0]), bool(None))
print(abs(-3), abs(2.5), round(2.5), round(3.5), round(2.675, 2), round(1234, -2))
print(min(3, 1, 2), max([4, 9, 2]), sum([1, 2, 3]), sum(range(101)), sum([0.5, 1]))
print(divmod(7, 2), divmod(-7, 2), pow(2, 5))
print(0x1F, 0o17, 0b101, 1_000_000, 1e-3, .5, 5.)
print(-9223372036854775808, 9223372036854775807)
x = 10
x += 5
x -= 3
x *= 4
x //= 5
x **= 2
x %= 50
x <<= 2
x |= 1
x ^= 3
x >>= 1
x &= 0xFF
print(x)
y = 7
y /= 2
print(y, hex(255), bin(10), hex(-1))
print(1 if x > 3 else 2, "a" if not x else "b")
print(0 or "default", 1 and 2, 0 and 1, None or 0 or [], 1 or 2)
print(5 in [1, 5], 5 not in [1, 5], 3 in range(10), 3 in range(0, 10, 2))
print(divmod(7.5, 2), 1 == 1.0, 10**18, 3.0 == 3, 2.5 > 2)
print(float("inf"), -float("inf"), float("nan"))
