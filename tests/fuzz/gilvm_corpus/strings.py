"""Strings, bytes, f-strings."""
s = "hello"
print(s, len(s), s[0], s[-1], s[1:3], s[:2], s[3:], s[-3:], s[:], s[10:])
print(s + " " + "world", s * 3, 2 * "ab", "ell" in s, "xyz" not in s)
print(s.upper(), "ABC".lower(), "  x ".strip() + "|", "a,b,c".split(","))
print("a b  c".split(), "xaxbx".split("x"), "a-b-c".split("-", 1))
print(",".join(["a", "b", "c"]), "".join([]), "-".join("xyz"))
print(s.startswith("he"), s.endswith("lo"), s.find("l"), s.find("z"), s.count("l"))
print(s.replace("l", "L"), "42".isdigit(), "4a".isdigit(), "ab".ljust(5) + "|", "ab".rjust(5))
print("tab\there", 'quote"s', "it's", "back\\slash", r"raw\n", "nul\x41\u00e9\101")
print(repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("new\nline"), repr(""))
print("implicit " "concatenation" ' works')
print("""triple
quoted""")
name = "Ada"
n = 42
f = 3.14159
print(f"{name} is {n} and {f}")
print(f"{f:.2f} {f:8.3f}| {f:<8.1f}| {f:e} {f:g} {f:%} {f:.1%}")
print(f"{n:5d}| {n:<5}| {n:^7}| {n:>4} {n:05d} {n:+d} {n:x} {n:X} {n:o} {n:b} {n:#x}")
print(f"{1234567:,} {1234567.891:,.2f} {1234567:_} {-42:05d} {-1234:,}")
print(f"{name:>10}| {name:<10}| {name:^10}| {name:*^10} {name:.2} {name!r:>8}")
print(f"{name!r} {name!s} {n!r}")
print(f"{{braces}} {n + 1} {n * 2:>6} {'nested'}")
print(f"{name=} {n=} {n + 1 = }")
w = 8
p = 2
print(f"{f:{w}.{p}f}| {name:{w}}|")
print(f"{[1, 2]} {None} {True} {n if n > 3 else 0}")
print(f'{"a" if n == 42 else "b"}' f" and {n}" " tail")
print(f"""multi {
    n
} line""")
print(f"{True:d} {True} {2.0} {1e20} {1e-7} {100.0:g} {0.1:.20f}")
b = b"bytes\x00\xff"
print(b, len(b), b[0], b[1:3], b + b"!", b"a,b".split(b","))
print("caf\u00e9".encode(), b"caf\xc3\xa9".decode(), len("caf\u00e9"), "caf\u00e9"[3], "caf\u00e9"[::1])
print(ord("A"), chr(66), ord("\u00e9"), chr(8364))
print("a" < "b", "abc" < "abd", "a" == "a", "a" != "b", "Z" < "a", max("hello"))
for c in "abc":
    print(c, end=" ")
print()
print("x", "y", sep="-", end="!\n")
print(str(12) + str(1.5) + str(None) + str(True) + str([1, "a"]))
print("%" in "100%", "a\
b")
print("lstrip: " + "  x".lstrip() + " rstrip: " + "x  ".rstrip() + "|" + "xxaxx".strip("x"))
