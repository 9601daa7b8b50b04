"""Picks a file in the pickers Android shows: DocumentsUI, and both photo pickers.

A photo picker names no file: the one that was just put on the device is the newest, so it is the first one.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from flutter_bridge.appium.platform import SLOW_COMMAND, PickerMissing, PickerStuck, Picking, Screen
from flutter_bridge.appium.screens import layout
from flutter_bridge.clock import Interval, now
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called
from flutter_bridge.text import reads_as

Kind = Literal["files", "photos"]

FOLDER = "/sdcard/Download"
"""Where a file is put to be picked: every picker offers it, and no permission is needed."""

FILE_IDS = ("dir_list", "item_root", "container_roots", "roots_list", "drawer_roots")
"""The ids that make a screen a picker of files, whichever package it is of."""

DOCUMENTS = ("com.google.android.documentsui", "com.android.documentsui")
PHOTOS = (
    "com.google.android.providers.media.module",
    "com.android.providers.media.module",
    "com.google.android.photopicker",
    "com.android.photopicker",
)
PHOTO = re.compile(r"^(Photo|Media|Video)\b")
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".bmp"}
ROOT = re.compile(r"^Downloads?$")
DONE = re.compile(r"^(Add|Done|Open|Select)( \(\d+\))?$", re.IGNORECASE)
SHOW_ROOTS = re.compile(r"^Show roots$")

MISSED = 1.5
"""Seconds after which a picker that shows nothing of a tap has missed it."""


class AndroidPicker:
    """Drives whichever picker comes, for one file."""

    def __init__(self, app: Picking, *, seconds: float, names: SystemNames = SystemNames()) -> None:  # noqa: B008 - it never changes
        self._app = app
        self._names = names
        self._picker = ""
        self._until = now() + seconds

    async def choose(self, opener: Point, file: Path) -> Interval:
        """Put a file on the device, open the picker and pick it; returns when it was picked."""
        session = self._app.session
        remote = f"{FOLDER}/{file.name}"
        content = await asyncio.to_thread(file.read_bytes)
        # The app may read the file long after it was picked.
        self._app.afterwards(lambda: session.script("mobile: deleteFile", remotePath=remote))
        await session.script(
            "mobile: pushFile",
            remotePath=remote,
            payload=base64.b64encode(content).decode("ascii"),
            seconds=SLOW_COMMAND,
        )
        await self._app.tap_at(opener)
        screen, kind = await self._opened(file.name)
        self._picker = screen.app
        item = await (
            self._document(screen, file.name) if kind == "files" else self._photo(screen, file.suffix.lower())
        )
        return await self._closed(item, await self._app.tap_node(item))

    async def _opened(self, name: str) -> tuple[Screen, Kind]:
        while True:
            screen = await self._app.read()
            kind = self._kind(screen, name) if screen.app != self._app.session.device.app else None
            if kind is not None:
                return screen, kind
            if now() >= self._until:
                if screen.app != self._app.session.device.app:
                    said = screen.dialog.text if screen.dialog is not None else screen.app
                    raise PickerStuck(
                        f"{said!r} is none that is known: name its package in the target's system_names, "
                        "as one of documents or photos"
                    )
                raise PickerMissing
            await self._app.pause()

    def _kind(self, screen: Screen, name: str) -> Kind | None:
        """Tell what a screen of another app picks: by its package, or by what is on it."""
        if screen.app in {*DOCUMENTS, *self._names.documents}:
            return "files"
        if screen.app in {*PHOTOS, *self._names.photos}:
            return "photos"
        if screen.dialog is not None:
            return None
        if _first(screen.tree, lambda node: node.identifier.rpartition("/")[2] in FILE_IDS) is not None:
            return "files"
        if _first(screen.tree, _is_photo) is not None:
            return "photos"
        return "files" if _first(screen.tree, lambda node: _is_file(node, name)) is not None else None

    async def _document(self, screen: Screen, name: str) -> Node:
        """Find a file by its name: where the picker opens, else in the downloads."""
        opened_roots = in_downloads = False
        before: Tree | None = None
        while True:
            tree = screen.tree
            item = _first(tree, lambda node: _is_file(node, name))
            if item is not None:
                return item
            if before is None or layout(before) != layout(tree):
                # It may still be drawing its list: what is tapped now would lie over the file.
                before, screen = tree, await self._next(f"it doesn't offer {name!r}")
                continue
            root = _first(
                tree,
                lambda node: is_called(node, self._names.downloads, ROOT) and node.role is not Role.HEADING,
            )
            drawer = _first(tree, lambda node: is_called(node, self._names.show_roots, SHOW_ROOTS))
            if root is not None and opened_roots and not in_downloads:
                await self._app.tap_node(root)
                in_downloads = True
            elif drawer is not None and not opened_roots:
                await self._app.tap_node(drawer)
                opened_roots = True
            elif in_downloads and (pane := _first(tree, lambda node: node.role is Role.SCROLLABLE)):
                await self._app.swipe(pane.box, pane.box.height * 0.6)
            screen = await self._next(f"it doesn't offer {name!r}")

    async def _photo(self, screen: Screen, suffix: str) -> Node:
        """Find the newest picture."""
        if suffix not in PICTURES:
            raise PickerStuck(f"it offers photos, and {suffix or 'a file without a suffix'} is none")
        before: Node | None = None
        while True:
            item = _first(screen.tree, _is_photo)
            if item is not None and before is not None and item.box == before.box:
                return item
            before = item
            screen = await self._next("it offers no photo")

    async def _closed(self, item: Node, picked: Interval) -> Interval:
        """Wait until the picker is gone; where it wants to be told that that was all, tell it.

        A picker that is still drawing its list may miss the tap: then the file is tapped again.
        """
        told: set[str] = set()
        while True:
            screen = await self._app.read()
            if screen.app != self._picker:
                return picked
            button = _first(
                screen.tree, lambda node: node.enabled and is_called(node, self._names.done, DONE)
            )
            if button is not None and button.ref not in told:
                told.add(button.ref)
                picked = await self._app.tap_node(button)
            elif now() >= self._until:
                raise PickerStuck("it stays open after the file was tapped")
            elif not told and now() > picked.high + MISSED and _same(screen.tree, item):
                picked = await self._app.tap_node(item)
            else:
                await self._app.pause()

    async def _next(self, trouble: str) -> Screen:
        """Read the picker again."""
        if now() >= self._until:
            raise PickerStuck(trouble)
        await self._app.pause()
        following = await self._app.read()
        if following.app == self._app.session.device.app:
            raise PickerStuck("it closed before a file was picked")
        return following


def _same(tree: Tree, item: Node) -> bool:
    """Whether what was tapped is where it was, and was not taken note of."""
    return any(
        (node.box, node.label, node.selected) == (item.box, item.label, item.selected) for node in tree
    )


def _first(tree: Tree, fits: Callable[[Node], bool]) -> Node | None:
    return next((node for node in tree if node.visible and fits(node)), None)


def _is_file(node: Node, name: str) -> bool:
    return reads_as(node.label, name) and not _is_root(node)


def _is_root(node: Node) -> bool:
    return node.identifier.endswith((":id/container_roots", ":id/roots_list"))


def _is_photo(node: Node) -> bool:
    return node.identifier.endswith(":id/icon_thumbnail") or bool(PHOTO.match(node.label))
