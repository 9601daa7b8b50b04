"""The files on a stand-in: a folder on this host that goes with it."""

from __future__ import annotations

import os
import posixpath
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SHARED: Final = "/sdcard"
"""The storage that apps and the system's picker share."""

ALIASES: Final = ("/storage/emulated/0", "/storage/self/primary", "/mnt/sdcard", "/data/media/0")

LARGEST: Final = 512 * 2**20
"""How many bytes a stand-in holds at most."""

TICK: Final = 1000
"""Nanoseconds by which a file is younger than the one written before it, at least."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder on the phone; `changed` in Unix seconds, `size` in bytes."""

    path: str
    is_folder: bool
    size: int
    changed: float

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.path)


class Files:
    """What lies on the phone; paths are the phone's, absolute. Blocks: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0
        self.host(SHARED + "/Download").mkdir(parents=True)

    def host(self, path: str) -> Path:
        """Return where a path of the phone is on this host; raises `ValueError` where it isn't absolute."""
        if not path.startswith("/") or "\0" in path:
            raise ValueError(f"{path!r} is no absolute path on the phone")
        # normpath goes no higher than the root, so nothing outside of the folder is reached.
        clean = posixpath.normpath(path).lstrip("/")
        for alias in ALIASES:
            if f"/{clean}/".startswith(f"{alias}/"):
                clean = (SHARED + f"/{clean}"[len(alias) :]).lstrip("/")
                break
        place = self._folder / clean
        # An app's page puts no link there, but whoever has the folder may.
        if not place.resolve().is_relative_to(self._folder.resolve()):
            raise ValueError(f"{path!r} leads out of the phone")
        return place

    def write(self, path: str, content: bytes) -> None:
        """Write a file and the folders it needs; raises `OSError` where that can't be done."""
        held = sum(entry.stat().st_size for entry in self._folder.rglob("*") if entry.is_file())
        if held + len(content) > LARGEST:
            raise OSError(f"no space left on the phone: it holds {LARGEST // 2**20} MB")
        target = self.host(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        # A file system's clock may stand still between two files: the later one stays the later one.
        self._written = max(time.time_ns(), self._written + TICK)
        os.utime(target, ns=(self._written, self._written))

    def read(self, path: str) -> bytes:
        """Read a file; raises `FileNotFoundError`."""
        return self.host(path).read_bytes()

    def remove(self, path: str) -> None:
        """Remove a file or a folder with all in it; nothing happens where there is none."""
        target = self.host(path)
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def entries(self, folder: str, *, below: bool = False) -> list[Entry]:
        """Return what lies in a folder, by name; with `below` the files in the folders in it too."""
        base = self.host(folder)
        if not base.is_dir():
            return []
        found = []
        for path in sorted(base.rglob("*") if below else base.iterdir()):
            state = path.stat()
            inside = path.relative_to(base).as_posix()
            found.append(
                Entry(f"{folder.rstrip('/')}/{inside}", path.is_dir(), state.st_size, state.st_mtime)
            )
        return [entry for entry in found if not entry.is_folder] if below else found
