"""Files in a folder of this machine."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

SAFE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)?")


class LocalStorage:
    """Keeps files below one folder. Names that could lead out of it are refused with `ValueError`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # On the same file system as the folders, so that a rename is one step.
        self._incoming = root / ".incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder: written aside first, then renamed into place as one."""
        await asyncio.to_thread(
            self._put, self._path(folder), {_checked(name): files[name] for name in files}
        )

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        path = self._path(folder) / _checked(name)
        return await asyncio.to_thread(_read, path)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        await asyncio.to_thread(self._delete, self._path(folder))

    def _path(self, folder: str) -> Path:
        return self._root.joinpath(*(_checked(part) for part in folder.split("/")))

    def _put(self, target: Path, files: Mapping[str, bytes]) -> None:
        aside = Path(tempfile.mkdtemp(dir=self._incoming))
        try:
            for name, content in files.items():
                (aside / name).write_bytes(content)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _delete(self, target: Path) -> None:
        # Renamed first: a folder that is half removed is never seen.
        aside = Path(tempfile.mkdtemp(dir=self._incoming))
        try:
            target.rename(aside / "removed")
        except FileNotFoundError:
            pass
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _checked(name: str) -> str:
    if not SAFE_NAME.fullmatch(name):
        raise ValueError(f"not a name for a stored file or folder: {name!r}")
    return name
