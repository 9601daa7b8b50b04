"""The files on a stand-in, and the system's file picker, Android's DocumentsUI, that shows them."""

from __future__ import annotations

import asyncio
import base64
import io
import mimetypes
import os
import posixpath
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from fake_android.window import SystemWindow

SHARED: Final = "/sdcard"
"""The storage that apps and the system's picker share."""

ALIASES: Final = ("/storage/emulated/0", "/storage/self/primary", "/mnt/sdcard", "/data/media/0")

MAX_STORAGE_BYTES: Final = 512 * 2**20
TICK_NS: Final = 1000
"""By how much a file is younger than the one written before it, at least."""

PICKER_PACKAGE: Final = "com.android.documentsui"
PICKER_ACTIVITY: Final = f"{PICKER_PACKAGE}.picker.PickActivity"
PICKER_ROOTS: Final = {"recent": "Recent", "images": "Images", "downloads": "Downloads", "device": "Stand-in"}
PICKER_FOLDERS: Final = {"downloads": f"{SHARED}/Download", "device": SHARED}
MAX_LISTED_FILES: Final = 200
THUMBNAIL_PX: Final = 96
"""Along a thumbnail's longer side."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or a folder on the phone; `changed` in Unix seconds, `size` in bytes."""

    path: str
    is_folder: bool
    size: int
    changed: float

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.path)


class PhoneFiles:
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
        if held + len(content) > MAX_STORAGE_BYTES:
            raise OSError(f"no space left on the phone: it holds {MAX_STORAGE_BYTES // 2**20} MB")
        target = self.host(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        # A file system's clock may stand still between two files: the later one stays the later one.
        self._written = max(time.time_ns(), self._written + TICK_NS)
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

    def entries(self, folder: str, *, below: bool = False) -> list[FileEntry]:
        """Return what lies in a folder, by name; with `below` the files in the folders in it too."""
        base = self.host(folder)
        if not base.is_dir():
            return []
        found = []
        for path in sorted(base.rglob("*") if below else base.iterdir()):
            state = path.stat()
            place = f"{folder.rstrip('/')}/{path.relative_to(base).as_posix()}"
            found.append(FileEntry(place, path.is_dir(), state.st_size, state.st_mtime))
        return [entry for entry in found if not entry.is_folder] if below else found


class FilePicker:
    """One choice of files. `accept` is what the app asks for: media types and endings, "" for anything."""

    def __init__(self, window: SystemWindow, files: PhoneFiles, *, accept: str, multiple: bool) -> None:
        self._window = window
        self._files = files
        self._accept = accept
        self._multiple = multiple
        self._root = "recent"
        self._folder: str | None = None
        self._drawer = False
        self._chosen: list[str] = []
        self._thumbnails: dict[FileEntry, str] = {}

    async def pick(self) -> list[Path]:
        """Wait for what is picked; nothing where that is left by back."""
        while True:
            await self._window.show(await asyncio.to_thread(self._content))
            kind, _, what = (await self._window.events.get()).partition(":")
            if kind == "back" and not self._step_back():
                return []
            if kind == "roots":
                self._drawer = not self._drawer
            elif kind == "root":
                self._root, self._folder = what, PICKER_FOLDERS.get(what)
                self._drawer, self._chosen = False, []
            elif kind == "folder":
                self._folder = what
            elif (kind == "hold" and self._multiple) or (kind == "file" and self._chosen):
                self._toggle(what)
            elif kind == "file":
                return [self._files.host(what)]
            elif kind == "select":
                return [self._files.host(path) for path in self._chosen]

    def _step_back(self) -> bool:
        """Take back one step; false where that leaves the picker."""
        if self._drawer:
            self._drawer = False
        elif self._chosen:
            self._chosen = []
        elif self._folder is not None and self._is_below_root():
            self._folder = posixpath.dirname(self._folder)
        else:
            return False
        return True

    def _is_below_root(self) -> bool:
        return self._folder != PICKER_FOLDERS.get(self._root)

    def _toggle(self, path: str) -> None:
        if path in self._chosen:
            self._chosen.remove(path)
        else:
            self._chosen.append(path)

    def _content(self) -> Mapping[str, object]:
        """Return what the page shows."""
        title = PICKER_ROOTS[self._root]
        if self._chosen:
            title = f"{len(self._chosen)} selected"
        elif self._folder is not None and self._is_below_root():
            title = posixpath.basename(self._folder)
        return {
            "title": title,
            "drawer": self._drawer,
            "selecting": bool(self._chosen),
            "roots": [
                {"key": key, "title": title, "selected": key == self._root}
                for key, title in PICKER_ROOTS.items()
            ],
            "entries": [self._row(entry) for entry in self._entries()],
        }

    def _entries(self) -> Iterable[FileEntry]:
        if self._folder is not None:
            return self._files.entries(self._folder)[:MAX_LISTED_FILES]
        wanted = "image/*" if self._root == "images" else self._accept
        found = [entry for entry in self._files.entries(SHARED, below=True) if accepts(wanted, entry.name)]
        return sorted(found, key=lambda entry: -entry.changed)[:MAX_LISTED_FILES]

    def _row(self, entry: FileEntry) -> Mapping[str, object]:
        return {
            "path": entry.path,
            "title": entry.name,
            "metadata": "" if entry.is_folder else format_size(entry.size),
            "folder": entry.is_folder,
            "enabled": entry.is_folder or accepts(self._accept, entry.name),
            "selected": entry.path in self._chosen,
            "thumbnail": self._thumbnail(entry),
        }

    def _thumbnail(self, entry: FileEntry) -> str:
        """Return a small picture of a picture as an address, "" of anything else."""
        if entry.is_folder or not accepts("image/*", entry.name):
            return ""
        if entry not in self._thumbnails:
            self._thumbnails[entry] = _thumbnail_url(self._files.host(entry.path))
        return self._thumbnails[entry]


def accepts(accept: str, name: str) -> bool:
    """Whether a file is what an input's `accept` asks for: media types (image/* for any image), endings."""
    wanted = [part.strip().lower() for part in accept.split(",") if part.strip()]
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return not wanted or any(
        name.lower().endswith(part)
        if part.startswith(".")
        else part in {guessed, guessed.partition("/")[0] + "/*", "*/*"}
        for part in wanted
    )


def format_size(size: int) -> str:
    """Return a file's size as Android says it."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.2f} kB" if size < 1_000_000 else f"{size / 1_000_000:.2f} MB"


def _thumbnail_url(path: Path) -> str:
    target = io.BytesIO()
    try:
        with Image.open(path) as picture:
            picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
            picture.convert("RGB").save(target, "JPEG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""  # it is called a picture and is none
    return "data:image/jpeg;base64," + base64.b64encode(target.getvalue()).decode()
