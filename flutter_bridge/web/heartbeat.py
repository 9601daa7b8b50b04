"""Makes pages present frames though nothing on them changes, so that a stream of frames is never silent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from playwright.async_api import Error, Page

FASTEST: Final = 60
"""Beats a second at most: the display's own rate, so that nothing lies between two frames."""

SLOWEST: Final = 20
"""Beats a second at least."""

PER_CORE: Final = 30
"""Beats a second, of all pages together, that a core can spare.

A frame costs about 7 ms of the machine, most of it the browser's for encoding it. With three pages at 60
beats on two cores a picture took twice as long to show as with 20: then it is the observer that misses the
budget.
"""

_beating: dict[Page, _Heartbeat] = {}


def rate(pages: int, *, cores: int) -> int:
    """Return at how many beats a second each of so many pages is kept, watched at once on so many cores."""
    return max(SLOWEST, min(FASTEST, PER_CORE * cores // max(1, pages)))


@asynccontextmanager
async def heartbeat(page: Page) -> AsyncIterator[None]:
    """Keep a page beating while the context is open, through reloads too.

    All that beat at the same time share what the machine can spare: see `rate`.
    """
    heart = _beating.get(page)
    if heart is None:
        heart = _beating[page] = _Heartbeat(page)
    heart.wanted += 1
    try:
        await _share()
        yield
    finally:
        heart.wanted -= 1
        if not heart.wanted:
            del _beating[page]
            await heart.stop()
            await _share()


class _Heartbeat:
    """One page's; `wanted` by so many."""

    def __init__(self, page: Page) -> None:
        self.wanted = 0
        self._page = page
        self._rate = 0
        self._reviving: set[asyncio.Task[None]] = set()
        page.on("domcontentloaded", self._revive)

    async def beat(self, times: int) -> None:
        """Beat so many times a second, if it doesn't yet."""
        if times != self._rate:
            self._rate = times
            await self._tell()

    def _revive(self, _: Page) -> None:
        """Begin anew: another document has no heart yet."""
        task = asyncio.ensure_future(self._tell())
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)

    async def stop(self) -> None:
        """Stand still for good."""
        self._page.remove_listener("domcontentloaded", self._revive)
        await asyncio.gather(*self._reviving)
        await self.beat(0)

    async def _tell(self) -> None:
        # A page that is gone, or has just replaced its document, has no heart: the stamps show the gap.
        with suppress(Error):
            await self._page.evaluate("times => __flutterBridge.beat(times)", self._rate)


async def _share() -> None:
    """Tell every page how fast to beat, now that there are more or fewer."""
    times = rate(len(_beating), cores=cores())
    await asyncio.gather(*(heart.beat(times) for heart in _beating.values()))


def cores() -> int:
    """Return how many processor cores this process may use."""
    # Not all of the machine's, where this process may use some only.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
