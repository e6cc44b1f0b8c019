"""What `make accuracy` watches, for CPython 2.7 and newer and for gilvm.

    work.py LANGUAGE WORKLOAD THREADS SECONDS FLAG PORT FILE

THREADS threads compute; beside them a thread sleeps (sleep), reads a file
without a buffer (read) or answers a peer on a socket (echo), or two threads
share a lock and two a queue (locks). It prints

    begin PID
    thread PID TID ASLEEP_NS 0|1
    late UNIX_NS NS
    done PID

for each thread how long it was asleep by the kernel's account, and whether for
nothing but the GIL; for each time the I/O thread was late, how late. Then it
stays until the file FLAG is there.
"""
import os
import socket
import sys
import threading
import time

late = []
report = []
lock = threading.Lock()


def slurp(path):
    fd = os.open(path, 0)
    text = os.read(fd, 512).decode()
    os.close(fd)
    return text


def spin():
    n = 0
    while n < 2000:
        n += 1


def own_tid():
    return slurp("/proc/thread-self/stat").split()[0]


def account():
    """Opened at once: at the end each call would wait for the GIL again."""
    return [own_tid(), os.open("/proc/thread-self/schedstat", 0)]


def finish(mine, begin, only_lock):
    """A thread's life so far, less what it ran and waited for a CPU."""
    spent = os.read(mine[1], 512).decode().split()
    life = int((time.time() - begin) * 1e9)
    asleep = life - int(spent[0]) - int(spent[1])
    report.append([mine[0], asleep, 1 if only_lock else 0])


def compute(begin, end):
    mine = account()
    while time.time() < end:
        spin()
    finish(mine, begin, True)


def exact_timer():
    """Without a slack a sleep takes what was asked for."""
    fd = os.open("/proc/" + own_tid() + "/timerslack_ns", 1)
    os.write(fd, b"1")
    os.close(fd)


def sleep(begin, end):
    mine = account()
    n = 0
    exact_timer()
    while time.time() < end:
        n += 1
        length = 0.007 + n % 7 * 0.0013
        before = time.time()
        time.sleep(length)
        now = time.time()
        late.append([now, now - before - length])
    finish(mine, begin, False)


def read(begin, end, path):
    mine = account()
    fd = os.open(path, 0)
    while time.time() < end:
        if not os.read(fd, 65536):
            os.lseek(fd, 0, 0)
    os.close(fd)
    finish(mine, begin, True)


def echo(begin, end, port):
    mine = account()
    s = socket.create_connection(("127.0.0.1", port))
    while time.time() < end:
        before = time.time()
        message = s.recv(64)
        now = time.time()
        ready = int(message.decode()) / 1e9
        # What came before it was waited for, waited for this thread.
        if ready > before:
            late.append([now, now - ready])
        s.sendall(b"x")
    s.close()
    finish(mine, begin, False)


def share(begin, end):
    mine = account()
    while time.time() < end:
        with lock:
            spin()
    finish(mine, begin, False)


def put(begin, end, queue):
    mine = account()
    while time.time() < end:
        spin()
        queue.put(1)
    queue.put(0)
    finish(mine, begin, False)


def get(begin, end, queue):
    mine = account()
    while queue.get():
        spin()
    finish(mine, begin, False)


def start(threads, target, args):
    t = threading.Thread(target=target, args=(time.time(),) + args)
    threads.append(t)
    t.start()


def start_queue(threads, end, language):
    if language == "gilvm":
        return
    if language == "python2":
        import Queue as queue
    else:
        import queue
    q = queue.Queue(10)
    start(threads, put, (end, q))
    start(threads, get, (end, q))


def start_others(threads, workload, end, language, port, path):
    if workload == "sleep":
        start(threads, sleep, (end,))
    elif workload == "read":
        start(threads, read, (end, path))
    elif workload == "echo":
        start(threads, echo, (end, port))
    elif workload == "locks":
        start(threads, share, (end,))
        start(threads, share, (end,))
        start_queue(threads, end, language)


def is_there(path):
    try:
        os.close(os.open(path, 0))
    except OSError:
        return False
    return True


def main():
    language = sys.argv[1]
    workload = sys.argv[2]
    count = int(sys.argv[3])
    # Some make their lock with their first thread.
    first = threading.Thread(target=spin)
    first.start()
    first.join()
    sys.stdout.write("begin " + str(os.getpid()) + "\n")
    sys.stdout.flush()
    # An interpreter that has just started is not known yet.
    time.sleep(0.3)
    end = time.time() + float(sys.argv[4])
    threads = []
    start_others(threads, workload, end, language, int(sys.argv[6]), sys.argv[7])
    for _ in range(count):
        start(threads, compute, (end,))
    for t in threads:
        t.join()
    pid = str(os.getpid())
    text = ""
    for r in report:
        text += "thread " + pid + " " + r[0] + " " + str(r[1]) + " " + str(r[2]) + "\n"
    for sample in late:
        text += "late " + str(int(sample[0] * 1e9)) + " " + str(int(sample[1] * 1e9)) + "\n"
    sys.stdout.write(text + "done " + pid + "\n")
    sys.stdout.flush()
    while not is_there(sys.argv[5]):
        time.sleep(0.01)


main()
