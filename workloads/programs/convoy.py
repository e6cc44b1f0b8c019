"""The convoy: threads that compute, beside one that answers messages.

A process sends a message through a pipe, the I/O thread sends it back through
another one. How long after the message was sent does the I/O thread begin to
answer? That is its response delay; it grows when threads that compute hold
the GIL.

    convoy.py CPU_THREADS [SECONDS [PAUSE]]     (3 s, 0.005 s between messages)
"""
import multiprocessing
import os
import sys
import threading
import time

delays = []


def sender(out, back, pause, others):
    # With these open it would not see that the I/O thread has gone.
    for fd in others:
        os.close(fd)
    while True:
        time.sleep(pause)
        try:
            os.write(out, f"{time.perf_counter_ns()}\n".encode())
        except OSError:
            return
        if not os.read(back, 64):
            return


def spin(stop):
    # Small numbers exist once: without a lock nothing is freed.
    while not stop.is_set():
        n = 0
        while n < 100:
            i = 0
            while i < 100:
                i += 1
            n += 1


def echo(source, back, seconds, stop):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        message = os.read(source, 64)
        now = time.perf_counter_ns()
        if not message:
            break
        delays.append(now - int(message.decode()))
        os.write(back, message)
    stop.set()


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        sys.exit(2)
    cpu = int(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
    pause = float(sys.argv[3]) if len(sys.argv) > 3 else 0.005
    source, out = os.pipe()
    back_out, back = os.pipe()
    # Before any thread: a fork takes only the thread that calls it along.
    p = multiprocessing.Process(target=sender, args=(out, back_out, pause, [source, back]), daemon=True)
    p.start()
    os.close(out)
    os.close(back_out)
    stop = threading.Event()
    threads = [threading.Thread(target=spin, args=(stop,), name=f"cpu-{i}") for i in range(cpu)]
    threads.append(threading.Thread(target=echo, args=(source, back, seconds, stop), name="io"))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    os.close(source)
    os.close(back)
    p.terminate()
    p.join()
    delays.sort()
    n = len(delays)
    print(f"{cpu} computing threads beside one that answers")
    if n:
        p50 = delays[n // 2] / 1e6
        p99 = delays[n * 99 // 100] / 1e6
        print(f"answers {n} delay_ms p50 {p50:.3f} p99 {p99:.3f} max {delays[-1] / 1e6:.3f}")


if __name__ == "__main__":
    main()
