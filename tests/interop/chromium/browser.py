# SPDX-License-Identifier: Apache-2.0
"""Shows page.html to a headless Chromium and brings back what the page found out."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

PAGE = Path(__file__).with_name("page.html")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
         "--disable-dev-shm-usage", "--allow-loopback-in-peer-connection",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE ::1, EXCLUDE [::1]"]


class Handler(http.server.BaseHTTPRequestHandler):
    """GET / is the page, GET /cases what it shall do, POST /outcomes what came of it."""

    def do_GET(self):
        answers = {"/": ("text/html", PAGE.read_bytes()),
                   "/cases": ("application/json", json.dumps(self.server.cases).encode())}
        kind, body = answers.get(self.path, (None, b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.server.outcomes = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.done.set()

    def log_message(self, *_):
        """A test's output is for its results."""


def stop(process):
    """Asks the browser to go, then ends whatever is left of its process group."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def outcomes(browser, cases, seconds):
    """{name: outcome} of all cases, or AssertionError with what the browser printed."""
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.cases, web.outcomes, web.done = cases, [], threading.Event()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    home = tempfile.mkdtemp(prefix="interop-chromium-")
    log = Path(home) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [browser, *FLAGS, f"--user-data-dir={home}/profile", f"http://127.0.0.1:{web.server_port}/"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home})
    try:
        if not web.done.wait(seconds):
            raise AssertionError("the page did not report:\n" + log.read_text(errors="replace")[-4000:])
        return {each["name"]: each for each in web.outcomes}
    finally:
        stop(process)
        web.shutdown()
        web.server_close()
        shutil.rmtree(home, ignore_errors=True)
