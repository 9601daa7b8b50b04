"""Keeps one PostgreSQL server running for as long as anybody uses it: a script, standard library only.

It leaves a child behind and ends. The child starts the server, says so in one line on its standard output
(`ready`, or why not), starts it again whenever it ends, and waits until nobody holds `users.lock` any more.
Then it stops the server and removes a temporary folder. On Linux the server ends with its supervisor even
where that is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

UNPRIVILEGED_USER = "nobody"
"""Whom the server runs as where we are root: PostgreSQL refuses root, and every system has this user."""

START_LIMIT_S = 50.0
STOP_LIMIT_S = 20.0
PAUSES_S = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Before each attempt to start a server that ended; the last for all to come, until one stays."""

STAYS_S = 10.0
_LOOK_S = 0.005
_PR_SET_PDEATHSIG = 1


class SupervisorOptions(TypedDict):
    """What is asked for, as the JSON in this script's one argument."""

    programs: str
    folder: str
    sockets: str
    temporary: bool
    template: str | None
    settings: list[str]


class Failure(Exception):
    """The server can't be started; the text is one line."""


def supervise(options: SupervisorOptions) -> None:
    """Keep the server of a folder running until nobody uses it any more."""
    folder = Path(options["folder"])
    lock = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _report(f"PostgreSQL in {folder} has a supervisor already")
        return
    wakeup = _wake_on_child_end()
    unused = _wake_when_unused(folder)
    server = PostgresServer(options, woken_by=(unused, wakeup))
    try:
        try:
            server.start()
        except (Failure, OSError) as failure:
            _report(f"PostgreSQL in {folder} does not start: {failure}")
            return
        _report("ready")
        _keep_running(server, unused, wakeup)
    finally:
        server.stop()
        if options["temporary"]:
            shutil.rmtree(folder, ignore_errors=True)
        # Who comes now waits for `users.lock`, which we have, and has to find no supervisor then.
        os.close(lock)


def _keep_running(server: PostgresServer, unused: int, wakeup: int) -> None:
    """Start the server again whenever it ends, until it is unused."""
    attempts, until = 0, time.monotonic()
    while True:
        wait = None if server.is_running() else max(0.0, until - time.monotonic())
        readable, _, _ = select.select([unused, wakeup], [], [], wait)
        if unused in readable:
            return
        if wakeup in readable:
            os.read(wakeup, 4096)
        if server.is_running() or time.monotonic() < until:
            continue
        attempts = 0 if server.uptime_s() > STAYS_S else attempts + 1
        until = time.monotonic() + PAUSES_S[min(attempts, len(PAUSES_S) - 1)]
        # Its log says why it can't be; users hear from their connections that it isn't there.
        with contextlib.suppress(Failure, OSError):
            server.start()


