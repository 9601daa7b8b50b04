"""What a phone is described by: how it is made, its apps, the nodes of its windows, its log."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flutter_bridge import LogEntry

Rotation = Literal[0, 90, 180, 270]

MODEL: Final = "Flutter_stand_in"
MAX_LOG_LINES: Final = 5_000
"""How many lines of the log are kept, the last ones."""

MAX_LOG_LINE_CHARS: Final = 4_000
"""Android cuts the payload of a line so."""

BASE_DENSITY_DPI: Final = 160
"""Of a phone with the pixel ratio 1."""

_RELEASES: Final = {26: "8.0.0", 28: "9", 29: "10", 30: "11", 31: "12", 32: "12"}


class DeviceGone(Exception):
    """The stand-in was unplugged, or its browser died."""


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """An app that is installed: `url` is where its web build is served, `version` its version code.

    `sha256` is of the package it was installed from; "" where the stand-in was made with it.
    """

    package: str
    activity: str
    url: str
    version: int = 1
    label: str = ""
    version_name: str = ""
    sha256: str = ""

    @property
    def display_name(self) -> str:
        """What people read."""
        return self.label or self.package


@dataclass(frozen=True, slots=True)
class PhoneSetup:
    """How a stand-in is made: its name to adb, its screen in logical pixels, its pixel ratio, its apps.

    Where the web's semantics have two meanings on Android, a `strict` one takes the one that a test is less
    likely to pass with.
    """

    serial: str
    size: tuple[int, int] = (412, 915)
    pixel_ratio: float = 1.0
    sdk: int = 34
    strict: bool = True
    apps: tuple[InstalledApp, ...] = ()

    @property
    def release(self) -> str:
        """The version of Android that the phone says it has."""
        return _RELEASES.get(self.sdk, str(self.sdk - 20))

    @property
    def density_dpi(self) -> int:
        """The screen's dots per inch."""
        return round(self.pixel_ratio * BASE_DENSITY_DPI)


@dataclass(frozen=True, slots=True)
class PixelBounds:
    """A rectangle in physical pixels of the screen; right and bottom are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, box: Sequence[float], pixel_ratio: float) -> PixelBounds:
        """Return a box of logical pixels (left, top, width, height), rounded as Java rounds."""
        left, top, width, height = box
        edges = (left, top, left + width, top + height)
        return cls(*(math.floor(edge * pixel_ratio + 0.5) for edge in edges))

    @property
    def centre(self) -> tuple[int, int]:
        """The middle, as (x, y)."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.right <= self.left or self.bottom <= self.top

    def __str__(self) -> str:
        """Return the bounds as a page source has them."""
        return f"[{self.left},{self.top}][{self.right},{self.bottom}]"


@dataclass(frozen=True, slots=True, eq=False)
class AndroidNode:
    """One node of a window, as `AccessibilityNodeInfo` has it.

    None means that the node doesn't have the attribute, which is another thing than an empty one. `bounds`
    are clipped as a device clips them. `displayed` is Android's "visible to user": children that aren't are
    left out of the page source. `ref` is what the phone that made it knows the node by.
    """

    class_name: str = "android.view.View"
    package: str = ""
    text: str = ""
    content_desc: str | None = None
    resource_id: str | None = None
    hint: str | None = None
    tooltip: str | None = None
    pane_title: str | None = None
    checkable: bool = False
    checked: bool = False
    clickable: bool = False
    enabled: bool = True
    focusable: bool = False
    focused: bool = False
    long_clickable: bool = False
    password: bool = False
    selection: tuple[int, int] | None = None
    scrollable: bool = False
    selected: bool = False
    heading: bool = False
    dismissable: bool = False
    multiline: bool = False
    live_region: int = 0
    is_collection: bool = False
    is_collection_item: bool = False
    important: bool = True
    drawing_order: int = 0
    displayed: bool = True
    bounds: PixelBounds = PixelBounds(0, 0, 0, 0)
    children: tuple[AndroidNode, ...] = ()
    ref: str = ""

    def walk(self) -> Iterator[AndroidNode]:
        """Yield this node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: `at` in Unix seconds, whose it is, and how grave (Android's letter)."""

    at: float
    package: str
    priority: str
    text: str
    tag: str = "flutter"


class PhoneLog:
    """The log of one phone: what its apps print, and the errors that nothing in them catches."""

    PRIORITIES: Final = {"error": "E", "assert": "E", "warning": "W", "debug": "D"}

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MAX_LOG_LINES)
        self._written = 0
        self._more = asyncio.Event()

    def print(self, package: str, entry: LogEntry) -> None:
        """Write down what an app's page printed, a line of its own for each."""
        for text in entry.text.splitlines():
            priority = self.PRIORITIES.get(entry.level, "I")
            self._lines.append(LogLine(entry.at, package, priority, text[:MAX_LOG_LINE_CHARS]))
            self._written += 1
        self._more.set()
        self._more = asyncio.Event()

    def clear(self) -> None:
        """Forget all of it."""
        self._lines.clear()

    def lines(self) -> list[LogLine]:
        """Return the lines there are."""
        return list(self._lines)

    async def follow(self) -> AsyncGenerator[LogLine, None]:
        """Yield the lines there are, and then what comes; who reads too slowly misses some, as on a phone."""
        read = self._written - len(self._lines)
        while True:
            more = self._more
            new = min(self._written - read, len(self._lines))
            read = self._written
            for line in self.lines()[len(self._lines) - new :]:
                yield line
            if read == self._written:
                await more.wait()
