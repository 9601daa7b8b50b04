"""Picks a file in the pickers of Android and iOS: other apps, whose screens can be read all the same.

DocumentsUI and both photo pickers on Android, the photo picker on iOS. A photo picker names no file: the
picture that was put on the device is told from others by its pixels, and no other is ever picked.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from flutter_bridge.appium.ios import is_on_simulator
from flutter_bridge.appium.photos import Photo
from flutter_bridge.appium.platform import SLOW_COMMAND_S, DeviceScreen
from flutter_bridge.appium.screens import DeviceScreens, layout
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import PickerMissing, PickerStuck
from flutter_bridge.semantics import Box, Node, Role, Tree
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
ANDROID_DONE_IDS = {"action_menu_select", "button_add", "button_done"}
"""What says that this was all, in any language; newer photo pickers have no ids."""

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

    async def _find_among(
        self, cells: Sequence[Node], before: Sequence[Node], photo: Photo, screen: Box
    ) -> Node | None:
        """Return which of some nodes shows a photo; None where none does, or they moved since `before`."""
        if not cells or [cell.box for cell in cells] != [cell.box for cell in before]:
            return None
        shot, _ = await self._screens.shoot()
        found = await asyncio.to_thread(photo.find, shot, [cell.box for cell in cells], screen=screen)
        return None if found is None else cells[found]

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
            self._find_document(screen, file.name) if kind == "files" else self._find_photo(screen, file)
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
        """Find a file by its name: where the picker opens, else in the downloads, else in any place it has.

        Which of the places are the downloads is told by their name; in a language that isn't known each is
        looked into, from the first one on.
        """
        opened_roots = in_place = False
        seen: set[str] = set()
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
            root = self._root_of(tree, seen)
            drawer = self._drawer_of(tree)
            if root is not None and opened_roots and not in_place:
                await self._tap(root)
                seen.add(root.label)
                in_place = True
            elif drawer is not None and not opened_roots:
                await self._tap(drawer)
                opened_roots = True
            elif in_place and (pane := _find_first(tree, lambda node: node.role is Role.SCROLLABLE)):
                await self._screens.swipe(pane.box, 0.0, pane.box.height * 0.6)
                after = await self._read_again(f"it doesn't offer {name!r}")
                if layout(after.tree) == layout(tree):
                    opened_roots = in_place = False  # this is all there is here
                screen = after
                continue
            elif in_place:
                opened_roots = in_place = False  # an empty place has nothing to scroll
            screen = await self._read_again(f"it doesn't offer {name!r}")

    def _root_of(self, tree: Tree, seen: set[str]) -> Node | None:
        """Return the downloads among the places of an open drawer, or the first that wasn't looked into."""
        named = _find_first(
            tree, lambda node: is_called(node, self._names.downloads, ROOT) and node.role is not Role.HEADING
        )
        if named is not None and named.label not in seen:
            return named
        places = _find_first(tree, lambda node: node.identifier.endswith(":id/roots_list"))
        return next(
            (node for node in places.walk() if node.visible and node.label and node.label not in seen)
            if places is not None
            else iter(()),
            None,
        )

    def _drawer_of(self, tree: Tree) -> Node | None:
        """Return what shows the places: known by its name, or as the first button of the bar on top."""
        named = _find_first(tree, lambda node: is_called(node, self._names.show_roots, SHOW_ROOTS))
        bar = _find_first(tree, lambda node: node.identifier.endswith(":id/toolbar"))
        if named is not None or bar is None:
            return named
        buttons = [node for node in bar.walk() if node.visible and node.role is Role.BUTTON]
        return min(buttons, key=lambda node: node.box.left - bar.box.left, default=None)

    async def _find_photo(self, screen: DeviceScreen, file: Path) -> Node:
        """Find the picture by its pixels: it may not be among the others yet, and those may be private."""
        if file.suffix.lower() not in ANDROID_PICTURES:
            raise PickerStuck(f"it offers photos, and {file.suffix or 'a file without a suffix'} is none")
        photo = await _read_photo(file)
        before: list[Node] = []
        while True:
            cells = _cells(screen.tree, _is_android_photo)
            item = await self._find_among(cells, before, photo, screen.tree.screen)
            if item is not None:
                return item
            before = cells
            screen = await self._read_again(_no_match(len(cells), file.name))

    async def _wait_until_closed(self, item: Node, picked: Interval) -> Interval:
        """Wait until the picker is gone; where it wants to be told that that was all, tell it.

        A picker that is still drawing its list may miss the tap: then the file is tapped again.
        """
        tapped: set[str] = set()
        while True:
            screen = await self._read()
            if screen.app != self._package:
                return picked
            button = _find_first(screen.tree, lambda node: node.enabled and self._is_done(node))
            if button is not None and button.ref not in tapped:
                tapped.add(button.ref)
                picked = await self._tap(button)
            elif now() >= self._until:
                raise PickerStuck("it stays open after the file was tapped")
            elif not tapped and now() > picked.high + MISSED_S and _is_untouched(screen.tree, item):
                picked = await self._tap(item)
            else:
                await self._screens.pause_between_readings()

    def _is_done(self, node: Node) -> bool:
        known = node.identifier.rpartition("/")[2] in ANDROID_DONE_IDS
        return known or is_called(node, self._names.done, ANDROID_DONE)

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
        photo = await _read_photo(file)
        # A plain name goes into the library; what is in it can't be removed again.
        await self._push(file, file.name)
        await open_picker()
        return await self._wait_until_closed(await self._tap(await self._find_photo(photo, file.name)))

    async def _find_photo(self, photo: Photo, name: str) -> Node:
        """Wait until the picture is there and rests, which its pixels tell."""
        before: list[Node] = []
        is_notice_closed = False
        while True:
            screen = await self._read()
            notice = self._close_of_notice(screen.tree)
            if notice is not None and not is_notice_closed:
                is_notice_closed = True
                await self._tap(notice)
                before = []
                continue
            cells = _cells(screen.tree, _is_ios_photo)
            item = await self._find_among(cells, before, photo, screen.tree.screen)
            if item is not None:
                return item
            before = cells
            if now() >= self._until:
                raise PickerStuck(_no_match(len(cells), name)) if cells else _no_photo_error(screen)
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


async def _read_photo(file: Path) -> Photo:
    try:
        return await asyncio.to_thread(Photo.read, file)
    except ValueError as error:
        raise PickerStuck(
            f"it offers photos without their names, and nothing tells which is {file.name}, as that can't be "
            f"read here ({error}): a PNG or a JPEG can"
        ) from error


def _no_match(count: int, name: str) -> str:
    if not count:
        return "it offers no photo"
    others = f"{count} photos" if count > 1 else "one photo"
    return f"it offers {others}, and none looks like {name}: nothing was picked"


def _cells(tree: Tree, fits: Callable[[Node], bool]) -> list[Node]:
    """Return the photos that are wholly on screen."""
    return [node for node in tree if node.visible and fits(node) and _is_whole(node.box, tree.screen)]


def _is_whole(box: Box, screen: Box) -> bool:
    return not box.is_empty and screen.intersection(box) == box


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
