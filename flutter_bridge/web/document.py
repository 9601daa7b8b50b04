"""Asks the document a page shows: reads its semantics, waits for changes, outlives its replacement."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any, TypeVar

from playwright.async_api import Error, Page

from flutter_bridge.clock import now
from flutter_bridge.errors import AppUnreachable
from flutter_bridge.web.dom import Snapshot, parse
from flutter_bridge.web.failures import reaching, replaced, unreachable

T = TypeVar("T")

SCRIPT = files("flutter_bridge.web").joinpath("page.js").read_text(encoding="utf-8")
"""What runs in every document before the app does."""


class Document:
    """The document in a page, whichever that is at the moment; `seconds` bounds the wait for a new one."""

    def __init__(self, page: Page, url: str, *, seconds: float) -> None:
        self._page = page
        self._url = url
        self._seconds = seconds

    async def prepare(self) -> None:
        """Have `page.js` run in every document to come."""
        with reaching(self._url):
            await self._page.add_init_script(SCRIPT)

    async def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of `page.js`; in the next document where this one is replaced meanwhile."""
        until = now() + self._seconds
        while True:
            try:
                return await self.ask_once(function, *arguments)
            except Error as error:
                if not replaced(error) or now() >= until:
                    raise
                if self._page.url.startswith("chrome-error:"):
                    raise AppUnreachable(
                        f"{self._url} can't be reached: is the app running there?"
                    ) from error
                with reaching(self._url):
                    await self._page.wait_for_load_state("domcontentloaded", timeout=self._seconds * 1000)

    async def ask_once(self, function: str, *arguments: object) -> Any:
        """Call a function of `page.js` in this document, and no other."""
        try:
            return await self._page.evaluate(
                "([name, given]) => __flutterBridge[name](...given)", [function, list(arguments)]
            )
        except Error as error:
            reason = unreachable(error, self._url)
            if reason is None:
                raise
            raise reason from error

    async def read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        """Read the semantics; with `after`, once they changed since that version or the time is over."""
        return parse(await self.ask("read", after, seconds * 1000))

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
