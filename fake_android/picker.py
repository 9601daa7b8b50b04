"""The system's file picker: Android's DocumentsUI over the files that were pushed."""

from __future__ import annotations

import asyncio
import base64
import io
import mimetypes
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from PIL import Image

from fake_android.files import SHARED, Entry, Files
from fake_android.system_window import SystemWindow

PACKAGE: Final = "com.android.documentsui"
ACTIVITY: Final = f"{PACKAGE}.picker.PickActivity"

DEVICE: Final = "Stand-in"
"""What the drawer calls the phone's own storage."""

ROOTS: Final = {"recent": "Recent", "images": "Images", "downloads": "Downloads", "device": DEVICE}
FOLDERS: Final = {"downloads": f"{SHARED}/Download", "device": SHARED}

SHOWN: Final = 200
"""How many files a list shows at most."""

THUMBNAIL: Final = 96
"""Pixels along a thumbnail's side."""


class Picker:
    """One choice of files. `accept` is what the app asks for: media types and endings, "" for anything."""

    def __init__(self, window: SystemWindow, files: Files, *, accept: str, multiple: bool) -> None:
        self._window = window
        self._files = files
        self._accept = accept
        self._multiple = multiple
        self._root = "recent"
        self._folder: str | None = None
        self._drawer = False
        self._chosen: list[str] = []
        self._thumbnails: dict[Entry, str] = {}

    async def pick(self) -> list[Path]:
        """Wait for what is picked; nothing where that is left by back."""
        while True:
            await self._window.show(await asyncio.to_thread(self._told))
            kind, _, what = (await self._window.taken.get()).partition(":")
            if kind == "back" and not self._step_back():
                return []
            if kind == "roots":
                self._drawer = not self._drawer
            elif kind == "root":
                self._root, self._folder = what, FOLDERS.get(what)
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
        elif self._folder is not None and self._folder != FOLDERS.get(self._root):
            self._folder = posixpath.dirname(self._folder)
        else:
            return False
        return True

    def _toggle(self, path: str) -> None:
        if path in self._chosen:
            self._chosen.remove(path)
        else:
            self._chosen.append(path)

    def _told(self) -> Mapping[str, object]:
        """Return what the page shows."""
        title = ROOTS[self._root]
        if self._chosen:
            title = f"{len(self._chosen)} selected"
        elif self._folder is not None and self._folder != FOLDERS.get(self._root):
            title = posixpath.basename(self._folder)
        return {
            "title": title,
            "drawer": self._drawer,
            "selecting": bool(self._chosen),
            "roots": [
                {"key": key, "title": title, "selected": key == self._root} for key, title in ROOTS.items()
            ],
            "entries": [self._row(entry) for entry in self._listed()],
        }

    def _listed(self) -> Iterable[Entry]:
        if self._folder is not None:
            return self._files.entries(self._folder)[:SHOWN]
        wanted = "image/*" if self._root == "images" else self._accept
        found = [entry for entry in self._files.entries(SHARED, below=True) if accepts(wanted, entry.name)]
        return sorted(found, key=lambda entry: -entry.changed)[:SHOWN]

    def _row(self, entry: Entry) -> Mapping[str, object]:
        return {
            "path": entry.path,
            "title": entry.name,
            "metadata": "" if entry.is_folder else size_of(entry.size),
            "folder": entry.is_folder,
            "enabled": entry.is_folder or accepts(self._accept, entry.name),
            "selected": entry.path in self._chosen,
            "thumbnail": self._thumbnail(entry),
        }

    def _thumbnail(self, entry: Entry) -> str:
        """Return a small picture of a picture as an address, "" of anything else."""
        if entry.is_folder or not accepts("image/*", entry.name):
            return ""
        if entry not in self._thumbnails:
            self._thumbnails[entry] = _small(self._files.host(entry.path))
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


def size_of(size: int) -> str:
    """Return a file's size as Android says it."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.2f} kB" if size < 1_000_000 else f"{size / 1_000_000:.2f} MB"


def _small(path: Path) -> str:
    target = io.BytesIO()
    try:
        with Image.open(path) as picture:
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
            picture.convert("RGB").save(target, "JPEG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""  # it is called a picture and is none
    return "data:image/jpeg;base64," + base64.b64encode(target.getvalue()).decode()
