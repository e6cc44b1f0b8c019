"""Four threads change one list, one object and one global at the same time."""
import threading


class Thing:
    pass


shared = []
thing = Thing()
text = ""
barrier = threading.Barrier(4)


def work(i):
    global text
    barrier.wait()
    for n in range(20000):
        shared.append(n)
        if len(shared) > 50:
            shared.pop()
        if n % 100 == 0:
            shared.sort()
            shared.reverse()
        thing.value = n
        thing.other = [n]
        if i % 2 and n % 1000 == 0:
            setattr(thing, f"name{n}", n)
        text = f"{n} {thing.value}"
        for item in shared:
            if item == 1:
                break


threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("done")
