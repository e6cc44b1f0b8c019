"""Four requests to a slow server: one after the other, or in threads.

The threads wait for the server at the same time: a thread that waits has
released the GIL. The server must listen on 127.0.0.1.

    requests_io.py PORT sequential|threads [REQUESTS]    (4)
"""
import socket
import sys
import threading
import time

done = []


def request(port, number):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.connect(("127.0.0.1", port))
    s.sendall(f"GET /{number} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    answer = b""
    while True:
        part = s.recv(4096)
        if not part:
            break
        answer += part
    s.close()
    if answer.startswith(b"HTTP/1."):
        done.append(number)


def main():
    if len(sys.argv) < 3 or sys.argv[2] not in ("sequential", "threads"):
        print(__doc__)
        sys.exit(2)
    port = int(sys.argv[1])
    requests = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    start = time.perf_counter()
    if sys.argv[2] == "sequential":
        for i in range(requests):
            request(port, i)
    else:
        threads = [threading.Thread(target=request, args=(port, i)) for i in range(requests)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    print("answers", len(done))
    print(f"seconds {time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
