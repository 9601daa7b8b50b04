"""A tiny real server, and configurations that start it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.configuration import Configuration, Server

# Serves its command line; says its process id at /pid; other words make it misbehave in the way they name.
SCRIPT = """
import http.server, os, signal, subprocess, sys, threading

port, words = int(sys.argv[1]), sys.argv[2:]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = {"/broken": 503, "/moved": 302, "/nowhere": 404}.get(self.path, 200)
        body = str(os.getpid()) if self.path == "/pid" else " ".join(words)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *args):
        pass

if "die" in words:
    print("first words")
    sys.exit("port is cursed")
if "stubborn" in words:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("child is", child.pid, flush=True)
if "until-stdin-closes" in words:
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
print("serving", *words, flush=True)
server.serve_forever()
"""

MakeServer = Callable[..., Server]
Project = Callable[..., Configuration]


@pytest.fixture
def server(tmp_path: Path) -> MakeServer:
    """Describe a server that runs the script with some words."""
    script = tmp_path / "tiny.py"
    script.write_text(SCRIPT)

    def describe(name: str, *words: str, **settings: object) -> Server:
        command = (sys.executable, str(script), "{port}", *words)
        given = {"name": name, "command": command, "timeout": 20.0, **settings}
        return Server(**given)  # type: ignore[arg-type]  # by their names

    return describe


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Put servers into a configuration."""

    def configure(*servers: Server) -> Configuration:
        return Configuration(root=tmp_path, servers=servers)

    return configure


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, no longer than ten seconds."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.02)

    return wait


@pytest.fixture
def is_running() -> Callable[[int], bool]:
    """Tell whether a process is there and no zombie."""

    def look(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        status = Path(f"/proc/{pid}/stat")
        return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")

    return look