class PostgresServer:
    """The server in a folder; whoever waits for it is woken early by two file descriptors."""

    def __init__(self, options: SupervisorOptions, *, woken_by: tuple[int, int]) -> None:
        self._options = options
        self._programs = Path(options["programs"])
        self._data = Path(options["folder"]) / "postgres"
        self._sockets = Path(options["sockets"])
        self._woken_by = woken_by
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Make the cluster where there is none, and start the server; raises `Failure`, `OSError`."""
        first = self._child is None
        self._started = time.monotonic()
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        prefix, identity = _drop_privileges(self._programs, self._data, self._sockets)
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster(prefix, identity)
        if first:
            self._end_abandoned(prefix, identity)
        log = self._data / "server.log"
        program = str(self._programs / "postgres")
        command = [*prefix, program, "-D", str(self._data), *self._options["settings"]]
        with log.open("wb" if first else "ab") as output:
            begun = output.tell()
            self._child = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                preexec_fn=_end_with_parent(),  # noqa: PLW1509 - the other thread here only waits for a lock
                **identity,
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not is_ready(self._data, self._child.pid):
            if self._child.poll() is not None or time.monotonic() > deadline:
                self._child.kill()
                self._child.wait()
                said = log.read_bytes()[begun:].decode(errors="replace")
                raise Failure(_last_line(said) or "it did not get ready")
            # The server says that it is ready in a file only; the pause ends early where there is news.
            readable, _, _ = select.select(self._woken_by, [], [], _LOOK_S)
            if self._woken_by[0] in readable:
                raise Failure("it is wanted no more")

    def stop(self) -> None:
        """Shut the server down: connections are ended, the data is left clean."""
        # By the process, not by the files in its folder: somebody may have removed that by now.
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._sockets != self._data:
            with contextlib.suppress(OSError):
                self._sockets.rmdir()

    def is_running(self) -> bool:
        """Whether the server's process is there."""
        return self._child is not None and self._child.poll() is None

    def uptime_s(self) -> float:
        """Return the seconds since it was last started."""
        return time.monotonic() - self._started

    def _end_abandoned(self, prefix: list[str], identity: dict[str, Any]) -> None:
        """Stop a server whose supervisor was killed: it has nobody to end it, and options of another time."""
        for mode in ("fast", "immediate"):
            if self._run(prefix, identity, "pg_ctl", "status", "-D", str(self._data)).returncode:
                return
            self._run(prefix, identity, "pg_ctl", "stop", "-m", mode, "-t", "15", "-D", str(self._data))
        raise Failure("the one that a killed supervisor left does not stop")

    def _make_cluster(self, prefix: list[str], identity: dict[str, Any]) -> None:
        """Fill the data folder: from the template of an earlier start if there is one, else by `initdb`."""
        owner = self._data.stat()
        template = Path(self._options["template"]) if self._options["template"] else None
        if template is not None and _unpack(template, self._data, owner.st_uid, owner.st_gid):
            return
        # Beside it and renamed: where this is cut short, the next start finds no half.
        making = self._data.with_name("postgres.making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        os.chown(making, owner.st_uid, owner.st_gid)
        made = self._run(
            prefix, identity, "initdb", "-D", str(making), "-U", "postgres", "--auth=trust",
            "--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--no-instructions", *(["--no-sync", "--wal-segsize=1"] if self._options["temporary"] else []),
        )  # fmt: skip
        if made.returncode:
            raise Failure(f"initdb: {_last_line(made.stderr) or 'it said nothing'}")
        making.rename(self._data)
        if template is not None:
            _keep(self._data, template)

    def _run(
        self, prefix: list[str], identity: dict[str, Any], program: str, *words: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [*prefix, str(self._programs / program), *words],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            **identity,
        )


def is_ready(data: Path, pid: int | None = None) -> bool:
    """Whether a server takes connections, as it says itself in its data; with a `pid`, that process."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) > 7 and (pid is None or lines[0].strip() == str(pid)) and lines[7].strip() == "ready"


def _end_with_parent() -> Callable[[], object] | None:
    """Return what a child calls so that it is shut down when we are killed; None where the system can't."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT))


def _unpack(template: Path, data: Path, uid: int, gid: int) -> bool:
    """Fill an empty data folder from the template, say whether that worked."""
    try:
        with tarfile.open(template) as archive:
            for member in archive:
                target = data / member.name
                if member.isdir():
                    target.mkdir(mode=0o700, exist_ok=True)
                else:
                    content = archive.extractfile(member)
                    target.write_bytes(content.read() if content else b"")
                    target.chmod(0o600)
                os.chown(target, uid, gid)
    except (OSError, tarfile.TarError):
        # None was made yet, or it is damaged: then a cluster is made as usual, and kept again.
        for each in data.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
        return False
    return True


def _keep(data: Path, template: Path) -> None:
    """Keep a cluster, whose server doesn't run, as the template; that this can't be done is no error."""
    try:
        template.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Beside it and renamed, so that two starts at once don't see each other's half.
        with tempfile.NamedTemporaryFile(dir=template.parent, delete=False) as aside:
            try:
                with tarfile.open(fileobj=aside, mode="w") as archive:
                    archive.add(data, arcname=".")
                aside.flush()
                os.replace(aside.name, template)  # noqa: PTH105 - both are names
            except BaseException:
                Path(aside.name).unlink()
                raise
    except OSError:
        return


def _drop_privileges(programs: Path, data: Path, sockets: Path) -> tuple[list[str], dict[str, Any]]:
    """Return a command prefix and `subprocess` options under which the server doesn't run as root."""
    if os.geteuid() != 0:
        return [], {}
    user = pwd.getpwnam(UNPRIVILEGED_USER)
    for folder in (data, sockets):
        os.chown(folder, user.pw_uid, user.pw_gid)
    if all(_others_may_enter(folder) for folder in (programs, data.parent, sockets.parent)):
        return [], {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # Programs or data lie below a folder that is root's alone, such as /root. Instead of opening that folder
    # to everybody, let this one process pass file permissions, as root itself would have.
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Failure(
            f"{programs} or {data} is closed to the user {UNPRIVILEGED_USER}, whom PostgreSQL runs as: "
            f"don't run as root, or choose a folder that everybody may enter"
        )
    prefix = [
        setpriv,
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig=INT",
    ]
    return [*prefix, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"], {}


def _others_may_enter(folder: Path) -> bool:
    """Tell whether everybody may pass through a folder and all above it."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _wake_on_child_end() -> int:
    """Return a file descriptor that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _wake_when_unused(folder: Path) -> int:
    """Return a file descriptor that becomes readable when nobody uses the folder's server any more."""
    reader, writer = os.pipe()
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def wait() -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        os.write(writer, b".")

    threading.Thread(target=wait, daemon=True).start()
    return reader


def _last_line(text: str) -> str:
    """Return what a program said that tells most: its last line that names an error, or its last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line]
    return (telling or lines or [""])[-1]


def _report(line: str) -> None:
    """Tell whoever started us, who waits for the end of our output; that they may be gone is no error."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), line.encode() + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


if __name__ == "__main__":
    if os.fork() == 0:
        supervise(json.loads(sys.argv[1]))
