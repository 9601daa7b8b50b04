"""What an app in a browser needs of its page, whoever drives the browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import wait_until
from flutter_bridge.errors import AppUnreachable, DocumentReplaced
from flutter_bridge.evidence import AppRequest, LogEntry
from flutter_bridge.frames import FrameSource
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger
from flutter_bridge.web.dom import PageReading, parse

_PARTS = ("documents.js", "starting.js", "html.js", "reading.js", "touches.js", "windows.js", "page.js")
_FOLDER = files("flutter_bridge.web")

SCRIPT = "\n".join(
    (
        # A frame of the same origin is looked into from the document around it.
        "(() => {",
        "if (globalThis.__flutterBridge || window.frameElement) return;",
        *(_FOLDER.joinpath(part).read_text(encoding="utf-8") for part in _PARTS),
        "})();",
    )
)
"""What runs in every document before the app does: one script, whose parts share their names."""


class BrowserPage(Protocol):
    """A page of a browser: the least that differs between the clients that drive browsers.

    Every method raises `AppUnreachable` where the app, the browser or what drives it is gone. `heard_request`
    is told of each request, where whoever drives the browser tells.
    """

    heard_request: Callable[[AppRequest], None]

    @property
    def renderer(self) -> str:
        """The browser's name and version; empty where nobody tells."""
        ...

    @property
    def address(self) -> str:
        """Where the page is, without what stands behind the path and may be a secret."""
        ...

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """Addresses that the page asked for in vain, the first of each host; none where nobody tells."""
        ...

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page; others wait for its answer meanwhile."""
        ...

    async def prepare(self) -> None:
        """Have `SCRIPT` run in every document to come."""
        ...

    async def windows(self) -> Sequence[BrowserPage]:
        """Return the windows that were opened from this page and are open, the newest last.

        A question that waits in a page raises `DocumentReplaced` where it would keep who asks from hearing
        of another window.
        """
        ...

    async def load(self, address: str) -> None:
        """Begin to show another address."""
        ...

    async def reload(self) -> None:
        """Begin to show the same address anew."""
        ...

    async def ask(self, function: str, arguments: list[object], path: Sequence[str] = ()) -> Any:
        """Call a function of `SCRIPT`; raises `DocumentReplaced` where the document goes meanwhile.

        `path` leads to a frame's document: the names of the elements of the frames around it, and its own.
        """
        ...

    async def wait_for_document(self) -> None:
        """Wait until the next document can be asked."""
        ...

    async def tap(self, x: float, y: float) -> Interval:
        """Tap a place, as a person does: by touch where the page has touch; returns when it was received."""
        ...

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool) -> Interval:
        """Do a gesture, by touch as a tap is, or in any case `on_screen`; returns when it was received."""
        ...

    async def hover(self, x: float, y: float) -> Interval | None:
        """Move the mouse over a place; None where the page has touch instead."""
        ...

    async def press(self, key: KeyPress) -> Interval:
        """Press a key; returns when it was received."""
        ...

    async def fill(self, ref: str, text: str) -> Interval | None:
        """Replace what the field in a node says; None where it isn't there any more."""
        ...

    async def scroll(self, pane: Box, right: float, down: float) -> None:
        """Begin to move what a pane shows by so many logical pixels."""
        ...

    async def choose_file(self, tap: Callable[[], Awaitable[object]], file: Path, seconds: float) -> Interval:
        """Give a file to what asks for one after a tap; the interval is that of the giving.

        Raises `PickerMissing` where nothing asks in time.
        """
        ...

    async def move_pointer_away(self) -> None:
        """Move the mouse off the page, where it has one."""
        ...

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot in physical pixels: encoded, with how many of them make a logical one."""
        ...

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the page while the context is open."""
        ...

    def network(self, conditions: NetworkConditions) -> AbstractAsyncContextManager[None]:
        """Give the page another network while the context is open; raises `NotSupported` where nobody can."""
        ...

    def mock(self, pattern: str, answer: MockedAnswer) -> AbstractAsyncContextManager[None]:
        """Answer requests to addresses of a pattern in the server's place, in the same way."""
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


T = TypeVar("T")


class Asked(Protocol):
    """What of a page is needed to ask it."""

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page."""
        ...

    async def ask(self, function: str, arguments: list[object]) -> Any:
        """Call a function of `SCRIPT`; raises `DocumentReplaced` where the document goes meanwhile."""
        ...

    async def wait_for_document(self) -> None:
        """Wait until the next document can be asked."""
        ...


class Document:
    """The document in a page, whichever that is at the moment; `seconds` bounds the wait for a new one."""

    def __init__(self, page: Asked, url: str, *, seconds: float) -> None:
        self._page = page
        self._url = url
        self._seconds = seconds

    async def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of `SCRIPT`; in the next document where this one is replaced meanwhile."""
        return await self._ask(function, arguments, arguments)

    async def _ask(self, function: str, arguments: Sequence[object], again: Sequence[object]) -> Any:
        until = now() + self._seconds
        while True:
            try:
                return await self._page.ask(function, list(arguments))
            except DocumentReplaced as error:
                if now() >= until:
                    raise AppUnreachable(
                        f"{self._url} is being loaded for {self._seconds:.1f} s: is the app running there?"
                    ) from error
                arguments = again
                await self._page.wait_for_document()

    async def read(self, after: int = -1, seconds: float = 0.0) -> PageReading:
        """Read the semantics; with `after`, once they changed since that version or the time is over.

        The time is no more than the page's patience.
        """
        # Each document counts its changes by itself: of the next one nothing is known.
        asked = (after, min(seconds, self._page.patience) * 1000)
        return parse(await self._ask("read", asked, (-1, 0)))

    async def readings(self, seconds: float, *, loading: float = 0.0) -> AsyncGenerator[PageReading, None]:
        """Read at once and after every change, until the time is over.

        While a document is being loaded the time stands still, for so many seconds at most.
        """
        until, latest = now() + seconds, now() + loading
        reading = await self.read()
        yield reading
        while (left := until - now()) > 0:
            before = now()
            reading = await self.read(reading.version, left)
            if reading.is_loading and now() < latest:
                until += now() - before
            yield reading

    async def read_until(
        self, answer: Callable[[PageReading], T | None], seconds: float
    ) -> tuple[T | None, PageReading]:
        """Read until `answer` says something; None where it never did, with the last reading."""
        return await wait_until(self.readings(seconds), answer)
