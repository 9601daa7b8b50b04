"""What an app in a browser needs of its page, whoever drives the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from flutter_bridge.clock import Interval
from flutter_bridge.frames import FrameSource
from flutter_bridge.log_entries import LogEntry
from flutter_bridge.semantics import Box

SCRIPT = files("flutter_bridge.web").joinpath("page.js").read_text(encoding="utf-8")
"""What runs in every document before the app does."""


class DocumentReplaced(Exception):
    """The document was replaced while something ran in it: the same can be asked of the next one."""


class NoFileChooser(Exception):
    """Nothing asked for a file in time."""


class Page(Protocol):
    """A page of a browser: the least that differs between the clients that drive browsers.

    Every method raises `AppUnreachable` where the app, the browser or what drives it is gone.
    """

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page; others wait for its answer meanwhile."""
        ...

    async def prepare(self) -> None:
        """Have `page.js` run in every document to come."""
        ...

    async def load(self, address: str) -> None:
        """Begin to show another address."""
        ...

    async def reload(self) -> None:
        """Begin to show the same address anew."""
        ...

    async def ask(self, function: str, arguments: list[object]) -> Any:
        """Call a function of `page.js`; raises `DocumentReplaced` where the document goes meanwhile."""
        ...

    async def replaced(self) -> None:
        """Wait until the next document can be asked."""
        ...

    async def tap(self, x: float, y: float) -> Interval:
        """Tap a place, as a person does: by touch where the page has touch; returns when it was received."""
        ...

    async def fill(self, ref: str, text: str) -> Interval | None:
        """Replace what the field in a node says; None where it isn't there any more."""
        ...

    async def scroll(self, pane: Box, right: float, down: float) -> None:
        """Begin to move what a pane shows by so many logical pixels."""
        ...

    async def choose_file(self, tap: Callable[[], Awaitable[object]], file: Path, seconds: float) -> Interval:
        """Give a file to what asks for one after a tap; the interval is that of the giving.

        Raises `NoFileChooser` where nothing asks in time.
        """
        ...

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot in physical pixels: encoded, with how many of them make a logical one."""
        ...

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the page while the context is open."""
        ...

    async def console(self) -> list[LogEntry]:
        """Return what the page's documents printed, and the errors that nothing caught; once."""
        ...

    async def shoot_for_evidence(self) -> bytes | None:
        """Take a PNG of what a journey has failed on; None where whoever drives the browser keeps one."""
        ...

    async def close(self) -> None:
        """Close the page and what was opened for it; does nothing where it is gone already."""
        ...
