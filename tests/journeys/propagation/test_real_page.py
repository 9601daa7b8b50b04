"""The whole chain on a real page: Chromium paints, its frames are watched, the page says when it swapped."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from playwright.async_api import BrowserContext, Page

from flutter_bridge import Interval, by, now
from flutter_bridge.web import WebApp, open_web_app
from journeys.pictures import Picture
from journeys.timeline import VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig, ScriptedApp

# A change of an image element is presented some frames later; more on a machine with much else to do.
PAINTED = 0.5


def page_of(old: Picture, new: Picture) -> str:
    """Return a page with a picture that Flutter's semantics could lie over, and a way to have it swapped."""
    sources = [
        f"data:{picture.media_type};base64,{base64.b64encode(picture.encoded).decode()}"
        for picture in (old, new)
    ]
    box = "position:absolute;left:20px;top:10px;width:48px;height:48px"
    return f"""<!doctype html><body style="margin:0;background:#e8e8ee">
      <img style="{box}" src="{sources[0]}">
      <img hidden src="{sources[1]}">
      <flt-semantics-host><flt-semantics id="flt-semantic-node-0">
        <flt-semantics id="flt-semantic-node-1" role="img" aria-label="Avatar of Alice"
          flt-semantics-identifier="header" style="{box}"></flt-semantics>
      </flt-semantics></flt-semantics-host>
      <script>
        const [shown, next] = document.images;
        globalThis.swapAfter = async (ms) => {{
          await next.decode();
          const due = performance.now() + ms;
          return new Promise((done) => setTimeout(() => {{
            shown.src = next.src;
            done(performance.now());
          }}, due - performance.now()));
        }};
      </script>"""


@asynccontextmanager
async def served(html: str) -> AsyncIterator[str]:
    """Serve one page at every path of an address of its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(html)}\r\nConnection: close"
        )
        writer.write(f"{head}\r\n\r\n{html}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def page_and_app(
    new_context: Callable[..., Awaitable[BrowserContext]],
    drawn: tuple[Picture, Picture, Picture],
    tmp_path: Path,
) -> AsyncIterator[tuple[Page, WebApp]]:
    contexts: list[BrowserContext] = []

    async def remembered(**options: object) -> BrowserContext:
        contexts.append(await new_context(**options))
        return contexts[-1]

    async with (
        served(page_of(*drawn[:2])) as url,
        open_web_app(
            new_context=remembered,
            url=url,
            artifacts=tmp_path / "artifacts",
        ) as app,
    ):
        await app.find(by.identifier("header"))
        yield contexts[0].pages[0], app


async def clock_offset(page: Page) -> Interval:
    """Return what has to be added to the page's own clock, in seconds, to get `now()`."""
    before = now()
    reading: float = await page.evaluate("performance.now()") / 1000
    return Interval(before - reading, now() - reading)


@pytest.mark.parametrize("delay_ms", [50, 400])
async def test_what_a_real_page_did_lies_in_the_interval(
    rig: Rig, page_and_app: tuple[Page, WebApp], delay_ms: int
) -> None:
    page, app = page_and_app
    header = rig.place()
    header.played_by = cast("ScriptedApp", app)
    async with rig.change(within=5.0, settle=0.2) as change:
        change.expect(rig.new, on=header)
        await change.arm()
        offset = await clock_offset(page)
        committed = rig.act(change)
        swapped = Interval.at(await page.evaluate("ms => swapAfter(ms)", delay_ms) / 1000) + offset
    (verdict,) = rig.timeline.events_of(VerdictReached)
    measured = verdict.commit_to_visible_s
    assert measured is not None
    assert verdict.source == "screencast"
    # The swap came first and its paint soon after.
    assert measured.high >= swapped.low - committed
    assert measured.low <= swapped.high - committed + PAINTED
