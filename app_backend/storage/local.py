"""Files in a folder of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from app_backend.storage.base import StorageUnavailable, StoredFolder, check_name, check_path

AT_ONCE = 1000
"""How many folders are looked at before others get their turn."""


class LocalStorage:
    """Keeps files below one folder. Names that could lead out of it are refused with `ValueError`.

    A folder's files are written aside first, then renamed into place as one: here no reader ever sees a part
    of them. Raises `StorageUnavailable` where `root` can't be made.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        # On the same file system as the folders, so that a rename is one step.
        self._incoming = root / ".incoming"
        with _translate_errors():
            self._incoming.mkdir(parents=True, exist_ok=True)

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder: all of them, or none."""
        target, whole = self._path(folder), {check_name(name): content for name, content in files.items()}
        await asyncio.to_thread(self._put, target, whole)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        return await asyncio.to_thread(self._get, self._path(folder) / check_name(name))

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        await asyncio.to_thread(self._delete, self._path(folder))

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        walk = self._walk()
        while some := await asyncio.to_thread(_next, walk):
            for each in some:
                yield each

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what was written aside, or on its way out, by processes that are gone."""
        return await asyncio.to_thread(self._delete_unfinished, time.time() - older_than_s)

    def _path(self, folder: str) -> Path:
        return self._root.joinpath(*check_path(folder))

    def _put(self, target: Path, files: Mapping[str, bytes]) -> None:
        with _translate_errors(), self._make_folder_aside() as aside:
            for name, content in files.items():
                (aside / name).write_bytes(content)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(target)

    def _get(self, path: Path) -> bytes | None:
        with _translate_errors():
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                # Where everything is gone, such as a disk that isn't mounted, no single file is missing.
                self._incoming.stat()
                return None

    def _delete(self, target: Path) -> None:
        # Renamed first: a folder that is half removed is never seen.
        with (
            _translate_errors(),
            self._make_folder_aside() as aside,
            suppress(FileNotFoundError, NotADirectoryError),
        ):
            target.rename(aside / "removed")

    @contextmanager
    def _make_folder_aside(self) -> Iterator[Path]:
        """Make a folder beside the others, and remove what is left of it."""
        aside = Path(tempfile.mkdtemp(dir=self._incoming))
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _walk(self) -> Iterator[StoredFolder]:
        for folder, below, files in os.walk(self._root):
            if folder == str(self._root):
                below[:] = [each for each in below if each != self._incoming.name]
            elif files:
                # A folder comes and goes as one: it changed when its last file was written.
                try:
                    changed_at = Path(folder).stat().st_mtime
                except FileNotFoundError:
                    continue
                yield StoredFolder(Path(folder).relative_to(self._root).as_posix(), changed_at)

    def _delete_unfinished(self, before: float) -> int:
        removed = 0
        with _translate_errors():
            for aside in self._incoming.iterdir():
                try:
                    if aside.stat().st_mtime >= before:
                        continue
                except FileNotFoundError:
                    continue
                shutil.rmtree(aside, ignore_errors=True)
                removed += not aside.exists()
        return removed


def _next(walk: Iterator[StoredFolder]) -> list[StoredFolder]:
    with _translate_errors():
        return list(islice(walk, AT_ONCE))


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn what the system says into what the interface promises."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"{error.filename}: {error.strerror}") from error
