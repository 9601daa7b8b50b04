"""Run one PostgreSQL server for as long as the parent process lives: a script, standard library only.

The parent holds the writing end of this process's standard input. Its end of file is the order to stop, and
it comes whatever way the parent went, a SIGKILL included. Then the server is shut down and, where the data is
temporary, its folder is removed. On standard output stands one line: `ready`, or `failed: why`.
"""

from __future__ import annotations

import contextlib
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
import time
from pathlib import Path
from typing import Any, TypedDict

UNPRIVILEGED_USER = "nobody"
"""Whom the server runs as where we are root: PostgreSQL refuses root, and every system has this user."""

START_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0


class Order(TypedDict):
    """What the parent asks for, as the JSON in this script's one argument."""

    bin_folder: str
    data_folder: str
    socket_folder: str
    remove: list[str]
    template: str | None
    options: list[str]


class Failure(Exception):
    """The server can't be started; the text is one line."""


def run(order: Order) -> int:
    """Start the server, report, and stay until the parent is gone or the server has ended."""
    wakeup = _wake_on_child_end()
    server: subprocess.Popen[bytes] | None = None
    code = 0
    try:
        server = _start(order, wakeup)
        if server is not None:
            _report("ready")
            _wait_for(sys.stdin.fileno(), wakeup, server)
    except (Failure, OSError) as failure:
        _report(f"failed: {failure}")
        code = 1
    finally:
        if server is not None:
            _stop(server)
        # Nothing else of ours may be gone before the parent is: it may still be reading from that folder.
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        for folder in order["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _start(order: Order, wakeup: int) -> subprocess.Popen[bytes] | None:
    """Create the cluster where there is none, start the server and wait until it takes connections."""
    data = Path(order["data_folder"])
    bin_folder = Path(order["bin_folder"])
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix, identity = _unprivileged(bin_folder, data, Path(order["socket_folder"]))
    if not (data / "PG_VERSION").exists():
        _make_cluster(order, bin_folder, data, prefix, identity)
    log = data / "server.log"
    command = [*prefix, str(bin_folder / "postgres"), "-D", str(data), *order["options"]]
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - our own programs
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **identity
        )
    deadline = time.monotonic() + START_LIMIT_S
    while not _is_ready(data, server.pid):
        ended = server.poll() is not None
        if ended or time.monotonic() > deadline:
            server.kill()
            server.wait()
            reason = _last_line(log.read_text(errors="replace"))
            raise Failure(f"PostgreSQL in {data}: {reason or 'it did not get ready'}")
        # The server says that it is ready in a file only; the pause ends early when it or the parent ends.
        readable, _, _ = select.select([sys.stdin.fileno(), wakeup], [], [], 0.005)
        if sys.stdin.fileno() in readable:
            _stop(server)
            return None
    return server


def _make_cluster(
    order: Order, bin_folder: Path, data: Path, prefix: list[str], identity: dict[str, Any]
) -> None:
    """Fill the data folder: from the template of an earlier start where there is one, else by `initdb`."""
    owner = data.stat()
    template = Path(order["template"]) if order["template"] else None
    if template is not None and _unpack(template, data, owner.st_uid, owner.st_gid):
        return
    command = [*prefix, str(bin_folder / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--no-instructions", *(["--no-sync", "--wal-segsize=1"] if order["template"] else [])]
    made = subprocess.run(  # noqa: S603 - our own programs
        command, capture_output=True, text=True, check=False, cwd="/", **identity
    )
    if made.returncode:
        raise Failure(f"initdb in {data}: {_last_line(made.stderr)}")
    if template is not None:
        _keep(data, template)


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
        # None was made yet, or it is damaged: then a cluster is made as usual, and kept anew.
        _empty(data)
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


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


def _unprivileged(bin_folder: Path, data: Path, sockets: Path) -> tuple[list[str], dict[str, Any]]:
    """Return a command prefix and `subprocess` options under which the server doesn't run as root."""
    if os.geteuid() != 0:
        return [], {}
    user = pwd.getpwnam(UNPRIVILEGED_USER)
    for folder in (data, sockets):
        os.chown(folder, user.pw_uid, user.pw_gid)
    if all(_others_may_enter(folder) for folder in (bin_folder, data.parent, sockets.parent)):
        return [], {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # Programs or data lie below a folder that is root's alone, such as /root. Instead of opening that folder
    # to everybody, let this one process pass file permissions, as root itself would have.
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Failure(
            f"{bin_folder} or {data} is closed to the user {UNPRIVILEGED_USER}, whom PostgreSQL runs as: "
            f"don't run as root, or choose a folder that everybody may enter"
        )
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*prefix, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"], {}


def _others_may_enter(folder: Path) -> bool:
    """Tell whether everybody may pass through a folder and all above it."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _is_ready(data: Path, pid: int) -> bool:
    """Tell whether the server of this process id takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _wake_on_child_end() -> int:
    """Return a file descriptor that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _wait_for(stdin: int, wakeup: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the parent is gone or the server has ended."""
    while server.poll() is None:
        readable, _, _ = select.select([stdin, wakeup], [], [])
        if stdin in readable:
            return
        os.read(wakeup, 4096)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Shut the server down: connections are ended, the data is left clean."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _last_line(text: str) -> str:
    """Return what a program said that tells most: its last line that names an error, or its last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line]
    return (telling or lines or [""])[-1]


def _report(line: str) -> None:
    """Tell the parent; that it may be gone already is no error."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), line.encode() + b"\n")


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.argv[1])))
