"""Asks the document a page shows: reads its semantics, waits for changes, outlives its replacement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flutter_bridge.clock import now
from flutter_bridge.errors import AppUnreachable
from flutter_bridge.web.dom import Snapshot, parse
from flutter_bridge.web.page import DocumentReplaced, Page

T = TypeVar("T")


class Document:
    """The document in a page, whichever that is at the moment; `seconds` bounds the wait for a new one."""

    def __init__(self, page: Page, url: str, *, seconds: float) -> None:
        self._page = page
        self._url = url
        self._seconds = seconds

    async def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of `page.js`; in the next document where this one is replaced meanwhile."""
        until = now() + self._seconds
        while True:
            try:
                return await self._page.ask(function, list(arguments))
            except DocumentReplaced as error:
                if now() >= until:
                    raise AppUnreachable(
                        f"{self._url} is being loaded for {self._seconds:.1f} s: is the app running there?"
                    ) from error
                await self._page.replaced()

    async def read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        """Read the semantics; with `after`, once they changed since that version or the time is over.

        The time is no more than the page's patience.
        """
        return parse(await self.ask("read", after, min(seconds, self._page.patience) * 1000))

    async def until(self, done: Callable[[Snapshot], T | None], seconds: float) -> tuple[T | None, Snapshot]:
        """Read at once and after every change until `done` says something; None where it never did."""
        until = now() + seconds
        snapshot = await self.read()
        while True:
            answer = done(snapshot)
            left = until - now()
            if answer is not None or left <= 0:
                return answer, snapshot
            snapshot = await self.read(snapshot.version, left)
