"""Processes, pipes, signals."""
import multiprocessing
import os
import signal
import sys
import threading
import time


def child(fd, text):
    os.write(fd, text.encode())


def failing():
    sys.exit(3)


r, w = os.pipe()
p = multiprocessing.Process(target=child, args=(w, "from the child"))
print(p.exitcode, p.pid, p.is_alive())
p.start()
print(os.read(r, 100).decode(), p.pid is not None)
p.join()
print(p.exitcode, p.is_alive())
q = multiprocessing.Process(target=failing)
q.start()
q.join()
print(q.exitcode)
s = multiprocessing.Process(target=time.sleep, args=(30,))
s.start()
s.join(0.05)
print(s.is_alive(), s.exitcode)
s.terminate()
s.join()
print(s.exitcode)


def threads_in_child():
    done = []

    def unused():
        pass

    ts = [threading.Thread(target=done_append, args=(done, i)) for i in range(3)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    sys.exit(len(done))


def done_append(done, i):
    for _ in range(20000):
        pass
    done.append(i)


c = multiprocessing.Process(target=threads_in_child)
c.start()
c.join()
print(c.exitcode)
seen = []


def handler(number, frame):
    seen.append(number)


print(signal.signal(signal.SIGUSR1, handler) == signal.SIG_DFL)
os.kill(os.getpid(), signal.SIGUSR1)
for _ in range(1000):
    pass
print(len(seen), seen[0] == signal.SIGUSR1)
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("interrupted")
try:
    os.close(999)
except OSError as e:
    print(e.errno, e)
try:
    os.read(r, -1)
except (ValueError, OSError) as e:
    print("bad size")
os.close(r)
try:
    os.write(w, b"x")
except BrokenPipeError as e:
    print("broken pipe", e.errno)
print(os.getpid() > 0, os.cpu_count() >= 1, time.time() > 1e9)
sys.exit(0)
