"""Keeps a PostgreSQL server for as long as anybody uses it: a script, standard library only.

Users hold a shared lock on `users.lock` in the folder. This process starts the server, says so in one line on
its standard output (`ready`, or why not), and waits until the lock is its alone: nobody is left, whether they
ended or were killed. Then it stops the server. `keeper.lock` is held by whoever is the keeper.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TypedDict

UNPRIVILEGED_USER = "nobody"
"""Whom the server runs as where we are root: PostgreSQL refuses root, and every system has this user."""

OPTIONS = {
    "listen_addresses": "",
    "TimeZone": "UTC",
    # Worker processes for I/O and just-in-time compilation cost more than they give at this size.
    "io_method": "sync",
    "jit": "off",
}


START_LIMIT_S = 50.0
STOP_LIMIT_S = 20.0


class Order(TypedDict):
    """What is asked for, as the JSON in this script's one argument."""

    programs: str
    folder: str
    sockets: str


class Failure(Exception):
    """The server can't be started; the text is one line."""


def keep(order: Order) -> int:
    """Start the server, say so, wait until nobody uses it any more, and stop it."""
    folder = Path(order["folder"])
    keeper = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say(f"the store's PostgreSQL in {folder} has a keeper already")
        return 1
    try:
        server = Server(order)
        server.start()
    except (Failure, OSError) as failure:
        _say(f"the store's PostgreSQL in {folder} does not start: {failure}")
        return 1
    _say("ready")
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_EX)
    server.stop()
    # Who comes now waits for `users.lock`, and has to find no keeper then.
    os.close(keeper)
    os.close(users)
    return 0


class Server:
    """The server in a folder, started and stopped by PostgreSQL's own programs."""

    def __init__(self, order: Order) -> None:
        self._programs = Path(order["programs"])
        self._data = Path(order["folder"]) / "postgres"
        self._making = self._data.with_name("postgres.making")
        self._sockets = Path(order["sockets"])
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._child: subprocess.Popen[bytes] | None = None
        self._prefix, self._identity = _unprivileged(self._programs, self._data, self._sockets)

    def start(self) -> None:
        """Make the cluster where there is none, and start the server unless it runs already."""
        if not (self._data / "PG_VERSION").exists():
            self._make()
        if self._run("pg_ctl", "status").returncode == 0:
            return  # its keeper was killed
        log = self._data / "server.log"
        options = OPTIONS | {"unix_socket_directories": str(self._sockets)}
        words = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            self._child = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                [*self._prefix, str(self._programs / "postgres"), "-D", str(self._data), *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                **self._identity,
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not self._is_ready(self._child.pid):
            # It says that it is ready in a file only.
            time.sleep(0.01)
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failure(_last_line(log.read_text(errors="replace")))

    def stop(self) -> None:
        """End the server's connections and stop it."""
        if self._child is None:
            self._run("pg_ctl", "stop", "-w", "-m", "fast")
            return
        # By the process, not by the files in its folder: somebody may have removed that by now.
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._sockets != self._data:
            with contextlib.suppress(OSError):
                self._sockets.rmdir()

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _make(self) -> None:
        # Beside it and renamed: where this is cut short, the next start finds no half.
        shutil.rmtree(self._making, ignore_errors=True)
        self._making.mkdir(mode=0o700)
        owner = self._data.stat()
        os.chown(self._making, owner.st_uid, owner.st_gid)
        made = self._run(
            "initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", data=self._making,
        )  # fmt: skip
        if made.returncode:
            raise Failure(f"initdb: {_last_line(made.stderr)}")
        self._making.rename(self._data)

    def _run(self, program: str, *words: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [*self._prefix, str(self._programs / program), *words, "-D", str(data or self._data)],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            **self._identity,
        )


def _unprivileged(programs: Path, data: Path, sockets: Path) -> tuple[list[str], dict[str, Any]]:
    """Return a command's prefix and options of `subprocess` under which it doesn't run as root."""
    if os.geteuid() != 0:
        return [], {}
    user = pwd.getpwnam(UNPRIVILEGED_USER)
    for folder in (data, sockets):
        os.chown(folder, user.pw_uid, user.pw_gid)
    if all(_others_may_enter(folder) for folder in (programs, data.parent, sockets.parent)):
        return [], {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # Programs or data lie below a folder that is root's alone, such as /root. Instead of opening that folder
    # to everybody, let these processes pass file permissions, as root itself would have.
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Failure(
            f"{programs} or {data} is closed to the user {UNPRIVILEGED_USER}, whom PostgreSQL runs as: "
            "don't run as root, or choose a folder that everybody may enter"
        )
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*prefix, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"], {}


def _others_may_enter(folder: Path) -> bool:
    """Tell whether everybody may pass through a folder and all above it."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _last_line(text: str | None) -> str:
    """Return what a program said that tells most: its last line that names an error, or its last."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line]
    return (telling or lines or ["it said nothing"])[-1]


def _say(line: str) -> None:
    """Tell whoever started us; that they may be gone already is no error."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), line.encode() + b"\n")


if __name__ == "__main__":
    sys.exit(keep(json.loads(sys.argv[1])))
