"""A driver that answers what a test tells it to, without a browser or a device."""

# ruff: noqa: ARG002 - a driver is asked for more than tests need

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from flutter_bridge import Box, BridgeError, FrameSource, Interval, Node, Role, Tree
from flutter_bridge.driver import Driver, EntryAttempt, Reading
from flutter_bridge.errors import CommandRefused
from flutter_bridge.finders import Finder
from flutter_bridge.keys import KeyPress
from flutter_bridge.occlusion import MIDDLE, Anchor, Cover, Point
from flutter_bridge.text import TextEntry
from flutter_bridge.touch import Finger

SCREEN = Box(0, 0, 400, 300)
BUTTON = Node(Role.BUTTON, "press", "Press me", box=Box(0, 0, 100, 40))
FIELD = Node(Role.TEXT_FIELD, "name", box=Box(0, 50, 100, 40), obscured=True)
MOMENT = Interval(1, 2)


class ScriptedDriver(Driver):
    """Shows one screen after the other, the last one for good; `calls` is what it was asked for."""

    renderer, log_name = "scripted 1", "log"

    def __init__(self, folder: Path, *screens: tuple[Node, ...]) -> None:
        super().__init__(artifacts=folder, target="scripted")
        self.screens = list(screens or [(BUTTON, FIELD)])
        self.spots: list[Point | Cover | None] = []
        self.taken_by: str | None = None
        self.entered: list[EntryAttempt | None] = []
        self.picker: BridgeError | None = None
        self.refuses: str | None = None
        self.calls: list[object] = []

    async def start(self, address: str | None) -> None:
        self.calls.append(("start", address))

    async def open(self, address: str) -> None:
        self.calls.append(("open", address))

    async def restart(self, address: str | None) -> None:
        self.calls.append(("restart", address))

    async def back(self) -> bool:
        return False

    async def check_in_front(self, reading: Reading) -> None:
        self.calls.append("check in front")

    async def read(self) -> Reading:
        screen = self.screens.pop(0) if len(self.screens) > 1 else self.screens[0]
        return Reading(tree=Tree(Node(children=screen), SCREEN), version=len(self.screens))

    async def read_changed(self, after: int = -1, seconds: float = 0.0) -> Reading:
        return await self.read()

    async def readings(self, seconds: float) -> AsyncGenerator[Reading, None]:
        for _ in range(len(self.screens)):
            yield await self.read()

    async def aim(
        self,
        node: Node,
        reading: Reading,
        before: Reading | None,
        *,
        typing: bool,
        until: float,
        anchor: Anchor = MIDDLE,
    ) -> Point | Cover | None:
        return self.spots.pop(0) if self.spots else node.box.at(*anchor)

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool = False) -> Interval:
        self.calls.append(("touch", [list(finger) for finger in fingers], on_screen))
        return MOMENT

    async def press(self, key: KeyPress) -> Interval:
        if self.refuses is not None:
            raise CommandRefused(self.refuses)
        self.calls.append(("press", str(key)))
        return MOMENT

    async def tap(self, point: Point) -> Interval:
        self.calls.append(("tap", point))
        return MOMENT

    async def tap_interceptor(self, point: Point) -> str | None:
        return self.taken_by

    async def hide_keyboard(self) -> None:
        self.calls.append("hide keyboard")

    async def enter(
        self,
        finder: Finder,
        field: Node,
        entry: TextEntry,
        *,
        until: float,
    ) -> EntryAttempt | None:
        self.calls.append(("enter", entry.text))
        return self.entered.pop(0)

    async def choose_file(
        self,
        open_picker: Callable[[], Awaitable[object]],
        file: Path,
        seconds: float,
    ) -> Interval:
        await open_picker()
        if self.picker is not None:
            raise self.picker
        return MOMENT

    async def scroll(self, pane: Box, right: float, down: float) -> Reading:
        return await self.read()

    async def shoot(self) -> tuple[bytes, float]:
        return b"a picture", 1.0

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        raise NotImplementedError

    async def shoot_for_evidence(self) -> bytes | None:
        raise BridgeError("this screen must not be photographed")

    async def log(self, *, since: float) -> Iterable[str]:
        return ["typed hunter2000"]

    async def close(self) -> None:
        self.calls.append("close")
