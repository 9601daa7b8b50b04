"""A page with the frames of other origins in it: each is asked by itself, and all are one reading."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NotRequired, TypedDict

import msgspec

from flutter_bridge.errors import DocumentReplaced
from flutter_bridge.occlusion import MIDDLE, Point
from flutter_bridge.semantics import Box
from flutter_bridge.web.page import BrowserPage
from flutter_bridge.web.placement import SEPARATOR, FramePlace

MAX_DEPTH = 5
"""How many frames within each other are looked into."""

TURN_S = 0.05
"""How long one document is waited for where a driver asks one at a time."""

LOOK_S = 0.25
"""How long it takes until a frame is asked again that gave no answer: nobody tells once it can."""

Path = tuple[str, ...]


class _Source(TypedDict):
    version: int
    closed: NotRequired[list[FramePlace]]


class Frames:
    """A page and the frames that it can't look into itself, asked as one document.

    A frame is found by its path: the names of the frames around it, from the page inwards, and its own. The
    name of a node in it begins with that path.
    """

    def __init__(self, page: BrowserPage) -> None:
        self._page = page
        self._versions: dict[Path, int] = {}
        self._places: dict[Path, FramePlace] = {}
        self._is_whole = True
        self._aimed: Path = ()
        self._scrolled: Path = ()

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page."""
        return self._page.patience

    async def wait_for_document(self) -> None:
        """Wait until the page's next document can be asked."""
        await self._page.wait_for_document()

    async def ask(self, function: str, arguments: Sequence[Any]) -> Any:
        """Call a function of `SCRIPT` in the document that it is about."""
        several: dict[str, Callable[..., Awaitable[Any]]] = {
            "read": self._read,
            "rest": self._rest,
            "missed": self._missed,
            "reach": self._reach,
            "moved": self._read_after_move,
            "quiet": self._quiet,
            "back": self._back,
        }
        if function in several:
            return await several[function](*arguments)
        if arguments and isinstance(arguments[0], str):
            *path, name = arguments[0].split(SEPARATOR)
            return await self._page.ask(function, [name, *arguments[1:]], path)
        return await self._page.ask(function, list(arguments))

    # Reading

    async def _read(self, after: int, ms: float) -> str:
        if not self._places and self._is_whole:
            return await self._read_all(after, ms)
        if after == sum(self._versions.values()):
            await self._wait(ms)
        return await self._read_all()

    async def _read_all(self, after: int = -1, ms: float = 0) -> str:
        self._versions, self._places, self._is_whole = {}, {}, True
        return await self._read_document((), after, ms)

    async def _read_document(self, path: Path, after: int = -1, ms: float = 0) -> str:
        """Return what a document says, with the readings of its frames by their names."""
        reading: str = await self._page.ask("read", [after, ms], path)
        found = msgspec.json.decode(reading.encode("utf-8", "replace"), type=_Source)
        self._versions[path] = found["version"]
        inner = []
        for place in found.get("closed", ()) if len(path) < MAX_DEPTH else ():
            try:
                within = await self._look_into(path, place)
                text = await self._read_document(within)
            except DocumentReplaced:
                self._is_whole = False  # it is being loaded, or can't be
                continue
            inner.append(f"{msgspec.json.encode(place.name).decode()}:{text}")
        return f'{reading[:-1]},"inner":{{{",".join(inner)}}}}}' if inner else reading

    async def _look_into(self, path: Path, place: FramePlace) -> Path:
        """Tell a frame's document what of it can be seen; returns the frame's path."""
        within = (*path, place.name)
        await self._page.ask("see", [place.seen], within)
        self._places[within] = place
        return within

    async def _wait(self, ms: float) -> None:
        """Wait until one of the documents changes."""
        ms = ms if self._is_whole else min(ms, LOOK_S * 1000)
        if math.isfinite(self.patience):
            await self._page.ask("wait", [self._versions[()], min(ms, TURN_S * 1000)])
            return
        waits = [
            asyncio.ensure_future(self._page.ask("wait", [version, ms], path))
            for path, version in self._versions.items()
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            ends = await asyncio.gather(*waits, return_exceptions=True)
        # The page's own; what became of a frame shows when it is read.
        if isinstance(ends[0], Exception):
            raise ends[0]

    # Acting

    async def _rest(self, name: str, *grid: Any) -> dict[str, Any] | None:
        return await self._rest_in((), name, *grid)

    async def _rest_in(
        self, path: Path, name: str, columns: int, rows: int, anchor: Point, *more: object
    ) -> dict[str, Any] | None:
        """Return a node's box in the document around, with what covers it there and in the frame."""
        frame, _, inner_name = name.partition(SEPARATOR)
        if not inner_name:
            self._aimed = path
            return await self._ask_rest(path, [name, columns, rows, anchor, *more])
        place = await self._place(path, frame)
        if place is None:
            return None
        within = await self._look_into(path, place)
        found = await self._rest_in(within, inner_name, columns, rows, anchor, *more)
        if found is None:
            return None
        box = place.outwards(Box(*found["box"]))
        covers = await self._covers(within, box, columns, rows, anchor) if found["covers"] else []
        is_still = found["still"] and place == await self._place(path, frame)
        return {"box": _sides(box), "still": is_still, "covers": _first_of(covers, found["covers"])}

    async def _ask_rest(self, path: Path, arguments: list[object]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await self._page.ask("rest", arguments, path)
        return found

    async def _place(self, path: Path, frame: str) -> FramePlace | None:
        found = await self._page.ask("frameAt", [frame], path)
        return None if found is None else msgspec.convert(found, FramePlace)

    async def _covers(
        self, within: Path, box: Box, columns: int, rows: int, anchor: Point
    ) -> Sequence[object]:
        """Return what lies over a frame at the spots of a grid over a box of the document around."""
        spots = list(_spots(box, columns, rows, anchor))
        covers: Sequence[object] = await self._page.ask("frameCovers", [within[-1], spots], within[:-1])
        return covers

    async def _missed(self, *point: float) -> Any:
        """Ask each document that a touch went through, from the page inwards, what got it."""
        for depth in range(len(self._aimed) + 1):
            path = self._aimed[:depth]
            if path:
                point = self._places[path].point_inwards((point[0], point[1]))
            other = await self._page.ask("missed", list(point), path)
            if other is not None:
                return other
        return None

    async def _reach(self, sides: Sequence[float], columns: int, rows: int) -> tuple[int, Sequence[object]]:
        """Ask the innermost document that a pane is in, and those around it, what lies over it."""
        self._scrolled, pane = (), Box(*sides)
        over: Sequence[object] = [None] * (columns * rows)
        while (within := self._frame_around(pane)) is not None:
            over = _first_of(over, await self._covers(within, pane, columns, rows, MIDDLE))
            pane = self._places[within].inwards(pane)
            self._scrolled = within
        version, found = await self._page.ask("reach", [_sides(pane), columns, rows], self._scrolled)
        return version, _first_of(over, found)

    def _frame_around(self, pane: Box) -> Path | None:
        inner = (path for path in self._places if path[:-1] == self._scrolled)
        return next((path for path in inner if self._places[path].holds(pane)), None)

    async def _read_after_move(self, *arguments: object) -> str:
        await self._page.ask("moved", list(arguments), self._scrolled)
        return await self._read_all()

    async def _quiet(self, *arguments: object) -> None:
        await self._page.ask("quiet", list(arguments))
        for path in self._places:
            with suppress(DocumentReplaced):
                await self._page.ask("quiet", list(arguments), path)

    async def _back(self, *arguments: object) -> bool:
        """Go back in the history, which is that of all frames together; each hears of its own steps alone."""
        before = [await self._page.ask("steps", [], path) for path in self._places]
        went = await self._page.ask("back", [*arguments, await self._page.ask("born", [])])
        if went is None:
            raise DocumentReplaced("the page went back to another document")
        if went:
            return True
        try:
            return before != [await self._page.ask("steps", [], path) for path in self._places]
        except DocumentReplaced:
            return True  # a frame went back to another document


def _spots(box: Box, columns: int, rows: int, anchor: Point) -> Iterator[Point]:
    """Yield the same place in each cell of a grid, in the order in which the page's script does."""
    for row in range(rows):
        for column in range(columns):
            yield box.at((column + anchor[0]) / columns, (row + anchor[1]) / rows)


def _first_of(outer: Sequence[object], inner: Sequence[object]) -> list[object]:
    return [over or below for over, below in zip(outer, inner, strict=True)]


def _sides(box: Box) -> list[float]:
    return [box.left, box.top, box.width, box.height]
