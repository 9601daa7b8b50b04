"""Picks a file in the pickers of Android and iOS: other apps, whose screens can be read all the same.

DocumentsUI and both photo pickers on Android, the photo picker on iOS. A photo picker names no file: the
picture that was just put on the device is the newest, so it is the first one.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

from flutter_bridge.appium.ios import is_on_simulator
from flutter_bridge.appium.platform import SLOW_COMMAND_S, DeviceScreen
from flutter_bridge.appium.screens import DeviceScreens, layout
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import PickerMissing, PickerStuck
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.system_names import is_called
from flutter_bridge.text import reads_as

Kind = Literal["files", "photos"]

ANDROID_FOLDER = "/sdcard/Download"
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
ANDROID_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".bmp"}
ANDROID_PHOTO = re.compile(r"^(Photo|Media|Video)\b")
ANDROID_DONE = re.compile(r"^(Add|Done|Open|Select)( \(\d+\))?$", re.IGNORECASE)
ROOT = re.compile(r"^Downloads?$")
SHOW_ROOTS = re.compile(r"^Show roots$")

IOS_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".heic", ".bmp"}
IOS_GRID = "PXGGridLayout-Info"
"""What the picker calls a picture in its grid; older ones only have a label."""

IOS_PHOTO = re.compile(r"^Photo\b")
IOS_DONE = re.compile(r"^(Add|Done)( \(\d+\))?$")
IOS_NOTICE = re.compile(r"photos? (that )?you select", re.IGNORECASE)
IOS_CLOSE = re.compile(r"^Close$")
IOS_FILES = "DocumentManager"
"""A part of the names in the picker of the Files app."""

MISSED_S = 1.5
"""After how long a picker that shows nothing of a tap has missed it."""


class _Picker:
    """What both platforms' pickers are driven with, for one file."""

    def __init__(self, screens: DeviceScreens, *, seconds: float) -> None:
        self._screens = screens
        self._names = screens.session.platform.system_names
        self._until = now() + seconds

    async def _push(self, file: Path, path: str) -> None:
        """Put a file on the device."""
        content = await asyncio.to_thread(file.read_bytes)
        await self._screens.session.script(
            "mobile: pushFile",
            remotePath=path,
            payload=base64.b64encode(content).decode("ascii"),
            seconds=SLOW_COMMAND_S,
        )

    async def _read(self) -> DeviceScreen:
        return (await self._screens.read()).screen

    async def _tap(self, node: Node) -> Interval:
        return await self._screens.tap(node.box.centre)


