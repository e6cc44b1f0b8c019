# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A HTTP server on the loopback interface that answers after a delay."""
import contextlib
import http.server
import threading
import time


@contextlib.contextmanager
def slow_server(delay):
    """Run the server; gives its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            time.sleep(delay)
            body = b"late, but here\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
