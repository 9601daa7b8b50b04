"""How exactly a change on a stand-in is timed, by MJPEG and by screenshots; and whether that is true.

The truth is that of the propagation bench, `_presented.js`, asked over the debugging port of the Chromium in
which the stand-in shows the app: neither Appium nor the stand-in's camera takes part in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
from playwright.async_api import Browser, Page, async_playwright

from benches._appium_place import Place
from benches._presented import SCRIPT
from benches.propagation import Bench, Trial
from journeys.targets import FrameKind

KINDS: Final[tuple[FrameKind, ...]] = ("mjpeg", "screenshots")
DELAYS_MS: Final = (0, 300, 600, 1100, 1500)


async def widths(place: Place, *, debugging_port: int, trials: int) -> dict[FrameKind, list[Trial]]:
    """Measure so many changes of each delay through each kind of frames, by turns."""
    done: dict[FrameKind, list[Trial]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        async with _opened(place, kind, debugging_port) as bench:
            for _ in range(trials):
                for delay in DELAYS_MS:
                    done[kind].append(await _told(kind, bench, delay / 1000))
    return done


async def _told(kind: str, bench: Bench, delay: float) -> Trial:
    trial = await bench.trial(delay)
    if trial.wrong or trial.inside is False or trial.verdict == "error":
        print(f"  {kind} {delay * 1000:.0f} ms: {trial}")
    return trial


@asynccontextmanager
async def _opened(place: Place, kind: FrameKind, debugging_port: int) -> AsyncIterator[Bench]:
    async with (
        async_playwright() as playwright,
        httpx.AsyncClient(base_url=place.backend_url, trust_env=False) as http,
        place.cast(frames=kind) as cast,
    ):
        bob, alice = await cast.member("bob"), await place.backend.create_person("Alice")
        browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{debugging_port}")
        page = await _signed_in(browser)
        await page.evaluate(SCRIPT.read_text(encoding="utf-8"))
        bench = Bench(cast=cast, backend=place.backend, http=http, bob=bob, page=page, alice=alice)
        await bench.prepare()
        yield bench
        await browser.close()


async def _signed_in(browser: Browser) -> Page:
    """Return the page of the app in which somebody is signed in."""
    pages = [page for context in browser.contexts for page in context.pages]
    shows = "!!document.querySelector('[flt-semantics-identifier=\"header-avatar\"]')"
    found = [page for page in pages if await page.evaluate(shows)]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} of the stand-ins' {len(pages)} pages show an app that is signed in")
    return found[0]


def known(trials: Sequence[Trial]) -> list[float]:
    """Return the widths of what was measured, in milliseconds."""
    return [trial.measured.width * 1000 for trial in trials if trial.measured is not None]