class AndroidPicker(_Picker):
    """Drives whichever picker comes."""

    _package = ""

    async def choose(self, open_picker: Callable[[], Awaitable[object]], file: Path) -> Interval:
        """Put a file on the device, open the picker and pick it; returns when it was picked."""
        path = f"{ANDROID_FOLDER}/{file.name}"
        # The app may read the file long after it was picked.
        self._screens.undo_at_close(
            lambda: self._screens.session.script("mobile: deleteFile", remotePath=path)
        )
        await self._push(file, path)
        await open_picker()
        screen, kind = await self._wait_for_picker(file.name)
        self._package = screen.app
        item = await (
            self._find_document(screen, file.name)
            if kind == "files"
            else self._find_photo(screen, file.suffix.lower())
        )
        return await self._wait_until_closed(item, await self._tap(item))

    async def _wait_for_picker(self, name: str) -> tuple[DeviceScreen, Kind]:
        app = self._screens.session.device.app
        while True:
            screen = await self._read()
            kind = self._kind(screen, name) if screen.app != app else None
            if kind is not None:
                return screen, kind
            if now() >= self._until:
                if screen.app != app:
                    seen = screen.dialog.text if screen.dialog is not None else screen.app
                    raise PickerStuck(
                        f"{seen!r} is none that is known: name its package in the target's system_names, "
                        "as one of documents or photos"
                    )
                raise PickerMissing
            await self._screens.pause_between_readings()

    def _kind(self, screen: DeviceScreen, name: str) -> Kind | None:
        """Tell what a screen of another app picks: by its package, or by what is on it."""
        if screen.app in {*DOCUMENTS, *self._names.documents}:
            return "files"
        if screen.app in {*PHOTOS, *self._names.photos}:
            return "photos"
        if screen.dialog is not None:
            return None
        if _find_first(screen.tree, lambda node: node.identifier.rpartition("/")[2] in FILE_IDS) is not None:
            return "files"
        if _find_first(screen.tree, _is_android_photo) is not None:
            return "photos"
        return "files" if _find_first(screen.tree, lambda node: _is_file(node, name)) is not None else None

    async def _find_document(self, screen: DeviceScreen, name: str) -> Node:
        """Find a file by its name: where the picker opens, else in the downloads."""
        opened_roots = in_downloads = False
        before: Tree | None = None
        while True:
            tree = screen.tree
            item = _find_first(tree, lambda node: _is_file(node, name))
            if item is not None:
                return item
            if before is None or layout(before) != layout(tree):
                # It may still be drawing its list: what is tapped now would lie over the file.
                before, screen = tree, await self._read_again(f"it doesn't offer {name!r}")
                continue
            root = _find_first(
                tree,
                lambda node: is_called(node, self._names.downloads, ROOT) and node.role is not Role.HEADING,
            )
            drawer = _find_first(tree, lambda node: is_called(node, self._names.show_roots, SHOW_ROOTS))
            if root is not None and opened_roots and not in_downloads:
                await self._tap(root)
                in_downloads = True
            elif drawer is not None and not opened_roots:
                await self._tap(drawer)
                opened_roots = True
            elif in_downloads and (pane := _find_first(tree, lambda node: node.role is Role.SCROLLABLE)):
                await self._screens.swipe(pane.box, 0.0, pane.box.height * 0.6)
            screen = await self._read_again(f"it doesn't offer {name!r}")

    async def _find_photo(self, screen: DeviceScreen, suffix: str) -> Node:
        """Find the newest picture."""
        if suffix not in ANDROID_PICTURES:
            raise PickerStuck(f"it offers photos, and {suffix or 'a file without a suffix'} is none")
        before: Node | None = None
        while True:
            item = _find_first(screen.tree, _is_android_photo)
            if item is not None and before is not None and item.box == before.box:
                return item
            before = item
            screen = await self._read_again("it offers no photo")

    async def _wait_until_closed(self, item: Node, picked: Interval) -> Interval:
        """Wait until the picker is gone; where it wants to be told that that was all, tell it.

        A picker that is still drawing its list may miss the tap: then the file is tapped again.
        """
        tapped: set[str] = set()
        while True:
            screen = await self._read()
            if screen.app != self._package:
                return picked
            button = _find_first(
                screen.tree, lambda node: node.enabled and is_called(node, self._names.done, ANDROID_DONE)
            )
            if button is not None and button.ref not in tapped:
                tapped.add(button.ref)
                picked = await self._tap(button)
            elif now() >= self._until:
                raise PickerStuck("it stays open after the file was tapped")
            elif not tapped and now() > picked.high + MISSED_S and _is_untouched(screen.tree, item):
                picked = await self._tap(item)
            else:
                await self._screens.pause_between_readings()

    async def _read_again(self, trouble: str) -> DeviceScreen:
        if now() >= self._until:
            raise PickerStuck(trouble)
        await self._screens.pause_between_readings()
        screen = await self._read()
        if screen.app == self._screens.session.device.app:
            raise PickerStuck("it closed before a file was picked")
        return screen


