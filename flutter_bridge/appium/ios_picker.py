"""Picks a picture in the photo picker of iOS, another process that is in the source all the same.

It names no file: the picture that was just put into the library is the newest, so it is the first one.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path

from flutter_bridge.appium.platform import SLOW_COMMAND, PickerMissing, PickerStuck, Picking, Screen
from flutter_bridge.clock import Interval, now
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called

PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".heic", ".bmp"}
GRID = "PXGGridLayout-Info"
"""What the picker calls a picture in its grid; older ones only have a label."""

PHOTO = re.compile(r"^Photo\b")
DONE = re.compile(r"^(Add|Done)( \(\d+\))?$")
NOTICE = re.compile(r"photos? (that )?you select", re.IGNORECASE)
CLOSE = re.compile(r"^Close$")
FILES = "DocumentManager"
"""A part of the names in the picker of the Files app."""


class IOSPicker:
    """Drives the photo picker, for one picture."""

    def __init__(self, app: Picking, *, seconds: float, names: SystemNames = SystemNames()) -> None:  # noqa: B008 - it never changes
        self._app = app
        self._names = names
        self._until = now() + seconds

    async def choose(self, opener: Point, file: Path, *, simulator: bool) -> Interval:
        """Put a picture into the library, open the picker and pick it; returns when it was picked."""
        if file.suffix.lower() not in PICTURES:
            raise PickerStuck(
                f"a photo library takes pictures, and {file.suffix or 'a file without a suffix'} is none"
            )
        if not simulator:
            raise PickerStuck(
                "nothing puts a picture into the photo library of a real device: use a simulator"
            )
        content = await asyncio.to_thread(file.read_bytes)
        # A plain name goes into the library; what is in it can't be removed again.
        await self._app.session.script(
            "mobile: pushFile",
            remotePath=file.name,
            payload=base64.b64encode(content).decode("ascii"),
            seconds=SLOW_COMMAND,
        )
        await self._app.tap_at(opener)
        return await self._closed(await self._app.tap_node(await self._photo()))

    async def _photo(self) -> Node:
        """Wait until the newest picture is there and rests."""
        before: Node | None = None
        noticed = False
        while True:
            screen = await self._app.read()
            notice = _close_of_notice(screen.tree, self._names)
            if notice is not None and not noticed:
                noticed = True
                await self._app.tap_node(notice)
                before = None
                continue
            photo = _first(screen.tree, _is_photo)
            if photo is not None and before is not None and photo.box == before.box:
                return photo
            before = photo
            if now() >= self._until:
                raise _none_offered(screen)
            await self._app.pause()

    async def _closed(self, picked: Interval) -> Interval:
        """Wait until the picker is gone; where it wants to be told that that was all, tell it."""
        told: set[str] = set()
        while True:
            screen = await self._app.read()
            if _first(screen.tree, _is_photo) is None:
                return picked
            button = _first(screen.tree, lambda node: _is_done(node, self._names))
            if button is not None and button.ref not in told:
                told.add(button.ref)
                picked = await self._app.tap_node(button)
            elif now() >= self._until:
                raise PickerStuck("it stays open after the picture was tapped")
            else:
                await self._app.pause()


def _none_offered(screen: Screen) -> Exception:
    if screen.dialog is not None:
        return PickerStuck(f"{screen.dialog.text!r} is asked instead")
    if _first(screen.tree, lambda node: FILES in node.identifier) is not None:
        return PickerStuck("it is that of the Files app; only the photo library's is driven")
    return PickerMissing()


def _first(tree: Tree, fits: Callable[[Node], bool]) -> Node | None:
    return next((node for node in tree if node.visible and fits(node)), None)


def _is_photo(node: Node) -> bool:
    return node.identifier == GRID or (node.role is Role.IMAGE and bool(PHOTO.match(node.label)))


def _is_done(node: Node, names: SystemNames) -> bool:
    return node.role is Role.BUTTON and node.enabled and is_called(node, names.done, DONE)


def _close_of_notice(tree: Tree, names: SystemNames) -> Node | None:
    """Return the button that closes the notice on privacy, which may cover the pictures."""
    known = CLOSE if _first(tree, lambda node: bool(NOTICE.search(node.label))) is not None else None
    return _first(tree, lambda node: node.role is Role.BUTTON and is_called(node, names.close, known))