class IOSPicker(_Picker):
    """Drives the photo picker, which takes pictures only."""

    async def choose(self, open_picker: Callable[[], Awaitable[object]], file: Path) -> Interval:
        """Put a picture into the library, open the picker and pick it; returns when it was picked."""
        if file.suffix.lower() not in IOS_PICTURES:
            raise PickerStuck(
                f"a photo library takes pictures, and {file.suffix or 'a file without a suffix'} is none"
            )
        if not is_on_simulator(self._screens.session):
            raise PickerStuck(
                "nothing puts a picture into the photo library of a real device: use a simulator"
            )
        # A plain name goes into the library; what is in it can't be removed again.
        await self._push(file, file.name)
        await open_picker()
        return await self._wait_until_closed(await self._tap(await self._find_photo()))

    async def _find_photo(self) -> Node:
        """Wait until the newest picture is there and rests."""
        before: Node | None = None
        is_notice_closed = False
        while True:
            screen = await self._read()
            notice = self._close_of_notice(screen.tree)
            if notice is not None and not is_notice_closed:
                is_notice_closed = True
                await self._tap(notice)
                before = None
                continue
            photo = _find_first(screen.tree, _is_ios_photo)
            if photo is not None and before is not None and photo.box == before.box:
                return photo
            before = photo
            if now() >= self._until:
                raise _no_photo_error(screen)
            await self._screens.pause_between_readings()

    async def _wait_until_closed(self, picked: Interval) -> Interval:
        """Wait until the picker is gone; where it wants to be told that that was all, tell it."""
        tapped: set[str] = set()
        while True:
            screen = await self._read()
            if _find_first(screen.tree, _is_ios_photo) is None:
                return picked
            button = _find_first(screen.tree, self._is_done)
            if button is not None and button.ref not in tapped:
                tapped.add(button.ref)
                picked = await self._tap(button)
            elif now() >= self._until:
                raise PickerStuck("it stays open after the picture was tapped")
            else:
                await self._screens.pause_between_readings()

    def _is_done(self, node: Node) -> bool:
        return node.role is Role.BUTTON and node.enabled and is_called(node, self._names.done, IOS_DONE)

    def _close_of_notice(self, tree: Tree) -> Node | None:
        """Return the button that closes the notice on privacy, which may cover the pictures."""
        has_notice = _find_first(tree, lambda node: bool(IOS_NOTICE.search(node.label))) is not None
        known = IOS_CLOSE if has_notice else None
        return _find_first(
            tree, lambda node: node.role is Role.BUTTON and is_called(node, self._names.close, known)
        )


PICKERS: Mapping[str, type[AndroidPicker | IOSPicker]] = {"Android": AndroidPicker, "iOS": IOSPicker}
"""How a file is picked on each platform."""


def _find_first(tree: Tree, fits: Callable[[Node], bool]) -> Node | None:
    return next((node for node in tree if node.visible and fits(node)), None)


def _is_untouched(tree: Tree, item: Node) -> bool:
    """Whether what was tapped is where it was, and was not taken note of."""
    return any(
        (node.box, node.label, node.selected) == (item.box, item.label, item.selected) for node in tree
    )


def _is_file(node: Node, name: str) -> bool:
    is_root = node.identifier.endswith((":id/container_roots", ":id/roots_list"))
    return reads_as(node.label, name) and not is_root


def _is_android_photo(node: Node) -> bool:
    return node.identifier.endswith(":id/icon_thumbnail") or bool(ANDROID_PHOTO.match(node.label))


def _is_ios_photo(node: Node) -> bool:
    return node.identifier == IOS_GRID or (node.role is Role.IMAGE and bool(IOS_PHOTO.match(node.label)))


def _no_photo_error(screen: DeviceScreen) -> Exception:
    if screen.dialog is not None:
        return PickerStuck(f"{screen.dialog.text!r} is asked instead")
    if _find_first(screen.tree, lambda node: IOS_FILES in node.identifier) is not None:
        return PickerStuck("it is that of the Files app; only the photo library's is driven")
    return PickerMissing()
